#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# Helm renders and installs the chart; it is a program, no server: only `install`, which prints where it is.
NAME=helm
. "$(dirname "$0")/lib.sh"

install_it() { go_install helm.sh/helm/v3/cmd/helm "$HELM_VERSION"; }
case ${1:-} in
  install) install_once; echo "$FW_CACHE/bin/helm" ;;
  *) echo "usage: $0 install" >&2; exit 2 ;;
esac
