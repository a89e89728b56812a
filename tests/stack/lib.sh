# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# shellcheck shell=bash
#
# What the component scripts share. Each script sets NAME, sources this file, defines install_it and start_it
# and ends with `main "$@"`. All verbs are idempotent:
#   install   bring the program to the cache          start    install, start, wait until it answers
#   stop      end it and its children                 status   exit 0 if it runs, 3 if not
#   version   install, say which one it is
# Standard output carries one line, the address (install: the cache); everything else goes to standard error.
#   FW_CACHE  where programs are kept, shared by all instances (default: ~/.cache/fachwerk-stack)
#   FW_DATA   where this instance keeps its data               (default: ./.stack/NAME)
#   FW_PORT   first port, always on FW_HOST                    (default: see each script)
#   FW_WAIT   seconds to wait for an answer                    (default: 60)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/versions.env"

FW_CACHE=${FW_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fachwerk-stack}
FW_HOST=127.0.0.1
FW_DATA=${FW_DATA:-$PWD/.stack/$NAME}
FW_WAIT=${FW_WAIT:-60}
STOP_WAIT_S=15

mkdir -p "$FW_CACHE/bin" "$FW_DATA"
FW_CACHE=$(cd "$FW_CACHE" && pwd)
FW_DATA=$(cd "$FW_DATA" && pwd)
PIDFILE=$FW_DATA/$NAME.pid
LOG=$FW_DATA/$NAME.log

say() { echo "$NAME: $*" >&2; }
die() { say "$*"; exit 1; }

# --- processes

# start time of a process in clock ticks: a pid that was given to somebody else has another one
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '{print $20}'; }

# those of the named processes that still run; dead ones that nobody has collected yet don't count
running() { ps -o pid=,state= --pid "$1" | awk '$2 !~ /Z/ {print $1}'; }

alive() { # the pid file names the very process that we started
  local pid birth
  [ -s "$PIDFILE" ] || return 1
  read -r pid birth <"$PIDFILE"
  [ -n "$(running "$pid")" ] && [ "$(born "$pid")" = "$birth" ]
}

daemon() { # daemon COMMAND...: in a session of its own, output to $LOG
  setsid nohup "$@" </dev/null >>"$LOG" 2>&1 9>&- &
  local pid=$!
  sleep 0.05 # setsid and setpriv replace themselves; the start time stays
  echo "$pid $(born "$pid")" >"$PIDFILE"
}

wait_for() { # wait_for COMMAND...: until it succeeds; fails when the process ends or FW_WAIT has passed
  local end=$((SECONDS + FW_WAIT))
  until ("$@") >/dev/null 2>&1; do
    alive || { tail -n 20 "$LOG" >&2; die "ended while starting; log: $LOG"; }
    [ "$SECONDS" -lt "$end" ] || { tail -n 20 "$LOG" >&2; die "no answer after $FW_WAIT s; log: $LOG"; }
    sleep 0.1
  done
}

stop_daemon() { # stop_daemon [SIGNAL]: to the main process; then its children are waited for, at last by force
  alive || { rm -f "$PIDFILE"; say "not running"; return 0; }
  local pid family left _
  read -r pid _ <"$PIDFILE"
  family=$(echo "$pid" "$(pgrep -P "$pid")" | xargs | tr ' ' ,)
  kill -s "${1:-TERM}" "$pid"
  for _ in $(seq $((STOP_WAIT_S * 20))); do
    left=$(running "$family")
    [ -n "$left" ] || break
    sleep 0.05
  done
  if [ -n "$left" ]; then
    say "killed after $STOP_WAIT_S s: $left"
    # shellcheck disable=SC2086
    kill -s KILL $left 2>/dev/null || true
  fi
  rm -f "$PIDFILE"
  say "stopped"
}

listens() { (exec 3<>"/dev/tcp/$FW_HOST/$1") 2>/dev/null; }
http_ok() { # http_ok PORT PATH: answers with 2xx; without starting a program for every try
  local line
  exec 3<>"/dev/tcp/$FW_HOST/$1" || return 1
  printf 'GET %s HTTP/1.0\r\nHost: %s:%s\r\n\r\n' "$2" "$FW_HOST" "$1" >&3
  IFS= read -r -t 3 line <&3 || line=
  exec 3>&-
  [[ $line =~ ^HTTP/1\.[01]\ 2 ]]
}
port_must_be_free() { ! listens "$1" || die "port $1 is taken; choose another with FW_PORT"; }

unprivileged() { # the prefix that runs a server which refuses root; empty for everybody else
  [ "$(id -u)" = 0 ] || return 0
  local user=nobody
  if id postgres >/dev/null 2>&1; then user=postgres; fi
  chown -R "$user" "$FW_DATA"
  echo "setpriv --reuid $user --regid $(id -g "$user") --clear-groups --"
}

# --- programs

# Build PACKAGE of MODULE@VERSION into $FW_CACHE/bin/NAME, once. `go install` refuses modules with replace
# lines, so the build happens in a module of our own that repeats them.
go_build() { # go_build NAME MODULE VERSION PACKAGE
  local out=$FW_CACHE/bin/$1 mark=$FW_CACHE/$1.version dir=$FW_CACHE/src-$1 theirs
  if [ -x "$out" ] && [ "$(cat "$mark" 2>/dev/null)" = "$4@$3" ]; then return 0; fi
  command -v go >/dev/null || die "needs the Go toolchain (https://go.dev/doc/install) to build $2 $3"
  say "building $2 $3 (once; some minutes)"
  mkdir -p "$dir"
  (
    cd "$dir"
    export GOFLAGS='-mod=mod -buildvcs=false'
    rm -f go.mod go.sum
    go mod init stack.invalid/build 2>/dev/null
    go mod download "$2@$3"
    theirs=$(go env GOMODCACHE)/$2@$3/go.mod
    {
      echo "module stack.invalid/build"
      grep -E '^(go|toolchain) ' "$theirs"
      echo "require $2 $3"
      sed -nE '/^replace [^(]/p; /^replace \(/,/^\)/p' "$theirs"
    } >go.mod
    printf '//go:build tools\n\npackage build\n\nimport _ "%s"\n' "$4" >tools.go
    go mod tidy -e
    nice go build -ldflags '-s -w' -o "$out" "$4"
  ) >&2
  echo "$4@$3" >"$mark"
}

# Build PACKAGE@VERSION into $FW_CACHE/bin, under the last name of its path, once: for modules without replace lines.
go_install() { # go_install PACKAGE VERSION
  local name=${1##*/} mark
  mark=$FW_CACHE/$name.version
  if [ -x "$FW_CACHE/bin/$name" ] && [ "$(cat "$mark" 2>/dev/null)" = "$1@$2" ]; then return 0; fi
  command -v go >/dev/null || die "needs the Go toolchain (https://go.dev/doc/install) to build $1 $2"
  say "building $1 $2 (once; some minutes)"
  GOFLAGS=-buildvcs=false GOBIN=$FW_CACHE/bin nice -n 19 go install -ldflags '-s -w' "$1@$2" >&2
  echo "$1@$2" >"$mark"
}

# Unpack Debian packages, and what they need beyond what is installed, into a folder of the cache, once.
deb_unpack() { # deb_unpack FOLDER PACKAGE...
  local folder=$1 tmp
  shift
  [ ! -e "$folder/.complete" ] || return 0
  command -v apt-get >/dev/null || die "needs the packages $* of Debian"
  say "unpacking $* (once)"
  tmp=$(mktemp -d)
  (
    cd "$tmp"
    apt-get install --print-uris -qq -y --no-install-recommends "$@" >list || { apt-get update -qq &&
      apt-get install --print-uris -qq -y --no-install-recommends "$@" >list; }
    awk '{print $2}' list | sed -E 's/_(all|[a-z0-9]+)\.deb$//; s/%3a/:/g; s/_/=/' | xargs apt-get download -qq -o APT::Sandbox::User=root
    rm -rf "$folder"
    for file in *.deb; do dpkg -x "$file" "$folder"; done
  ) >&2
  rm -rf "$tmp"
  touch "$folder/.complete"
}

# --- secrets

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

s3_keys() { # the access key and the secret of this instance, in files of their own, as Fachwerk reads them
  [ -s "$FW_DATA/access_key" ] || (umask 077 && random_hex 8 >"$FW_DATA/access_key")
  [ -s "$FW_DATA/secret_key" ] || (umask 077 && random_hex 24 >"$FW_DATA/secret_key")
}

# --- verbs

install_once() { # one installer at a time, across all projects that share the cache
  exec 9>"$FW_CACHE/$NAME.lock"
  flock 9
  install_it
  exec 9>&-
}

stop_it() { stop_daemon TERM; }

main() {
  case ${1:-} in
    install) install_once; echo "$FW_CACHE" ;;
    start)
      if alive; then say "already running"; else
        install_once
        local began; began=$(date +%s%N)
        start_it
        say "answers after $((($(date +%s%N) - began) / 1000000)) ms; data and log in $FW_DATA"
      fi
      echo "$ADDRESS" ;;
    stop) stop_it ;;
    version) install_once; version_it ;;
    status) if alive; then echo "$ADDRESS"; else say "not running"; exit 3; fi ;;
    *) echo "usage: $0 install|start|stop|status|version" >&2; exit 2 ;;
  esac
}
