# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the bridge decides without asking anybody."""

import uuid
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fachwerk_matrix import ids
from fachwerk_matrix.errors import Later
from fachwerk_matrix.from_matrix import in_order
from fachwerk_matrix.lanes import Lanes
from fachwerk_matrix.media import file_name
from fachwerk_matrix.registration import registration
from fachwerk_matrix.steps import TEXT_PART_BYTES, text_parts
from fachwerk_matrix.store import Incoming, Store
from tests.federation.talk import until


@given(st.text(max_size=200).map(lambda text: text * 200))
def test_the_parts_of_a_text_fit_and_are_the_text(text: str) -> None:
    parts = text_parts(text)
    assert "".join(parts) == text
    assert all(0 < len(msgspec.json.encode(part)) <= TEXT_PART_BYTES for part in parts)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9)), max_size=30))
def test_numbers_are_taken_in_order_and_the_rest_as_it_came(arrived: list[tuple[str, int]]) -> None:
    rows = [
        Incoming(number=n, event_id=f"${n}", mx_room="!r", server=server, seq=seq, raw="", at_ms=0)
        for n, (server, seq) in enumerate(arrived, 1)
    ]
    taken = list(in_order(rows))
    assert sorted(row.number or 0 for row in taken) == [row.number for row in rows]
    for server in "ab":
        numbered = [row.seq for row in taken if row.server == server and row.seq]
        assert numbered == sorted(numbered)
    plain = [row.number or 0 for row in taken if not row.seq]
    assert plain == sorted(plain)


def test_the_id_of_an_employee_tells_nothing_and_leads_back() -> None:
    person = str(uuid.uuid4())
    ghost = ids.ghost_of(person, "nord.example:8448")
    assert ids.person_of(ghost) == person
    assert ids.server_of(ghost) == "nord.example:8448"
    for other in ("@fachwerk-bridge:nord.example", "@fachwerk_xyz:nord.example", "@anna:nord.example", "", "x:y"):
        assert ids.person_of(other) == ""
    assert ids.server_of("nobody:nord.example") == ""


def test_the_registration_is_what_a_homeserver_reads() -> None:
    read = yaml.safe_load(registration("nord.example:8448", "http://bridge:8490", 'a"b', "hs"))
    assert (read["as_token"], read["hs_token"], read["url"]) == ('a"b', "hs", "http://bridge:8490")
    (users,) = read["namespaces"]["users"]
    assert users["exclusive"]
    assert users["regex"] == "^@fachwerk_[0-9a-f]+:nord\\.example:8448$"


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Plan.pdf", "Plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\\b.txt", "b.txt"),
        ("\x00..", "Datei"),
        ("", "Datei"),
    ],
)
def test_names_of_files_from_elsewhere_lead_nowhere(given_name: str, kept: str) -> None:
    assert file_name(given_name) == kept


async def test_a_lane_tries_again_and_keeps_nobody_waiting() -> None:
    seen: list[str] = []

    async def step(key: str) -> float | None:
        seen.append(key)
        if key == "bad" and seen.count("bad") < 3:
            raise Later("away")
        return None

    async def both() -> bool:
        return seen.count("bad") == 3 and seen.count("good") == 1

    lanes = Lanes("test", step)
    lanes.wake("bad")
    lanes.wake("good")
    await until(both)
    await lanes.close()


async def test_two_bridges_do_not_share_a_database(tmp_path: Path, postgres_url: str) -> None:
    for url in (f"sqlite+aiosqlite:///{tmp_path}/bridge.db", postgres_url.replace("://", "+asyncpg://", 1)):
        first, second = Store(url), Store(url)
        await first.open()
        with pytest.raises(SystemExit, match="another bridge"):
            await second.open()
        await second.close()
        await first.close()
        third = Store(url)
        await third.open()
        await third.close()
