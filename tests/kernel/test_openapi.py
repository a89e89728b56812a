# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The description of the API is whole and says what the server does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from fachwerk.app import ANSWERS, MODULES
from fachwerk.kernel.openapi import document

DOCUMENT: dict[str, Any] = json.loads(document(MODULES, ANSWERS))


def _refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from _refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner)


def test_every_reference_leads_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert {ref.removeprefix("#/components/schemas/") for ref in _refs(DOCUMENT)} <= set(schemas)


def test_every_operation_is_described() -> None:
    described = {op["operationId"]: op["summary"] for path in DOCUMENT["paths"].values() for op in path.values()}
    assert set(described) == {op.name for module in MODULES for op in module.routes}
    assert all(described.values())


@pytest.mark.parametrize(("union", "tag"), [("Event", "kind"), ("ClientFrame", "t"), ("ServerFrame", "t")])
def test_members_of_a_union_are_told_apart_by_their_tag(union: str, tag: str) -> None:
    schemas = DOCUMENT["components"]["schemas"]
    members = [ref.removeprefix("#/components/schemas/") for ref in _refs(schemas[union])]
    tags = [schemas[name]["properties"][tag]["const"] for name in members]
    assert len(set(tags)) == len(tags) > 3
    assert all(tag in schemas[name]["required"] for name in members)


def test_states_have_a_part_for_each_module() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert set(schemas["RoomStateParts"]["properties"]) == {
        "rooms", "messages", "reactions", "polls", "calls", "federation", "guests",
    }  # fmt: skip
    assert set(schemas["HelloParts"]["properties"]) == {"directory", "rooms", "messages", "calls", "investigations"}
