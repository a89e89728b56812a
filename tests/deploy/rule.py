# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a rule for the chart is: a sentence, who breaks it, and a change that breaks it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.deploy.chart import WORKLOADS, Object, containers, pods

Objects = list[Object]


class Rule(NamedTuple):
    """broken: those that break it. break_it: changes one object so that it does, as an oversight would."""

    sentence: str
    broken: Callable[[Objects], Iterator[str]]
    break_it: Callable[[Object], object]


def each(test: Callable[[Object, Object], bool]) -> Callable[[Objects], Iterator[str]]:
    """Of containers, those that fail the test (pod, container)."""
    return lambda objects: (
        f"{workload['metadata']['name']}/{container['name']}"
        for workload, pod, container in containers(objects)
        if not test(pod, container)
    )


def of_pods(test: Callable[[Object, Object], bool]) -> Callable[[Objects], Iterator[str]]:
    """Of workloads, those that fail the test (workload, pod)."""
    return lambda objects: (one["metadata"]["name"] for one, pod in pods(objects) if not test(one, pod))


def of_kinds(kinds: set[str], test: Callable[[Object], bool]) -> Callable[[Objects], Iterator[str]]:
    """Of objects of these kinds, those that fail the test."""
    return lambda objects: (
        f"{o['kind']} {o['metadata']['name']}" for o in objects if o["kind"] in kinds and not test(o)
    )


def in_pod(change: Callable[[Object], object]) -> Callable[[Object], object]:
    """Change the pods of every workload."""
    return lambda one: change(one["spec"]["template"]["spec"]) if one["kind"] in WORKLOADS else None


def in_container(change: Callable[[Object], object]) -> Callable[[Object], object]:
    """Change the container of every pod."""
    return in_pod(lambda pod: change(pod["containers"][0]))


def put(*path: str, to: object) -> Callable[[Object], object]:
    """Set what lies at the end of this path."""

    def change(one: Object) -> None:
        for name in path[:-1]:
            one = one[name]
        one[path[-1]] = to

    return change


def drop(*path: str) -> Callable[[Object], object]:
    """Remove what lies at the end of this path."""

    def change(one: Object) -> None:
        for name in path[:-1]:
            one = one[name]
        one.pop(path[-1], None)

    return change


def of_kind(kind: str, change: Callable[[Object], object]) -> Callable[[Object], object]:
    """Change objects of this kind alone."""
    return lambda one: change(one) if one["kind"] == kind else None
