#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# slapd, OpenLDAP's directory server: LDAP (with StartTLS) at FW_PORT, LDAPS at FW_PORT+1, nobody reads without a bind.
# Besides the usual schemas it knows Active Directory's attributes. The suffix is dc=ministerium,dc=example; in it
#   cn=admin,...    may write and has no limits; password in FW_DATA/admin.password
#   cn=reader,...   reads, at most 100 entries without paging; password in FW_DATA/reader.password
# The certificate is its own authority, for localhost and FW_HOST: FW_DATA/ca.pem.
NAME=slapd
. "$(dirname "$0")/lib.sh"
PORT=${FW_PORT:-18389}
TLS_PORT=$((PORT + 1))
ADDRESS=ldap://localhost:$PORT
SUFFIX=dc=ministerium,dc=example
PATH=$PATH:/usr/sbin

install_it() {
  command -v slapd >/dev/null && command -v openssl >/dev/null || die "slapd is not installed (tests/stack/system.sh install)"
}

secret() { # secret NAME: made once, without a line break
  [ -s "$FW_DATA/$1.password" ] || (umask 077 && random_hex 18 >"$FW_DATA/$1.password")
  slappasswd -T "$FW_DATA/$1.password"
}

configure() {
  local schema
  mkdir -p "$FW_DATA/db"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost \
    -addext "subjectAltName=DNS:localhost,IP:$FW_HOST" -keyout "$FW_DATA/key.pem" -out "$FW_DATA/ca.pem" 2>/dev/null
  {
    for schema in core cosine inetorgperson nis msuser; do echo "include /etc/ldap/schema/$schema.schema"; done
    cat <<C
pidfile $FW_DATA/own.pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile $FW_DATA/ca.pem
TLSCertificateKeyFile $FW_DATA/key.pem
disallow bind_anon
require authc
sizelimit size.soft=100 size.hard=100 size.prtotal=unlimited
database mdb
suffix "$SUFFIX"
directory $FW_DATA/db
maxsize 268435456
dbnosync
rootdn "cn=admin,$SUFFIX"
rootpw $(secret admin)
access to attrs=userPassword by anonymous auth
access to * by users read
C
  } >"$FW_DATA/slapd.conf"
  slapadd -q -f "$FW_DATA/slapd.conf" >&2 <<L || die "could not make its database"
dn: $SUFFIX
objectClass: dcObject
objectClass: organization
dc: ministerium
o: Ministerium

dn: cn=reader,$SUFFIX
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: $(secret reader)
L
}

start_it() {
  port_must_be_free "$PORT"
  port_must_be_free "$TLS_PORT"
  [ -e "$FW_DATA/db/data.mdb" ] || configure
  # shellcheck disable=SC2046
  daemon $(unprivileged) "$(command -v slapd)" -d 0 -f "$FW_DATA/slapd.conf" \
    -h "ldap://$FW_HOST:$PORT ldaps://$FW_HOST:$TLS_PORT"
  wait_for listens "$TLS_PORT"
}

stop_it() { stop_daemon INT; }

version_it() { slapd -VV 2>&1 | sed -nE 's/.*slapd ([0-9.]+).*/\1/p'; }

main "$@"
