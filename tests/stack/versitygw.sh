#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# versitygw: an S3 server of another make than MinIO, over a folder. S3 on FW_PORT. Keys: FW_DATA/access_key and
# FW_DATA/secret_key.
#   S3_STOP=KILL   `stop` is a crash
NAME=versitygw
. "$(dirname "$0")/lib.sh"
PORT=${FW_PORT:-19010}
ADDRESS=http://$FW_HOST:$PORT

install_it() { go_install github.com/versity/versitygw/cmd/versitygw "$VERSITYGW_VERSION"; }
stop_it() { stop_daemon "${S3_STOP:-TERM}"; }

start_it() {
  port_must_be_free "$PORT"
  s3_keys
  mkdir -p "$FW_DATA/store" "$FW_DATA/attributes"
  ROOT_ACCESS_KEY=$(cat "$FW_DATA/access_key") ROOT_SECRET_KEY=$(cat "$FW_DATA/secret_key") \
    daemon "$FW_CACHE/bin/versitygw" --port "$FW_HOST:$PORT" --health /health \
    posix --sidecar "$FW_DATA/attributes" "$FW_DATA/store"
  wait_for http_ok "$PORT" /health
}

version_it() { echo "${VERSITYGW_VERSION#v}"; }

main "$@"
