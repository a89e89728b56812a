# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rules for what stands around pods: accounts, budgets, networks, names."""

import re
from collections import Counter
from collections.abc import Iterator

from tests.deploy.chart import Object, containers, pods
from tests.deploy.rule import Objects, Rule, drop, in_pod, of_kind, of_kinds, put

CLUSTER_WIDE = {"Namespace", "CustomResourceDefinition", "PriorityClass", "StorageClass", "PersistentVolume"}
LABELS = {f"app.kubernetes.io/{name}" for name in ("name", "instance", "component", "version", "managed-by")}


def _unprotected(objects: Objects) -> Iterator[str]:
    budgets = [one["spec"]["selector"] for one in objects if one["kind"] == "PodDisruptionBudget"]
    for one, _ in pods(objects):
        if one["kind"] != "Job" and one["spec"]["replicas"] > 1 and one["spec"]["selector"] not in budgets:
            yield one["metadata"]["name"]


def _without_account(objects: Objects) -> Iterator[str]:
    accounts = {one["metadata"]["name"] for one in objects if one["kind"] == "ServiceAccount"}
    used = Counter(pod.get("serviceAccountName") for _, pod in pods(objects))
    return (str(name) for name, times in used.items() if times > 1 or name not in accounts)


def _default_deny(objects: Objects) -> Iterator[str]:
    policies = [one["spec"] for one in objects if one["kind"] == "NetworkPolicy"]
    for one, _ in pods(objects):
        labels = one["spec"]["template"]["metadata"]["labels"].items()
        mine = [p for p in policies if p["podSelector"].get("matchLabels", {}).items() <= labels]
        closed = [
            p for p in mine if set(p["policyTypes"]) == {"Ingress", "Egress"} and not {"ingress", "egress"} & p.keys()
        ]
        if not closed or len(mine) < 2:
            yield one["metadata"]["name"]


def _openings(policy: Object) -> Iterator[Object]:
    for opening in policy["spec"].get("ingress") or ():
        yield {"peers": opening.get("from"), "ports": opening.get("ports")}
    for opening in policy["spec"].get("egress") or ():
        yield {"peers": opening.get("to"), "ports": opening.get("ports")}


def _dead_ports(objects: Objects) -> Iterator[str]:
    open_ports = {
        (tuple(sorted(one["spec"]["template"]["metadata"]["labels"].items())), port["name"])
        for one, _, container in containers(objects)
        for port in container.get("ports", ())
    }
    for service in (one for one in objects if one["kind"] == "Service"):
        wanted = service["spec"]["selector"].items()
        for port in service["spec"]["ports"]:
            if not any(wanted <= dict(labels).items() and port["targetPort"] == name for labels, name in open_ports):
                yield f"{service['metadata']['name']} {port['name']}"


def _dead_routes(objects: Objects) -> Iterator[str]:
    services = {one["metadata"]["name"] for one in objects if one["kind"] == "Service"}
    for one in objects:
        text = str(one["spec"]) if one["kind"] in {"HTTPRoute", "Ingress"} else ""
        yield from set(re.findall(r"'name': '([a-z0-9]+-(?:api|media|bridge))'", text)) - services


def _same_node_port(objects: Objects) -> Iterator[str]:
    used = [
        str(p["nodePort"]) for o in objects if o["kind"] == "Service" for p in o["spec"]["ports"] if "nodePort" in p
    ]
    return (port for port, times in Counter(used).items() if times > 1)


def _job_is_named_by_its_image(one: Object) -> bool:
    image = one["spec"]["template"]["spec"]["containers"][0]["image"]
    return image.rpartition("sha256:")[2][:12] in one["metadata"]["name"]


RULES = [
    Rule("each component has an account of its own", _without_account, in_pod(put("serviceAccountName", to="default"))),
    Rule(
        "nothing is allowed anything in the cluster",
        of_kinds({"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"}, lambda _: False),
        of_kind("ServiceAccount", put("kind", to="RoleBinding")),
    ),
    Rule(
        "a node can be emptied without an outage",
        _unprotected,
        of_kind("PodDisruptionBudget", put("spec", "selector", to={})),
    ),
    Rule(
        "a node can be emptied at all",
        of_kinds(
            {"PodDisruptionBudget"},
            lambda o: (
                o["spec"].get("maxUnavailable") == 1 and o["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow"
            ),
        ),
        of_kind("PodDisruptionBudget", put("spec", "maxUnavailable", to=0)),
    ),
    Rule(
        "an upgrade takes nothing away before the new is there",
        of_kinds(
            {"Deployment"}, lambda o: o["spec"].get("strategy", {}).get("rollingUpdate", {}).get("maxUnavailable") == 0
        ),
        of_kind("Deployment", put("spec", "strategy", to={"type": "Recreate"})),
    ),
    Rule(
        "nothing in, nothing out: every pod is closed and has its own openings",
        _default_deny,
        lambda o: o["spec"].update(policyTypes=["Ingress"]) if o["metadata"]["name"].endswith("default-deny") else None,
    ),
    Rule(
        "every opening has a port and a partner",
        of_kinds({"NetworkPolicy"}, lambda o: all(one["peers"] and one["ports"] for one in _openings(o))),
        of_kind("NetworkPolicy", lambda o: o["spec"].setdefault("egress", []).append({"to": [{"podSelector": {}}]})),
    ),
    Rule(
        "no Secret is made here",
        of_kinds({"Secret"}, lambda _: False),
        of_kind("ServiceAccount", put("kind", to="Secret")),
    ),
    Rule(
        "every object says in which namespace it lives",
        lambda objects: (o["metadata"]["name"] for o in objects if o["metadata"].get("namespace") != "ministerium"),
        drop("metadata", "namespace"),
    ),
    Rule(
        "nothing belongs to the whole cluster",
        of_kinds(CLUSTER_WIDE, lambda _: False),
        of_kind("Service", put("kind", to="Namespace")),
    ),
    Rule(
        "every object carries the recommended labels",
        lambda objects: (
            o["metadata"]["name"] for o in objects if not o["metadata"].get("labels", {}).keys() >= LABELS
        ),
        drop("metadata", "labels", "app.kubernetes.io/version"),
    ),
    Rule(
        "a workload finds its own pods",
        of_kinds(
            {"Deployment", "StatefulSet"},
            lambda o: (
                o["spec"]["selector"]["matchLabels"].items() <= o["spec"]["template"]["metadata"]["labels"].items()
            ),
        ),
        of_kind("Deployment", put("spec", "selector", "matchLabels", to={"app": "x"})),
    ),
    Rule(
        "every port of a service is open",
        _dead_ports,
        of_kind("Service", lambda o: o["spec"]["ports"][0].update(targetPort="x")),
    ),
    Rule(
        "every route leads to a service",
        _dead_routes,
        of_kind("Service", lambda o: o["metadata"].update(name="elsewhere")),
    ),
    Rule(
        "no annotation binds to one make of gateway",
        of_kinds({"HTTPRoute", "Ingress", "Service"}, lambda o: not o["metadata"].get("annotations")),
        of_kind("HTTPRoute", put("metadata", "annotations", to={"nginx.ingress.kubernetes.io/proxy-body-size": "0"})),
    ),
    Rule(
        "no port of the nodes is taken twice",
        _same_node_port,
        lambda o: (
            [p.update(nodePort=30882) for p in o["spec"]["ports"]]
            if o.get("spec", {}).get("type") == "NodePort"
            else None
        ),
    ),
    Rule(
        "media sees the addresses of people",
        of_kinds(
            {"Service"}, lambda o: o["spec"].get("type") is None or o["spec"].get("externalTrafficPolicy") == "Local"
        ),
        of_kind("Service", lambda o: o["spec"].pop("externalTrafficPolicy", None)),
    ),
    Rule(
        "a new image migrates anew",
        of_kinds({"Job"}, _job_is_named_by_its_image),
        of_kind("Job", put("metadata", "name", to="m1-migrate")),
    ),
    Rule(
        "nothing is done behind Helm's back",
        lambda o: (
            x["metadata"]["name"]
            for x in o
            if any(n.startswith("helm.sh/hook") for n in x["metadata"].get("annotations", {}))
        ),
        of_kind("Job", put("metadata", "annotations", to={"helm.sh/hook": "pre-install"})),
    ),
]
