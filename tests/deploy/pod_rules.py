# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rules for pods: what they may do, what they are told, how they end."""

import re

from tests.deploy.chart import Object, environment
from tests.deploy.rule import Rule, drop, each, in_container, in_pod, of_pods, put

VOLUMES = {"configMap", "secret", "emptyDir", "projected", "persistentVolumeClaim", "downwardAPI", "csi", "ephemeral"}
PINNED = re.compile(r"[^:@]+(:\d+)?/[^:@]+:(?!latest@)[^:@]+@sha256:[0-9a-f]{64}")
ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
VERSION = "pod-template-hash"
AIR_S = 15
"""What the end of a pod takes beside draining."""
INSIDE = re.compile(r"http://m1-(api|media|bridge)(\.ministerium\.svc)?:\d+(/|$)")
"""Services of the release itself."""


def _runs_on(workload: Object) -> bool:
    return bool(workload["kind"] != "Job")


def _secure(container: Object) -> Object:
    found: Object = container.get("securityContext", {})
    return found


def _late(workload: Object, pod: Object) -> bool:
    told = environment(pod["containers"][0])
    names = ("FACHWERK_OPERATIONS__DRAIN_DELAY_S", "FACHWERK_OPERATIONS__DRAIN_WINDOW_S", "FACHWERK_MEDIA_LEAVE_S")
    return not _runs_on(workload) or pod["terminationGracePeriodSeconds"] >= AIR_S + sum(
        int(told.get(name, 0)) for name in names
    )


def _probed(one: Object, pod: Object) -> bool:
    container = pod["containers"][0]
    paths = [
        container.get(f"{name}Probe", {}).get("httpGet", {}).get("path")
        for name in ("startup", "liveness", "readiness")
    ]
    return not _runs_on(one) or paths == ["/healthz", "/healthz", "/readyz"]


RULES = [
    Rule(
        "no pod shares the network or the processes of its node",
        of_pods(lambda _, pod: not any(pod.get(name) for name in ("hostNetwork", "hostPID", "hostIPC"))),
        in_pod(put("hostNetwork", to=True)),
    ),
    Rule(
        "no container takes a port of its node",
        each(lambda _, c: not any(port.get("hostPort") for port in c.get("ports", ()))),
        in_container(lambda c: c.setdefault("ports", []).append({"containerPort": 80, "hostPort": 80})),
    ),
    Rule(
        "no volume is a folder of the node",
        of_pods(lambda _, pod: all(volume.keys() - {"name"} <= VOLUMES for volume in pod["volumes"])),
        in_pod(lambda pod: pod["volumes"].append({"name": "host", "hostPath": {"path": "/"}})),
    ),
    Rule(
        "images are named by registry, tag and digest",
        each(lambda _, c: PINNED.fullmatch(c["image"]) is not None),
        in_container(lambda c: c.update(image=c["image"].partition("@")[0])),
    ),
    Rule(
        "no image is the latest one",
        each(lambda _, c: ":latest" not in c["image"]),
        in_container(lambda c: c.update(image="registry.example/fachwerk:latest@sha256:" + 64 * "0")),
    ),
    Rule(
        "processor and memory are asked for, memory is bounded",
        each(
            lambda _, c: (
                {"cpu", "memory"} <= c["resources"].get("requests", {}).keys()
                and "memory" in c["resources"].get("limits", {})
            )
        ),
        in_container(drop("resources", "requests")),
    ),
    Rule(
        "processor time is not capped: a capped loop answers late without being busy",
        each(lambda _, c: "cpu" not in c["resources"]["limits"]),
        in_container(put("resources", "limits", "cpu", to="1")),
    ),
    Rule(
        "no pod carries a token for the cluster",
        of_pods(lambda _, pod: pod.get("automountServiceAccountToken") is False),
        in_pod(drop("automountServiceAccountToken")),
    ),
    Rule(
        "the root file system cannot be written to",
        each(lambda _, c: _secure(c).get("readOnlyRootFilesystem") is True),
        in_container(drop("securityContext", "readOnlyRootFilesystem")),
    ),
    Rule(
        "no process gains rights",
        each(
            lambda _, c: _secure(c).get("allowPrivilegeEscalation") is False and _secure(c).get("privileged") is False
        ),
        in_container(drop("securityContext", "allowPrivilegeEscalation")),
    ),
    Rule(
        "no capability is left",
        each(lambda _, c: _secure(c).get("capabilities") == {"drop": ["ALL"]}),
        in_container(put("securityContext", "capabilities", "add", to=["NET_BIND_SERVICE"])),
    ),
    Rule(
        "nobody is root",
        each(lambda p, c: _secure(c).get("runAsNonRoot") is True and p["securityContext"].get("runAsNonRoot") is True),
        in_container(put("securityContext", "runAsNonRoot", to=False)),
    ),
    Rule(
        "user and group are given or left to the cluster, never below 1000",
        each(
            lambda p, c: all(
                int({**p["securityContext"], **_secure(c)}.get(n, 1000)) >= 1000 for n in ("runAsUser", "runAsGroup")
            )
        ),
        in_container(put("securityContext", "runAsUser", to=0)),
    ),
    Rule(
        "system calls are filtered",
        each(lambda _, c: _secure(c).get("seccompProfile", {}).get("type") == "RuntimeDefault"),
        in_container(put("securityContext", "seccompProfile", "type", to="Unconfined")),
    ),
    Rule(
        "kernel settings and /proc are as they are",
        each(lambda p, c: "sysctls" not in p["securityContext"] and "procMount" not in _secure(c)),
        in_container(put("securityContext", "procMount", to="Unmasked")),
    ),
    Rule(
        "what is written goes to memory of bounded size",
        of_pods(lambda _, pod: all(v["emptyDir"].get("sizeLimit") for v in pod["volumes"] if "emptyDir" in v)),
        in_pod(lambda pod: pod["volumes"].append({"name": "more", "emptyDir": {}})),
    ),
    Rule(
        "alive, ready and started are asked for, and alive is not ready",
        of_pods(_probed),
        in_container(put("livenessProbe", to={"httpGet": {"path": "/readyz", "port": "http"}})),
    ),
    Rule("a pod gets the time that its end takes", of_pods(_late), in_pod(put("terminationGracePeriodSeconds", to=10))),
    Rule(
        "pods are spread over zones and nodes",
        of_pods(
            lambda o, p: (
                not _runs_on(o) or {c["topologyKey"] for c in p.get("topologySpreadConstraints", ())} == {ZONE, HOST}
            )
        ),
        in_pod(
            lambda pod: (
                pod.get("topologySpreadConstraints", []).pop(0) if pod.get("topologySpreadConstraints") else None
            )
        ),
    ),
    Rule(
        "the pods that an upgrade replaces do not count in the spread",
        of_pods(
            lambda _, pod: all(c.get("matchLabelKeys") == [VERSION] for c in pod.get("topologySpreadConstraints", ()))
        ),
        in_pod(lambda pod: [c.pop("matchLabelKeys") for c in pod.get("topologySpreadConstraints", ())]),
    ),
    Rule(
        "secrets are files, never environment",
        each(lambda _, c: "envFrom" not in c and not any("secretKeyRef" in e.get("valueFrom", {}) for e in c["env"])),
        in_container(
            lambda c: c["env"].append({"name": "P", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}})
        ),
    ),
    Rule(
        "no setting is given twice",
        each(lambda _, c: len(c["env"]) == len({one["name"] for one in c["env"]})),
        in_container(lambda c: c["env"].append(dict(c["env"][0]))),
    ),
    Rule(
        "no setting looks like a secret",
        each(
            lambda _, c: (
                not any(
                    re.search(r"SECRET|PASSWORD|TOKEN|KEY", name) and not name.endswith("_FILE")
                    for name in environment(c)
                )
            )
        ),
        in_container(lambda c: c["env"].append({"name": "FACHWERK_MEDIA_API_SECRET", "value": "x"})),
    ),
    Rule(
        "a pod sees those secrets alone that it is told of",
        of_pods(
            lambda _, pod: (
                {item["key"] for v in pod["volumes"] if "secret" in v for item in v["secret"].get("items", ())}
                == {
                    v.rpartition("/")[2]
                    for v in environment(pod["containers"][0]).values()
                    if v.startswith("/run/secrets/")
                }
            )
        ),
        in_pod(lambda pod: pod["volumes"][0]["secret"]["items"].append({"key": "more", "path": "more"})),
    ),
    Rule(
        "whatever leaves the release is encrypted",
        each(
            lambda _, c: (
                environment(c).get("PGSSLMODE", "verify-full") == "verify-full"
                and all(INSIDE.match(v) for v in environment(c).values() if v.startswith(("http:", "ws:", "nats:")))
            )
        ),
        in_container(lambda c: c["env"].append({"name": "FACHWERK_IDENTITY__ISSUER", "value": "http://login.example"})),
    ),
]
