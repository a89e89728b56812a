# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A Kubernetes control plane that tests may do anything to. Its nodes are made up, so images are never pulled."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2

from tests.deploy.chart import Object
from tests.stack.component import Component

ENFORCE = "pod-security.kubernetes.io/enforce"
NODES = 6
WITHIN_S = 120.0
PAUSE_S = 0.2


class Cluster(Component):
    """The control plane, and its API as an administrator sees it."""

    def __init__(self) -> None:
        super().__init__("kube", {"KUBE_NODES": str(NODES)}, ports=6)

    @property
    def kubeconfig(self) -> Path:
        return Path(self.address)

    @contextmanager
    def administrator(self) -> Iterator["Administrator"]:
        keys = self.data / "pki"
        context = ssl.create_default_context(cafile=str(keys / "ca.crt"))
        context.load_cert_chain(keys / "admin.crt", keys / "admin.key")
        with httpx2.Client(base_url=f"https://127.0.0.1:{self.port}", verify=context, timeout=30) as http:
            yield Administrator(http)


class Administrator:
    """Asks the API server."""

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http

    def ask(self, method: str, path: str, body: Any = None, *, patch: str = "") -> httpx2.Response:
        headers = {"Content-Type": f"application/{patch or 'json'}"}
        return self._http.request(method, path, json=body, headers=headers)

    def get(self, path: str) -> Object:
        response = self.ask("GET", path)
        assert response.status_code == HTTPStatus.OK, response.text
        found: Object = response.json()
        return found

    def make_namespace(self, name: str, standard: str = "restricted") -> None:
        """A namespace that admits only pods of this standard, with the Secret that the chart asks for."""
        metadata = {"name": name, "labels": {ENFORCE: standard, f"{ENFORCE}-version": "latest"}}
        self._make("/api/v1/namespaces", {"metadata": metadata})
        self._make(
            f"/api/v1/namespaces/{name}/secrets", {"metadata": {"name": "fachwerk"}, "stringData": {"any": "thing"}}
        )
        account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
        until(lambda: self.ask("GET", account).is_success, "the namespace has its default account")

    def pods(self, namespace: str) -> list[Object]:
        """Those that are not about to go."""
        found = self.get(f"/api/v1/namespaces/{namespace}/pods")["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def drain(self, node: str, namespace: str) -> int:
        """Take no more pods on a node and evict those of the namespace, as budgets allow; how many that were."""
        self.cordon(node, closed=True)
        evicted = set()

        def is_empty() -> bool:
            here = [p["metadata"]["name"] for p in self.pods(namespace) if p["spec"].get("nodeName") == node]
            for name in here:
                eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
                answer = self.ask("POST", f"/api/v1/namespaces/{namespace}/pods/{name}/eviction", eviction)
                if answer.is_success:
                    evicted.add(name)
                else:
                    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS, answer.text
            return not here

        until(is_empty, f"{node} is empty")
        return len(evicted)

    def cordon(self, node: str, *, closed: bool) -> None:
        body = {"spec": {"unschedulable": closed}}
        assert self.ask("PATCH", f"/api/v1/nodes/{node}", body, patch="merge-patch+json").is_success

    def unready(self, namespace: str) -> list[str]:
        """Deployments and stateful sets that have fewer ready pods than they want."""
        found = [
            one
            for kind in ("deployments", "statefulsets")
            for one in self.get(f"/apis/apps/v1/namespaces/{namespace}/{kind}")["items"]
        ]
        return [o["metadata"]["name"] for o in found if o["status"].get("readyReplicas", 0) < o["spec"]["replicas"]]

    def _make(self, path: str, body: Object) -> None:
        answer = self.ask("POST", path, body)
        assert answer.is_success, answer.text


def until(test: Callable[[], bool], what: str) -> None:
    """Wait until it is so. Raises AssertionError after WITHIN_S."""
    end = time.monotonic() + WITHIN_S
    while not test():
        assert time.monotonic() < end, f"not within {WITHIN_S:.0f} s: {what}"
        time.sleep(PAUSE_S)
