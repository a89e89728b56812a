#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# MinIO: the object store of many houses. S3 on FW_PORT, no console. Keys: FW_DATA/access_key and FW_DATA/secret_key.
#   S3_STOP=KILL   `stop` is a crash
NAME=minio
. "$(dirname "$0")/lib.sh"
PORT=${FW_PORT:-19000}
ADDRESS=http://$FW_HOST:$PORT

install_it() { go_install github.com/minio/minio "$MINIO_VERSION"; }
stop_it() { stop_daemon "${S3_STOP:-TERM}"; }

start_it() {
  port_must_be_free "$PORT"
  s3_keys
  mkdir -p "$FW_DATA/store"
  MINIO_ROOT_USER=$(cat "$FW_DATA/access_key") MINIO_ROOT_PASSWORD=$(cat "$FW_DATA/secret_key") \
    MINIO_BROWSER=off MINIO_UPDATE=off \
    daemon "$FW_CACHE/bin/minio" server --quiet --address "$FW_HOST:$PORT" "$FW_DATA/store"
  wait_for http_ok "$PORT" /minio/health/ready
}

version_it() { echo "${MINIO_VERSION:7:8}"; }

main "$@"
