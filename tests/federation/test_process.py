# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The bridge's process, with its parts replaced: what is settled when, and how it ends."""

import asyncio
from pathlib import Path
from typing import NoReturn

import pytest

from fachwerk_matrix.bridge import Bridge
from fachwerk_matrix.connector import Fachwerk
from fachwerk_matrix.portals import Portals
from fachwerk_matrix.settings import Settings
from fachwerk_matrix.store import Room, Store
from fachwerk_matrix.wire import FederatedRoom, RoomPeer
from tests.stack.component import free_ports


@pytest.fixture
def bridge(tmp_path: Path) -> Bridge:
    """One whose Fachwerk and homeserver do not answer."""
    for name in ("fachwerk", "as", "hs"):
        (tmp_path / name).write_text("secret")
    nobody = f"http://127.0.0.1:{free_ports(1)}"
    settings = Settings(
        server_name="nord.example",
        homeserver_url=nobody,
        fachwerk_url=nobody,
        token_file=tmp_path / "fachwerk",
        as_token_file=tmp_path / "as",
        hs_token_file=tmp_path / "hs",
        port=free_ports(1),
        database_url=f"sqlite+aiosqlite:///{tmp_path}/bridge.db",
    )
    return Bridge(settings)


async def test_what_the_list_says_last_is_what_is_settled(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = (FederatedRoom(room_id="r", name=name, topic="", opened_seq=0) for name in ("vorher", "nachher"))
    said, asked, go_on, settled = [before], asyncio.Event(), asyncio.Event(), list[str]()

    async def rooms(_: Fachwerk) -> list[FederatedRoom]:
        return said

    async def room(_store: Store, room_id: str) -> Room:
        asked.set()
        await go_on.wait()
        return Room(room_id=room_id, mx_room="!r", read_seq=0)

    async def settle(_portals: Portals, info: FederatedRoom, room: Room) -> Room:
        settled.append(info.name)
        return room

    monkeypatch.setattr(Fachwerk, "rooms", rooms)
    monkeypatch.setattr(Store, "room", room)
    monkeypatch.setattr(Portals, "settle", settle)
    await bridge._read_rooms()
    sending = asyncio.create_task(bridge._send("r"))
    await asked.wait()
    said = [after]
    await bridge._read_rooms()
    go_on.set()
    await sending
    await bridge._send("r")
    assert settled[-1] == "nachher"


async def test_a_part_that_breaks_ends_the_process_with_its_error(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_: Bridge) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(Bridge, "_tend", breaks)
    async with asyncio.timeout(30):
        with pytest.raises(ZeroDivisionError):
            await bridge.run()


async def test_how_far_a_peer_is_does_not_have_the_list_read_again(bridge: Bridge) -> None:
    peer = RoomPeer(server="sued.example", state="open")
    bridge._rooms = {"r": FederatedRoom(room_id="r", name="Lage", topic="", opened_seq=0, peers=[peer])}
    for state, is_news in (("open", False), ("closed", True)):
        event = {"kind": "federation.status", "server": peer.server, "state": state}
        bridge._refresh.clear()
        bridge._happened("r", {"a": "room:r", "e": event})
        assert bridge._refresh.is_set() is is_news
