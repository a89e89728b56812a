#!/usr/bin/env bash
# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
# A real Kubernetes control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, and kwok, which
# answers for nodes that do not exist. Objects are checked, admitted, scheduled, rolled and evicted by the real
# thing; containers, probes and networks are not run. Prints the path of a kubeconfig for an administrator.
# Ports: FW_PORT and the five after it.
#   KUBE_NODES   how many nodes, over three zones (default 6)
NAME=kube
. "$(dirname "$0")/lib.sh"
PORT=${FW_PORT:-16443}
NODES=${KUBE_NODES:-6}
BIN=$FW_CACHE/bin
PKI=$FW_DATA/pki
ADDRESS=$FW_DATA/kubeconfig
API=https://$FW_HOST:$PORT
ETCD=http://$FW_HOST:$((PORT + 1)) PEERS=http://$FW_HOST:$((PORT + 2))

PROGRAMS="
etcd                    go.etcd.io/etcd/server/v3
kube-apiserver          k8s.io/kubernetes/cmd/kube-apiserver
kube-controller-manager k8s.io/kubernetes/cmd/kube-controller-manager
kube-scheduler          k8s.io/kubernetes/cmd/kube-scheduler
kwok                    sigs.k8s.io/kwok/cmd/kwok"
# what kwok does with nodes and pods: its own rules, from its module
STAGES="node/fast/node-initialize node/heartbeat-with-lease/node-heartbeat-with-lease
pod/fast/pod-ready pod/fast/pod-complete pod/fast/pod-delete"

# ---- programs: one module, so that what they share is built once

install_it() {
  local mark=$FW_CACHE/kube.version dir=$FW_CACHE/src-kube
  local wanted="$KUBERNETES_VERSION $ETCD_VERSION $KWOK_VERSION $GATEWAY_API_VERSION"
  if [ -s "$FW_CACHE/kwok.yaml" ] && [ "$(cat "$mark" 2>/dev/null)" = "$wanted" ]; then return 0; fi
  command -v go >/dev/null || die "needs the Go toolchain (https://go.dev/doc/install) to build Kubernetes"
  say "building Kubernetes $KUBERNETES_VERSION, etcd and kwok (once; ten minutes or more)"
  mkdir -p "$dir"
  (cd "$dir" && build_all) >&2
  echo "$wanted" >"$mark"
}

build_all() {
  local theirs stamp name package stage kwok
  export GOFLAGS='-mod=mod -buildvcs=false'
  rm -f go.mod go.sum
  go mod init stack.invalid/kube 2>/dev/null
  go mod download "k8s.io/kubernetes@$KUBERNETES_VERSION"
  theirs=$(go env GOMODCACHE)/cache/download/k8s.io/kubernetes/@v/$KUBERNETES_VERSION.mod
  { # Kubernetes calls its own parts v0.0.0: each is replaced by its published module
    printf 'module stack.invalid/kube\n'
    grep -E '^go ' "$theirs"
    printf 'require (\n\tk8s.io/kubernetes %s\n' "$KUBERNETES_VERSION"
    printf '\tgo.etcd.io/etcd/server/v3 %s\n\tsigs.k8s.io/kwok %s\n)\nreplace (\n' "$ETCD_VERSION" "$KWOK_VERSION"
    grep -oE 'k8s\.io/[a-z0-9-]+ v0\.0\.0$' "$theirs" | cut -d' ' -f1 | sort -u |
      sed "s|.*|\t& => & v0.${KUBERNETES_VERSION#v1.}|"
    printf ')\n'
  } >go.mod
  {
    printf '//go:build tools\n\npackage kube\n\nimport (\n'
    echo "$PROGRAMS" | awk 'NF {printf "\t_ \"%s\"\n", $2}'
    printf ')\n'
  } >tools.go
  go mod tidy -e
  stamp="k8s.io/component-base/version.gitVersion=$KUBERNETES_VERSION"
  while read -r name package; do
    [ -z "$name" ] || nice -n 19 go build -ldflags "-s -w -X $stamp" -o "$BIN/$name" "$package"
  done <<<"$PROGRAMS"
  kwok=$(go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)
  for stage in $STAGES; do
    cat "$kwok/kustomize/stage/$stage.yaml"
    printf '\n---\n'
  done >"$FW_CACHE/kwok.yaml"
  gateway_api
}

gateway_api() { # what clusters add to Kubernetes for the way in: the definition of its routes
  local module
  module=$(go mod download -json "sigs.k8s.io/gateway-api@$GATEWAY_API_VERSION" | sed -nE 's/^.*"Dir": "(.*)",$/\1/p')
  cp "$module/config/crd/standard/gateway.networking.k8s.io_httproutes.yaml" "$FW_CACHE/httproutes.yaml"
  chmod u+w "$FW_CACHE/httproutes.yaml"
}

# ---- who may talk to whom: a certificate authority that lives as long as the data

make_keys() {
  [ ! -s "$ADDRESS" ] || return 0
  mkdir -p "$PKI"
  (
    cd "$PKI"
    umask 077
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=fachwerk-test -keyout ca.key -out ca.crt
    openssl genrsa -out accounts.key 2048
    openssl rsa -in accounts.key -pubout -out accounts.pub
    certify apiserver /CN=kube-apiserver "subjectAltName=IP:$FW_HOST,DNS:kubernetes.default.svc"
    certify admin /O=system:masters/CN=admin basicConstraints=CA:FALSE
    cat >"$ADDRESS" <<CONFIG
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "$API", certificate-authority: "$PKI/ca.crt"}}]
users: [{name: admin, user: {client-certificate: "$PKI/admin.crt", client-key: "$PKI/admin.key"}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
CONFIG
  ) 2>>"$LOG"
}

certify() { # certify NAME SUBJECT EXTENSION
  openssl req -newkey rsa:2048 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out "$1.crt" -extfile <(echo "$3")
}

ask() { curl -sf --max-time 5 --cacert "$PKI/ca.crt" --cert "$PKI/admin.crt" --key "$PKI/admin.key" "$@"; }

# ---- processes, all children of this script's `run`

PARTS=()

part() { # part NAME ARGUMENT...
  local name=$1
  shift
  "$BIN/$name" "$@" </dev/null >>"$FW_DATA/$name.log" 2>&1 9>&- &
  PARTS+=($!)
}

end() { # the last one that started ends first: without etcd the others would wait for it
  local at
  for ((at = ${#PARTS[@]} - 1; at >= 0; at--)); do
    kill "${PARTS[at]}" 2>/dev/null || true
    wait "${PARTS[at]}" || true
  done
  exit 0
}

run() {
  trap end TERM INT
  part etcd --data-dir "$FW_DATA/etcd" --listen-client-urls "$ETCD" --advertise-client-urls "$ETCD" \
    --listen-peer-urls "$PEERS" --initial-advertise-peer-urls "$PEERS" --initial-cluster "default=$PEERS" \
    --unsafe-no-fsync
  part kube-apiserver --etcd-servers "$ETCD" --bind-address "$FW_HOST" --advertise-address "$FW_HOST" \
    --secure-port "$PORT" --tls-cert-file "$PKI/apiserver.crt" --tls-private-key-file "$PKI/apiserver.key" \
    --client-ca-file "$PKI/ca.crt" --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
    --service-account-key-file "$PKI/accounts.pub" --service-account-signing-key-file "$PKI/accounts.key" \
    --service-account-issuer https://kubernetes.default.svc --service-cluster-ip-range 10.96.0.0/16 \
    --endpoint-reconciler-type none --allow-privileged=false
  until ask "$API/readyz" >/dev/null; do sleep 0.3; done
  ask -o /dev/null -H 'Content-Type: application/yaml' --data-binary "@$FW_CACHE/httproutes.yaml" \
    "$API/apis/apiextensions.k8s.io/v1/customresourcedefinitions" || true # is there after a restart
  part kube-controller-manager --kubeconfig "$ADDRESS" --bind-address "$FW_HOST" --secure-port $((PORT + 3)) \
    --service-account-private-key-file "$PKI/accounts.key" --root-ca-file "$PKI/ca.crt" \
    --use-service-account-credentials --leader-elect=false
  part kube-scheduler --kubeconfig "$ADDRESS" --bind-address "$FW_HOST" --secure-port $((PORT + 4)) --leader-elect=false
  part kwok --kubeconfig "$ADDRESS" --manage-all-nodes=true --server-address "$FW_HOST:$((PORT + 5))" \
    --node-ip "$FW_HOST" --node-lease-duration-seconds 40 --config "$FW_CACHE/kwok.yaml"
  local number
  for number in $(seq "$NODES"); do make_node "$number"; done
  wait
}

make_node() { # make_node NUMBER: what a kubelet would register
  local size='{"cpu": "16", "memory": "64Gi", "pods": "110"}'
  ask -o /dev/null -H 'Content-Type: application/json' "$API/api/v1/nodes" -d @- <<NODE || true # is there after a restart
{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-$1", "labels": {"kubernetes.io/hostname": "node-$1",
"kubernetes.io/os": "linux", "topology.kubernetes.io/zone": "zone-$(($1 % 3))"}},
"status": {"allocatable": $size, "capacity": $size}}
NODE
}

ready() {
  local nodes
  nodes=$(ask "$API/api/v1/nodes")
  [ "$(grep -o '"reason": *"KubeletReady"' <<<"$nodes" | wc -l)" -ge "$NODES" ]
}

start_it() {
  local port
  for port in $(seq "$PORT" $((PORT + 5))); do port_must_be_free "$port"; done
  make_keys
  FW_WAIT=${FW_WAIT_KUBE:-300}
  daemon "$0" run
  wait_for ready
}

version_it() { echo "${KUBERNETES_VERSION#v}"; }

if [ "${1:-}" = run ]; then run; else main "$@"; fi
