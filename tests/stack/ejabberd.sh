#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# ejabberd: the peer of the chat benchmark, with group chats and their archive in a PostgreSQL. Anybody may log in.
# Debian's packages are unpacked into the cache: nothing is installed, no service is started.
#   EJABBERD_DATABASE   postgresql://USER@HOST:PORT/NAME of an empty database (default: postgres.sh's own)
NAME=ejabberd
. "$(dirname "$0")/lib.sh"
PORT=${FW_PORT:-15222}
ADDRESS=xmpp://$FW_HOST:$PORT
ROOT=$FW_CACHE/ejabberd
DATABASE=${EJABBERD_DATABASE:-postgresql://postgres@$FW_HOST:15432/postgres}

install_it() { deb_unpack "$ROOT" ejabberd erlang-p1-pgsql; }

configure() {
  local user host port name
  [[ $DATABASE =~ ^postgresql://([^@:]+)@([^:/]+):([0-9]+)/(.+)$ ]] || die "not a database: $DATABASE"
  user=${BASH_REMATCH[1]} host=${BASH_REMATCH[2]} port=${BASH_REMATCH[3]} name=${BASH_REMATCH[4]}
  cat >"$FW_DATA/ejabberd.yml" <<C
hosts: [localhost]
loglevel: error
listen:
  - port: $PORT
    ip: "$FW_HOST"
    module: ejabberd_c2s
    max_stanza_size: 262144
    shaper: none
    access: all
    backlog: 1024
auth_method: [anonymous]
anonymous_protocol: both
allow_multiple_connections: true
sql_type: pgsql
sql_server: "$host"
sql_port: $port
sql_database: "$name"
sql_username: "$user"
sql_password: ""
sql_pool_size: 8
modules:
  mod_muc:
    access_create: all
    access_persistent: all
    access_mam: all
    history_size: 0
    max_users: 20000
    min_message_interval: 0
    default_room_options:
      mam: true
      persistent: true
      logging: false
      presence_broadcast: []
      max_users: 20000
  mod_mam: {db_type: sql, default: always, use_cache: false}
C
}

start_it() {
  port_must_be_free "$PORT"
  configure
  PGOPTIONS='--client-min-messages=warning' psql -Xq -v ON_ERROR_STOP=1 -d "$DATABASE" \
    -f "$ROOT/usr/share/ejabberd/sql/pg.sql" >>"$LOG" 2>&1 || { tail "$LOG" >&2; die "no tables in $DATABASE"; }
  mkdir -p "$FW_DATA/spool"
  # the packages' own start script knows only the place where they would be installed
  local erlang=$ROOT/usr/lib/erlang bin
  bin=$(echo "$erlang"/erts-*/bin)
  # without a name the node takes part in nothing: no port mapper, no distribution port
  ROOTDIR=$erlang BINDIR=$bin EMU=beam PROGNAME=erl HOME=$FW_DATA \
    EJABBERD_CONFIG_PATH=$FW_DATA/ejabberd.yml EJABBERD_LOG_PATH=$FW_DATA/ejabberd.own.log \
    LD_LIBRARY_PATH=$ROOT/usr/lib/x86_64-linux-gnu \
    daemon "$bin/erlexec" +K true +P 250000 +Q 100000 -noinput -mnesia dir "\"$FW_DATA/spool\"" \
    -pa "$ROOT"/usr/lib/*-linux-gnu/ejabberd*/ebin -s ejabberd
  wait_for listens "$PORT"
}

version_it() { ls -d "$ROOT"/usr/lib/*/ejabberd-* | head -1 | sed "s/.*ejabberd-//"; }

main "$@"
