#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# Keycloak, built for its embedded database once, so that a start is that of a plain program. Health on FW_PORT+1.
# The master realm's administrator is "admin"; the password is made here: FW_DATA/admin.password.
NAME=keycloak
. "$(dirname "$0")/lib.sh"
PORT=${FW_PORT:-18080}
HEALTH_PORT=$((PORT + 1))
ADDRESS=http://$FW_HOST:$PORT
DIST=$FW_CACHE/keycloak-$KEYCLOAK_VERSION
FW_WAIT=${FW_WAIT_KEYCLOAK:-300} # a first start makes the tables; on a busy machine that takes minutes

java_home() { # newest Java of the machine that Keycloak supports
  local dir
  for dir in "${JAVA_HOME:-}" $(ls -d /usr/lib/jvm/*25* /usr/lib/jvm/*21* /usr/lib/jvm/*17* 2>/dev/null); do
    [ -x "$dir/bin/java" ] || continue
    echo "$dir"
    return 0
  done
  die "needs Java 17, 21 or 25 (tests/stack/system.sh install)"
}

install_it() {
  [ ! -e "$DIST/.built" ] || return 0
  command -v mvn >/dev/null || die "needs Maven to fetch Keycloak $KEYCLOAK_VERSION (tests/stack/system.sh install)"
  say "fetching and building Keycloak $KEYCLOAK_VERSION (once; some minutes)"
  local zip=$FW_CACHE/keycloak.zip artifact=org.keycloak:keycloak-quarkus-dist:$KEYCLOAK_VERSION:zip
  (
    export JAVA_HOME; JAVA_HOME=$(java_home)
    rm -rf "$DIST"
    mvn -q -B dependency:get -Dartifact="$artifact" -Dtransitive=false
    mvn -q -B dependency:copy -Dartifact="$artifact" -DoutputDirectory="$FW_CACHE" -Dmdep.stripVersion=true
    mv "$FW_CACHE/keycloak-quarkus-dist.zip" "$zip"
    (cd "$FW_CACHE" && python3 -m zipfile -e "$zip" .)
    rm "$zip"
    chmod +x "$DIST"/bin/*.sh
    nice "$DIST/bin/kc.sh" build --db dev-file --health-enabled true
    rm -rf "$DIST/data"
    touch "$DIST/.built"
  ) >&2
}

ready() { # an HTTP request without a program for it, for it is asked often
  local line
  exec 3<>"/dev/tcp/$FW_HOST/$HEALTH_PORT" || return 1
  printf 'GET /health/ready HTTP/1.0\r\nHost: %s\r\n\r\n' "$FW_HOST" >&3
  IFS= read -r -t 3 line <&3
  [[ $line =~ ^HTTP/1\.[01]\ 200 ]]
}

start_it() {
  port_must_be_free "$PORT"
  port_must_be_free "$HEALTH_PORT"
  [ -e "$FW_DATA/kc" ] || cp -al "$DIST" "$FW_DATA/kc" 2>/dev/null || cp -r "$DIST" "$FW_DATA/kc"
  [ -s "$FW_DATA/admin.password" ] ||
    (umask 077 && od -An -N18 -tx1 /dev/urandom | tr -d ' \n' >"$FW_DATA/admin.password")
  export JAVA_HOME KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD
  JAVA_HOME=$(java_home)
  KC_BOOTSTRAP_ADMIN_PASSWORD=$(cat "$FW_DATA/admin.password")
  export JAVA_OPTS_KC_HEAP="-Xms64m -Xmx512m"
  # --cache local: without it at start, its cluster listens on all addresses
  daemon "$FW_DATA/kc/bin/kc.sh" start --optimized --cache local --http-enabled true --hostname "$ADDRESS" \
    --http-host "$FW_HOST" --http-port "$PORT" --http-management-port "$HEALTH_PORT"
  wait_for ready
}

stop_it() { # the script that starts Java hands no signal on
  local pid _
  if alive; then
    read -r pid _ <"$PIDFILE"
    pgrep -P "$pid" | xargs -r kill
  fi
  stop_daemon TERM
}

version_it() { echo "$KEYCLOAK_VERSION"; }

main "$@"
