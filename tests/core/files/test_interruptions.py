# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Lines break, processes die, disks fill up: what was acknowledged is there, and the rest comes again."""

import asyncio
import errno
import hashlib
import os
import random
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from sqlalchemy.exc import OperationalError

from fachwerk.core.files.intake import KEEP_BYTES, QUIET_S
from fachwerk.kernel.db import Database
from tests.core.files.depot import Depot, Sender, open_depot, process
from tests.stack.component import free_ports

MIB = 1024 * 1024
KILLS = 6
"""Of a real process, per database."""


async def _bring(sender: Sender, path: str, data: bytes) -> None:
    """Do what a client does: ask, continue, until it is all there."""
    for _ in range(100):
        offset = await sender.offset(path)
        if offset == len(data):
            break
        if (await sender.patch(path, offset, data[offset:])).status_code in {409, 423}:
            await asyncio.sleep(0.05)
    answer = await sender.finish(path, hashlib.sha256(data).hexdigest())
    assert answer.status_code == 201, answer.text
    got = await sender.get(f"/files/{answer.json()['id']}/content")
    assert got.content == data


async def test_cut_anywhere_nothing_acknowledged_is_lost(depot: Depot) -> None:
    dice = random.Random(13)
    for _ in range(4):
        ada, data = depot["ada"], dice.randbytes(12 * MIB)
        path, acked = await ada.begin(len(data)), 0
        for _ in range(4):
            size = dice.randrange(1, (len(data) - acked) // 2)
            with await ada.cut(path, acked, len(data) - acked, data[acked : acked + size]):
                await asyncio.sleep(dice.choice([0, 0.01, 0.1]))
            stands = await ada.offset(path)
            assert acked <= stands <= len(data)
            acked = stands
        await _bring(ada, path, data)


async def test_a_cut_request_keeps_what_it_brought(depot: Depot) -> None:
    ada, data = depot["ada"], random.Random(3).randbytes(9 * MIB)
    for brought, kept in [
        (KEEP_BYTES - 1, 0),
        (KEEP_BYTES, KEEP_BYTES),
        (8 * MIB + 5, 8 * MIB),
        (9 * MIB - 1, 9 * MIB - 1),
    ]:
        path = await ada.begin(len(data))
        with await ada.cut(path, 0, len(data), data[:brought]):
            await asyncio.sleep(0.5)  # until all of it is read
        for _ in range(500):
            if await ada.offset(path) == kept and not depot.store.turns:
                break
            await asyncio.sleep(0.02)
        assert await ada.offset(path) == kept
        await _bring(ada, path, data)


async def test_a_cancelled_request_puts_its_bytes_away(depot: Depot) -> None:
    ada, data = depot["ada"], random.Random(4).randbytes(20 * MIB)
    path = await ada.begin(len(data))
    with await ada.cut(path, 0, len(data), data[: 11 * MIB + 77]):
        await asyncio.sleep(0.5)
        (mine,) = [task for task in asyncio.all_tasks() if "RequestResponseCycle.run_asgi" in repr(task.get_coro())]
        mine.cancel()
        await asyncio.wait([mine])
    assert await ada.offset(path) == 11 * MIB + 77
    assert not depot.store.turns
    await _bring(ada, path, data)


async def test_after_a_restart_the_checksum_is_read_again(database_url: str, tmp_path: Path) -> None:
    data = random.Random(8).randbytes(10 * MIB)
    async with open_depot(database_url, tmp_path) as depot:
        ada = depot["ada"]
        path = await ada.begin(len(data))
        assert (await ada.patch(path, 0, data[: 6 * MIB])).status_code == 204
    async with open_depot(database_url, tmp_path) as depot:
        again = replace(ada, base=depot.base, http=depot.http)
        assert depot.store.remembered(path.rpartition("/")[2])[0] == 0
        assert (await again.patch(path, 6 * MIB, data[6 * MIB :])).status_code == 204
        wrong = await again.finish(path, hashlib.sha256(data[1:]).hexdigest())
        assert wrong.status_code == 409
        await _bring(again, path, data)


async def test_killed_with_bytes_in_flight_nothing_acknowledged_is_lost(database_url: str, tmp_path: Path) -> None:
    dice, port = random.Random(17), free_ports(1)
    data = dice.randbytes(40 * MIB)
    async with open_depot(database_url, tmp_path) as depot:
        ada = replace(depot["ada"], base=f"http://127.0.0.1:{port}")
    acked, path = 0, ""
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        ada = replace(ada, http=client)
        for kill in range(KILLS):
            async with process(database_url, tmp_path, port) as server:
                path = path or await ada.begin(len(data))
                start = await ada.offset(path)
                assert start >= acked, f"kill {kill}: {acked} was acknowledged, {start} is there"
                piece = await ada.patch(path, start, data[start : start + dice.randrange(1, MIB)])
                assert piece.status_code == 204
                acked = int(piece.headers["upload-offset"])
                size = dice.randrange(1, (len(data) - acked) // 2)
                with await ada.cut(path, acked, len(data) - acked, data[acked : acked + size]):
                    await asyncio.sleep(dice.random() * 0.1)
                    server.kill()
                    await server.wait()
        async with process(database_url, tmp_path, port):
            assert await ada.offset(path) >= acked
            await _bring(ada, path, data)


class _Disk:
    """Lets only so many bytes into one folder, as a disk does that is full."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free = 0
        self._folder, self._write = folder, os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, handle: int, data: bytes) -> int:
        if not Path(f"/proc/self/fd/{handle}").readlink().is_relative_to(self._folder):
            return self._write(handle, data)
        if self.free < len(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        self.free -= len(data)
        return self._write(handle, data)


async def test_a_full_disk_is_told_and_the_upload_goes_on_later(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, data = depot["ada"], random.Random(9).randbytes(20 * MIB)
    path = await ada.begin(len(data))
    disk = _Disk(depot.blobs_dir, monkeypatch)
    disk.free = 13 * MIB
    refused = await ada.patch(path, 0, data)
    assert refused.status_code == 507
    assert refused.json()["type"] == "urn:fachwerk:problem:storage-full"
    assert await ada.offset(path) == 8 * MIB
    assert (await ada.patch(path, 8 * MIB, data[8 * MIB :])).status_code == 507
    assert await ada.offset(path) == 8 * MIB
    assert len([path for path in depot.blobs_dir.rglob("*") if path.is_file()]) == 1
    disk.free = 100 * MIB
    await _bring(ada, path, data)


async def test_the_reserve_of_the_disk_is_left_free(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depot.store.blobs, "_reserve_bytes", 1 << 60)
    path = await depot["ada"].begin(100)
    assert (await depot["ada"].patch(path, 0, b"x" * 100)).status_code == 507
    monkeypatch.setattr(depot.store.blobs, "_reserve_bytes", 0)
    assert (await depot["ada"].patch(path, 0, b"x" * 100)).status_code == 204


async def test_a_database_that_goes_away_costs_one_part(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, data = depot["ada"], random.Random(10).randbytes(10 * MIB)
    path = await ada.begin(len(data))
    away = OperationalError("UPDATE", None, ConnectionError(), connection_invalidated=True)

    def no_work(_self: Database) -> None:
        raise away

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Database, "work", no_work)
        refused = await ada.patch(path, 0, data)
    assert refused.status_code == 503
    assert await ada.offset(path) == 0
    await _bring(ada, path, data)


async def test_two_tabs_of_one_person_end_with_one_right_file(depot: Depot) -> None:
    ada, data = depot["ada"], random.Random(12).randbytes(20 * MIB)
    path = await ada.begin(len(data))

    async def tab() -> None:
        while (offset := await ada.offset(path)) < len(data):
            answer = await ada.patch(path, offset, data[offset : offset + 3 * MIB])
            assert answer.status_code in {204, 409, 423}
            depot.clock.ahead_s += QUIET_S / 2
            await asyncio.sleep(0.01)

    await asyncio.wait_for(asyncio.gather(tab(), tab(), tab()), 60)
    await _bring(ada, path, data)
