# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Every fault of a body has its place."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk.kernel.errors import BadRequest, Invalid
from fachwerk.kernel.fields import convert_query, decode
from fachwerk.kernel.wire import Body, Query


class Inner(Body):
    n: int


class Outer(Body):
    name: str
    inner: list[Inner] = []


class Asked(Query):
    limit: int = 5
    id: list[str] = []
    all: bool = False


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": 1}, "/name"),
        ({"name": "x", "inner": [{"n": 1}, {"n": "2"}]}, "/inner/1/n"),
        ({"name": "x", "a/b~c": 1}, "/a~1b~0c"),
        ({}, ""),
        ([], ""),
    ],
)
def test_a_fault_is_named_by_a_json_pointer(body: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode(Outer, json.dumps(body))
    assert [error.pointer for error in refused.value.errors] == [pointer]


@given(st.binary(max_size=200))
def test_no_bytes_get_past_or_crash(raw: bytes) -> None:
    try:
        outcome: object = decode(Outer, raw)
    except (BadRequest, Invalid) as refused:
        outcome = refused.document("id")
    assert msgspec.json.encode(outcome)


def test_a_query_is_read_from_text() -> None:
    asked = convert_query(Asked, [("limit", "7"), ("id", "a"), ("id", "b"), ("all", "true")])
    assert (asked.limit, asked.id, asked.all) == (7, ["a", "b"], True)
    with pytest.raises(Invalid) as refused:
        convert_query(Asked, [("limit", "many")])
    assert refused.value.errors[0].pointer == "/limit"


def test_text_without_a_character_that_no_database_keeps() -> None:
    with pytest.raises(Invalid) as refused:
        decode(Outer, b'{"name": "a\\u0000", "inner": []}')
    assert [error.pointer for error in refused.value.errors] == ["/name"]
    with pytest.raises(Invalid) as refused:
        convert_query(Asked, [("id", "a"), ("id", "b\0")])
    assert [error.pointer for error in refused.value.errors] == ["/id/1"]
    assert decode(Outer, r'{"name": "\\u0000"}').name == r"\u0000", "its spelling is text like any other"
