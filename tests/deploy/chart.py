# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The chart as Helm renders it."""

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy/helm/fachwerk"
MINISTRY = ROOT / "deploy/helm/values/ministry.yaml"
KUBERNETES = "1.34.0"
RELEASE, NAMESPACE = "m1", "ministerium"

Object = dict[str, Any]
WORKLOADS = {"Deployment", "StatefulSet", "Job"}


class Helm:
    """The program that tests/stack/helm.sh brings."""

    def __init__(self, program: Path) -> None:
        self.program = program

    def run(
        self, *arguments: str, kubeconfig: Path | None = None, timeout_s: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Any command; whether it worked is for the caller to see."""
        where = ["--kubeconfig", str(kubeconfig)] if kubeconfig else []
        command = [str(self.program), *arguments, *where]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout_s)

    def template(
        self, *sets: str, release: str = RELEASE, files: Iterable[Path] = (MINISTRY,)
    ) -> subprocess.CompletedProcess[str]:
        """Render. sets: as --set takes them."""
        arguments = ["template", release, str(CHART), "--namespace", NAMESPACE, "--kube-version", KUBERNETES]
        arguments += [word for file in files for word in ("--values", str(file))]
        return self.run(*arguments, *(word for one in sets for word in ("--set", one)))

    def render(self, *sets: str, release: str = RELEASE, files: Iterable[Path] = (MINISTRY,)) -> list[Object]:
        """The objects. Raises AssertionError with Helm's words."""
        done = self.template(*sets, release=release, files=files)
        assert done.returncode == 0, done.stderr
        return [one for one in yaml.safe_load_all(done.stdout) if one]


def named(objects: Iterable[Object], kind: str, name: str) -> Object:
    """The one of this kind and name."""
    (found,) = (one for one in objects if one["kind"] == kind and one["metadata"]["name"] == name)
    return found


def pods(objects: Iterable[Object]) -> Iterator[tuple[Object, Object]]:
    """(workload, specification of its pods)."""
    for one in objects:
        if one["kind"] in WORKLOADS:
            yield one, one["spec"]["template"]["spec"]


def containers(objects: Iterable[Object]) -> Iterator[tuple[Object, Object, Object]]:
    """(workload, specification of its pods, container)."""
    for workload, pod in pods(objects):
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            yield workload, pod, container


def environment(container: Object) -> dict[str, str]:
    """What a container is told; what only the cluster knows is an address."""
    return {one["name"]: one.get("value", "192.0.2.1") for one in container["env"]}
