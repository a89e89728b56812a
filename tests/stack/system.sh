#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# Packages that only the operating system can bring: browsers, PostgreSQL, slapd, network namespaces, fonts.
#   install   root on Debian or Ubuntu: installs what is missing; anybody else: says what to install, exit 1
#   status    exit 0 if nothing is missing
set -euo pipefail
. "$(dirname "$0")/versions.env"

# a test for each package, beside its name in Debian
missing() {
  command -v chromium >/dev/null || echo chromium
  command -v firefox-esr >/dev/null || command -v firefox >/dev/null || echo firefox-esr
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || echo postgresql
  command -v ip >/dev/null || echo iproute2
  command -v nginx >/dev/null || echo nginx-light
  command -v runc >/dev/null || echo runc # runs the images as a cluster would
  [ -e /usr/share/containers/seccomp.json ] || echo golang-github-containers-common # ... with its filter of system calls
  command -v mvn >/dev/null || echo maven # with a Java: fetches Keycloak, which needs one to run
  PATH=$PATH:/usr/sbin command -v slapd >/dev/null || echo slapd
  command -v ldapadd >/dev/null || echo ldap-utils
  command -v openssl >/dev/null || echo openssl
  command -v pgrep >/dev/null || echo procps
  # pictures of pages are compared by people: without fonts they would look at boxes
  [ -d /usr/share/fonts/truetype/liberation ] || fc-list 2>/dev/null | grep -qi liberation || echo fonts-liberation
  fc-list 2>/dev/null | grep -qi emoji || echo fonts-noto-color-emoji
}

packages=$(missing | tr '\n' ' ')
[ -n "$packages" ] || exit 0
case ${1:-} in
  install) ;;
  status) echo "missing: $packages" >&2; exit 1 ;;
  *) echo "usage: $0 install|status" >&2; exit 2 ;;
esac

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need programs that are not installed here. As root: apt-get install $packages" >&2
  exit 1
fi
echo "system packages: $packages" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
apt() { apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >>"$log" 2>&1; }
for attempt in 1 2; do # a mirror or another apt may be half way through its own update
  # shellcheck disable=SC2086
  if apt update && apt install -y --no-install-recommends $packages; then rm "$log"; break; fi
  [ "$attempt" = 1 ] || { tail -n 20 "$log" >&2; echo "could not install: $packages" >&2; exit 1; }
done
still=$(missing | tr '\n' ' ')
[ -z "$still" ] || { echo "installed, but not found afterwards: $still" >&2; exit 1; }
