#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# PostgreSQL as the system installed it, with a cluster of its own.
#   PG_DURABLE=no   no fsync: for throw-away databases of tests that don't ask about durability
#   PG_STOP=KILL    `stop` is a crash: recovery at the next start
NAME=postgres
. "$(dirname "$0")/lib.sh"
PORT=${FW_PORT:-15432}
ADDRESS=postgresql://postgres@$FW_HOST:$PORT/postgres

# newest installed version: Debian keeps them side by side, others have one in PATH
bin_dir() {
  local dir
  for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v postgres || echo /)")"; do
    [ -x "$dir/initdb" ] || continue
    [ "$("$dir/postgres" --version | grep -oE '[0-9]+' | head -1)" -ge "$POSTGRES_MIN" ] || continue
    echo "$dir"
    return 0
  done
  die "PostgreSQL >= $POSTGRES_MIN is not installed (tests/stack/system.sh install)"
}

install_it() { BIN=$(bin_dir); }
version_it() { "$BIN/postgres" --version | grep -oE "[0-9]+[.][0-9]+" | head -1; }
answers() { grep -q '^ready' "$FW_DATA/cluster/postmaster.pid" && listens "$PORT"; }

start_it() {
  port_must_be_free "$PORT"
  local sync=on as
  [ "${PG_DURABLE:-yes}" = yes ] || sync=off
  touch "$LOG"
  as=$(unprivileged)
  if [ ! -s "$FW_DATA/cluster/PG_VERSION" ]; then
    $as "$BIN/initdb" -D "$FW_DATA/cluster" -U postgres --auth trust -E UTF8 --locale C.UTF-8 --no-instructions \
      >>"$LOG" 2>&1 || { tail "$LOG" >&2; die "initdb failed"; }
    echo "include 'stack.conf'" >>"$FW_DATA/cluster/postgresql.conf"
  fi
  cat >"$FW_DATA/cluster/stack.conf" <<C
listen_addresses = '$FW_HOST'
port = $PORT
unix_socket_directories = ''
max_connections = 200
fsync = $sync
synchronous_commit = $sync
full_page_writes = $sync
timezone = 'UTC'
C
  # unprivileged prints a prefix of several words
  # shellcheck disable=SC2086
  daemon $as "$BIN/postgres" -D "$FW_DATA/cluster"
  wait_for answers
}

stop_it() {
  stop_daemon "${PG_STOP:-INT}"
  # a dead process that nobody has collected yet would be taken for a running server at the next start
  rm -f "$FW_DATA/cluster/postmaster.pid"
}

main "$@"
