#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# livekit-server: the peer that the media benchmark compares with, and the cluster that may replace our SFU.
# Signalling on FW_PORT, media over TCP on FW_PORT+1 and UDP on FW_PORT+2. Key and secret: FW_DATA/keys.
#   LIVEKIT_NODE_IP   address told to clients (default: loopback; Firefox wants another one)
#   LIVEKIT_WEBHOOK   where it reports who comes and goes (default: nowhere)
NAME=livekit
. "$(dirname "$0")/lib.sh"
PORT=${FW_PORT:-17880}
ADDRESS=ws://$FW_HOST:$PORT

install_it() {
  go_build livekit-server github.com/livekit/livekit-server "$LIVEKIT_VERSION" \
    github.com/livekit/livekit-server/cmd/server
}

start_it() {
  port_must_be_free "$PORT"
  local key secret
  [ -s "$FW_DATA/keys" ] || (umask 077 && echo "fw$(random_hex 4) $(random_hex 24)" >"$FW_DATA/keys")
  read -r key secret <"$FW_DATA/keys"
  (umask 077 && cat >"$FW_DATA/livekit.yaml") <<C
port: $PORT
bind_addresses: ["$FW_HOST"]
rtc:
  tcp_port: $((PORT + 1))
  udp_port: $((PORT + 2))
  use_external_ip: false
  node_ip: ${LIVEKIT_NODE_IP:-$FW_HOST}
  enable_loopback_candidate: true
keys: {"$key": "$secret"}
logging: {level: warn}
# Browsers' fake microphones beep for a small part of the time; by its default only who fills 40 % is speaking.
audio: {min_percentile: 2, smooth_intervals: 0}
C
  if [ -n "${LIVEKIT_WEBHOOK:-}" ]; then
    printf 'webhook: {api_key: "%s", urls: ["%s"]}\n' "$key" "$LIVEKIT_WEBHOOK" >>"$FW_DATA/livekit.yaml"
  fi
  daemon "$FW_CACHE/bin/livekit-server" --config "$FW_DATA/livekit.yaml"
  wait_for listens "$PORT"
}

version_it() { echo "${LIVEKIT_VERSION#v}"; }

main "$@"
