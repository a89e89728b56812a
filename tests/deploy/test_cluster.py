# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The chart before a real Kubernetes API server, in a namespace that enforces the restricted standard."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.deploy.chart import CHART, MINISTRY, RELEASE, Helm, Object, pods
from tests.deploy.cluster import NODES, Administrator, Cluster, until

NAMESPACE = "ministerium"
INGRESS = "exposure.kind=ingress,exposure.ingressClassName=public,exposure.tlsSecretName=tls"
NEXT = f"images.server.digest=sha256:{64 * '1'}"
NODE_PORTS = "media.udpPort=30982,media.tcpPort=30981"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


@pytest.fixture(scope="module")
def administrator(cluster: Cluster) -> Iterator[Administrator]:
    with cluster.administrator() as asks:
        asks.make_namespace(NAMESPACE)
        asks.make_namespace("other")
        yield asks


@pytest.fixture(scope="module")
def installed(helm: Helm, cluster: Cluster, administrator: Administrator) -> str:
    """The release, installed; Helm waited until everything was ready."""
    _helm(helm, cluster, "install", RELEASE, str(CHART))
    return RELEASE


def _helm(helm: Helm, cluster: Cluster, *arguments: str, namespace: str = NAMESPACE) -> None:
    values = ["--values", str(MINISTRY)] if arguments[0] != "rollback" else []
    done = helm.run(
        *arguments, *values, "--namespace", namespace, "--wait", "--timeout", "120s", kubeconfig=cluster.kubeconfig
    )
    assert done.returncode == 0, done.stderr


def _jobs(administrator: Administrator) -> dict[str, int]:
    """How often each migration was done."""
    found = administrator.get(f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs")["items"]
    return {job["metadata"]["name"]: job["status"].get("succeeded", 0) for job in found}


def _zones(administrator: Administrator, component: str) -> Counter[str]:
    nodes = administrator.get("/api/v1/nodes")["items"]
    zone = {node["metadata"]["name"]: node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes}
    mine = f"{RELEASE}-{component}-"
    return Counter(
        zone[pod["spec"]["nodeName"]]
        for pod in administrator.pods(NAMESPACE)
        if pod["metadata"]["name"].startswith(mine)
    )


def test_everything_is_admitted_scheduled_and_spread(administrator: Administrator, installed: str) -> None:
    assert administrator.unready(NAMESPACE) == []
    assert len(_zones(administrator, "api")) == 3
    assert len(_zones(administrator, "worker")) == 2
    until(lambda: set(_jobs(administrator).values()) == {1}, "migrated")
    routes = administrator.get(f"/apis/gateway.networking.k8s.io/v1/namespaces/{NAMESPACE}/httproutes")["items"]
    assert [rule["matches"][0]["path"]["value"] for rule in routes[0]["spec"]["rules"]] == ["/", "/rtc"]


def test_two_ministries_live_in_one_cluster(
    helm: Helm, cluster: Cluster, administrator: Administrator, installed: str
) -> None:
    _helm(helm, cluster, "install", "m2", str(CHART), "--set", f"{INGRESS},{NODE_PORTS}", namespace="other")
    assert administrator.unready("other") == []
    done = helm.run("uninstall", "m2", "--namespace", "other", "--wait", kubeconfig=cluster.kubeconfig)
    assert done.returncode == 0, done.stderr


def test_an_upgrade_migrates_and_rolls_and_a_rollback_leads_back(
    helm: Helm, cluster: Cluster, administrator: Administrator, installed: str
) -> None:
    before = _jobs(administrator)
    _helm(helm, cluster, "upgrade", RELEASE, str(CHART), "--set", NEXT)
    after = _jobs(administrator)
    assert len(after) == 1
    assert after.keys() != before.keys()
    images = {
        pod["spec"]["containers"][0]["image"][-64:]
        for pod in administrator.pods(NAMESPACE)
        if "-api-" in pod["metadata"]["name"]
    }
    assert images == {64 * "1"}
    _helm(helm, cluster, "rollback", RELEASE)
    assert _jobs(administrator).keys() == before.keys()
    assert administrator.unready(NAMESPACE) == []


def test_upgraded_pods_are_spread_as_new_ones_are(
    helm: Helm, cluster: Cluster, administrator: Administrator, installed: str
) -> None:
    for version in "234567":
        _helm(helm, cluster, "upgrade", RELEASE, str(CHART), "--set", f"images.server.digest=sha256:{64 * version}")
        assert len(_zones(administrator, "api")) == 3
        assert len(_zones(administrator, "worker")) == 2


def test_every_node_can_be_emptied_without_an_outage(administrator: Administrator, installed: str) -> None:
    evicted = 0
    for number in range(1, NODES + 1):
        evicted += administrator.drain(f"node-{number}", NAMESPACE)
        until(lambda: administrator.unready(NAMESPACE) == [], "the pods run elsewhere")
        administrator.cordon(f"node-{number}", closed=False)
    assert evicted >= NODES


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda pod: pod.update(hostNetwork=True, hostUsers=True), "hostNetwork"),
        (lambda pod: pod["containers"][0]["securityContext"].update(capabilities={}), "capabilities"),
        (
            lambda pod: pod["containers"][0]["securityContext"].update(allowPrivilegeEscalation=True),
            "allowPrivilegeEscalation",
        ),
        (lambda pod: pod["volumes"].append({"name": "host", "hostPath": {"path": "/"}}), "hostPath"),
    ],
    ids=["network", "capabilities", "privileges", "folder"],
)
def test_admission_is_real_it_refuses_what_the_standard_forbids(
    administrator: Administrator, rendered: list[Object], change: object, word: str
) -> None:
    _, pod = next(pods(rendered))
    pod = {
        **pod,
        "serviceAccountName": "default",
        "containers": [{**pod["containers"][0]}],
        "volumes": [*pod["volumes"]],
    }
    pod["containers"][0]["securityContext"] = {**pod["containers"][0]["securityContext"]}
    path = f"/api/v1/namespaces/{NAMESPACE}/pods?dryRun=All"
    assert administrator.ask("POST", path, {"metadata": {"name": "good"}, "spec": pod}).is_success
    assert callable(change)
    change(pod)
    answer = administrator.ask("POST", path, {"metadata": {"name": "bad"}, "spec": pod})
    assert answer.status_code == 403
    assert word in answer.text
