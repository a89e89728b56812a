#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# nginx as an operator puts it before several server processes: one address, sockets and uploads passed through.
#   NGINX_SERVERS   host:port of each, parted by spaces
NAME=nginx
. "$(dirname "$0")/lib.sh"
PORT=${FW_PORT:-18090}
ADDRESS=http://$FW_HOST:$PORT

install_it() { command -v nginx >/dev/null || die "nginx is not installed (tests/stack/system.sh install)"; }

start_it() {
  port_must_be_free "$PORT"
  mkdir -p "$FW_DATA/tmp"
  cat >"$FW_DATA/nginx.conf" <<C
daemon off;
pid $FW_DATA/nginx.own.pid;
error_log stderr warn;
worker_processes 1;
events { worker_connections 4096; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_temp_path $FW_DATA/tmp/body;
  proxy_temp_path $FW_DATA/tmp/proxy;
  fastcgi_temp_path $FW_DATA/tmp/fastcgi;
  uwsgi_temp_path $FW_DATA/tmp/uwsgi;
  scgi_temp_path $FW_DATA/tmp/scgi;
  map \$http_upgrade \$connection_header { default upgrade; '' ''; }
  upstream fachwerk { $(for server in ${NGINX_SERVERS:?}; do echo "server $server max_fails=1 fail_timeout=2s;"; done) keepalive 16; }
  server {
    listen $FW_HOST:$PORT;
    location = /metrics { return 404; }
    location / {
      proxy_pass http://fachwerk;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_read_timeout 120s;
      proxy_set_header Host \$http_host;
      proxy_set_header Upgrade \$http_upgrade;
      proxy_set_header Connection \$connection_header;
    }
  }
}
C
  daemon nginx -e stderr -p "$FW_DATA" -c "$FW_DATA/nginx.conf"
  wait_for listens "$PORT"
}

stop_it() { stop_daemon QUIT; }

version_it() { nginx -v 2>&1 | sed "s,.*/,,"; }

main "$@"
