# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What does not fit is refused in the protocol's words, and nothing is changed by it."""

from typing import Any

import pytest

from tests.house import House
from tests.house.pusher import PATCH, Pusher, op, user

pytestmark = pytest.mark.anyio

FILTERS = [
    'userName co "e"',
    'userName sw "l"',
    "userName pr",
    'not (userName eq "lea")',
    'userName eq "lea" or userName eq "mia"',
    'emails.value eq "lea@ministerium.example"',
    'emails[type eq "work"].value eq "x"',
    'displayName eq "Lea"',
    'name.givenName eq "Lea"',
    'nothing eq "x"',
    "userName eq null",
    "userName eq 5",
    "active eq",
    "(",
    "userName eq 'x'",
    'userName eq "x"; DROP TABLE person',
    r'userName eq "a\u0000b"',
    r'userName eq "\ud800"',
    'groups.value eq "x"',
    "(" * 5_000,
    " and ".join(['userName eq "x"'] * 11),
    "not (" * 200 + 'userName eq "x"' + ")" * 200,
]


async def test_other_filters_are_refused(pusher: Pusher) -> None:
    await pusher.hire("lea")
    for chosen in FILTERS:
        assert await pusher.refused("POST", "/Users/.search", {"filter": chosen}) == (400, "invalidFilter"), chosen


USERS: list[dict[str, Any]] = [
    {"externalId": None},
    {"externalId": ""},
    {"externalId": 7},
    {"externalId": "x" * 257},
    {"externalId": "a\u0000b"},
    {"userName": None},
    {"userName": "  "},
    {"userName": ["lea"]},
    {"userName": "x" * 257},
    {"userName": "a\nb"},
    {"displayName": "a\u0000b"},
    {"name": {"givenName": "x" * 257}},
    {"name": "Lea"},
    {"active": "vielleicht"},
    {"active": 7},
    {"emails": "lea@x.example"},
    {"emails": ["lea@x.example"]},
    {"emails": [{"value": "nirgends"}]},
    {"emails": [{"type": "work"}]},
    {"emails": [{"value": f"{n}@x.example"} for n in range(11)]},
    {"schemas": "x"},
]


async def test_an_order_is_not_kept(pusher: Pusher) -> None:
    assert await pusher.refused("GET", "/Users?sortBy=userName") == (501, None)


async def test_a_user_that_does_not_fit_is_refused(pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    before = await pusher.call("GET", f"/Users/{lea}")
    for more in USERS:
        assert await pusher.refused("POST", "/Users", user("mia", **more)) == (400, "invalidValue"), more
        status, word = await pusher.refused("PUT", f"/Users/{lea}", user("lea", **more))
        assert (status, word) in {(400, "invalidValue"), (400, "mutability")}, more
    assert (await pusher.call("GET", "/Users"))["Resources"] == [before]


async def test_a_body_that_is_no_json_is_told_so(pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    surrogate, deep, deeper = b'{"userName": "\\ud800"}', b"[" * 100_000, b'{"a":' * 30_000
    for raw in (b"", b"{", b"[]", b"null", b"\xff\xfe", surrogate, deep, deeper):
        for method, path in (("POST", "/Users"), ("PUT", f"/Users/{lea}"), ("PATCH", f"/Users/{lea}")):
            assert await pusher.refused(method, path, raw) == (400, "invalidSyntax"), (method, raw[:20])


async def test_a_body_beyond_the_limit_is_not_read(pusher: Pusher) -> None:
    assert await pusher.refused("POST", "/Users", b" " * (10 << 20)) == (413, None)
    assert (await pusher.ask("POST", "/Users", b"<user/>", **{"Content-Type": "text/xml"})).status_code == 415


PATCHES: list[tuple[Any, tuple[int, str | None]]] = [
    ([], (400, "invalidValue")),
    (None, (400, "invalidValue")),
    ([op("dance", "active", value=True)], (400, "invalidValue")),
    ([op("remove")], (400, "noTarget")),
    ([op("add", "((", value=1)], (400, "invalidPath")),
    ([op("replace", "id", value="x")], (400, "mutability")),
    ([op("replace", "externalId", value="mia")], (400, "mutability")),
    ([op("remove", "externalId")], (400, "mutability")),
    ([op("replace", "groups", value=[])], (400, "mutability")),
    ([op("remove", "userName")], (400, "mutability")),
    ([op("replace", "userName", value="mia@ministerium.example")], (409, "uniqueness")),
    ([op("replace", "userName", value="MIA@ministerium.EXAMPLE")], (409, "uniqueness")),
    ([op("replace", "displayName", value="x" * 257)], (400, "invalidValue")),
    ([op("add", "displayName", value="x")] * 101, (413, None)),
]


async def test_a_patch_that_does_not_fit_is_refused(pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    await pusher.hire("mia")
    before = await pusher.call("GET", f"/Users/{lea}")
    for operations, refusal in PATCHES:
        body = {"schemas": [PATCH], "Operations": operations}
        assert await pusher.refused("PATCH", f"/Users/{lea}", body) == refusal, operations
    assert await pusher.call("GET", f"/Users/{lea}") == before


async def test_nobody_is_told_of_twice(pusher: Pusher) -> None:
    await pusher.hire("lea")
    for more in (
        {},
        {"externalId": "other"},
        {"userName": "other"},
        {"externalId": "o", "userName": "LEA@ministerium.example"},
    ):
        assert await pusher.refused("POST", "/Users", user("lea", **more)) == (409, "uniqueness")
    mia = await pusher.hire("mia")
    assert await pusher.refused("PUT", f"/Users/{mia}", user("mia", userName="lea@ministerium.example")) == (
        409,
        "uniqueness",
    )
    assert await pusher.refused("PUT", f"/Users/{mia}", user("lea")) == (400, "mutability")
    assert (await pusher.call("GET", "/Users"))["totalResults"] == 2


@pytest.mark.parametrize(
    "unknown", ["x", "%00", "..%2F..", "01a22c3a-0000-7000-8000-000000000000", "A" * 2_000, "%F0%9F%8E%89"]
)
async def test_an_unknown_id_is_nobody(house: House, pusher: Pusher, unknown: str) -> None:
    body = {"schemas": [PATCH], "Operations": [op("replace", "active", value=False)]}
    for path in (f"/Users/{unknown}", f"/Groups/{unknown}"):
        assert await pusher.refused("GET", path) == (404, None)
        assert await pusher.refused("PATCH", path, body) in {(404, None), (400, "invalidPath")}


async def test_people_of_whom_nobody_told_are_nobody(house: House, pusher: Pusher) -> None:
    ada = house.people["ada"]
    for method, body in (("GET", None), ("PUT", user("ada")), ("DELETE", None)):
        assert await pusher.refused(method, f"/Users/{ada}", body) == (404, None)
    assert await (await house.client("ada")).call("GET", "/me")
