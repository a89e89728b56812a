#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# All components at once, for a developer: start | stop | status. Data stays in ./.stack/NAME.
set -uo pipefail
here=$(dirname "$0")
failed=0
for script in postgres nats keycloak slapd synapse minio versitygw livekit; do
  address=$("$here/$script.sh" "${1:-status}" 2> >(cat >&2)) || failed=1
  [ -z "$address" ] || printf '%-10s %s\n' "$script" "$address"
done
[ "${1:-status}" != start ] || echo "stop them with: make stack-down"
exit $failed
