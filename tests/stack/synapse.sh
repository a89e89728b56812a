#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# Synapse, a Matrix homeserver, on PostgreSQL. Its server name is SYN_HOST with the port FW_PORT+1, where others reach it by
# TLS with a certificate of a test authority of our own; clients and the bridge come in plain HTTP at FW_PORT.
#   SYN_HOST          a name below .localhost                             (default: ministry.localhost)
#   SYN_DATABASE      address of its database, made if missing            (default: that of postgres.sh)
#   SYN_AUTHORITY     folder of the authority, the same for all who are to trust each other (default: FW_DATA/authority)
#   SYN_PEERS         server names that it federates with, parted by spaces (default: none)
#   SYN_REGISTRATION  registration of an application service             (default: none)
NAME=synapse
. "$(dirname "$0")/lib.sh"
PORT=${FW_PORT:-18008}
ADDRESS=http://$FW_HOST:$PORT
VENV=$FW_CACHE/synapse-$SYNAPSE_VERSION
HERE=$(cd "$(dirname "$0")" && pwd)

install_it() {
  [ ! -e "$VENV/.built" ] || return 0
  say "installing Synapse $SYNAPSE_VERSION (once)"
  {
    python3 -m venv --clear "$VENV"
    nice "$VENV/bin/pip" install --quiet --disable-pip-version-check \
      "matrix-synapse==$SYNAPSE_VERSION" "psycopg2-binary==$SYNAPSE_PSYCOPG_VERSION"
    touch "$VENV/.built"
  } >&2
}

start_it() {
  port_must_be_free "$PORT"
  port_must_be_free $((PORT + 1))
  export SYN_HOST=${SYN_HOST:-ministry.localhost} SYN_PEERS=${SYN_PEERS:-} SYN_REGISTRATION=${SYN_REGISTRATION:-}
  export SYN_DATABASE=${SYN_DATABASE:-postgresql://postgres@$FW_HOST:15432/synapse}
  export SYN_AUTHORITY=${SYN_AUTHORITY:-$FW_DATA/authority} SYN_PORT=$PORT SYN_DATA=$FW_DATA
  "$VENV/bin/python" "$HERE/synapse_config.py" >&2
  daemon "$VENV/bin/python" "$HERE/synapse_run.py" -c "$FW_DATA/homeserver.yaml"
  wait_for http_ok "$PORT" /_matrix/client/versions
}

stop_it() { stop_daemon "${SYN_STOP:-TERM}"; }

version_it() { echo "$SYNAPSE_VERSION"; }

main "$@"
