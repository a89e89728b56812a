# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What every store of blobs promises."""

import asyncio
import errno
import os
import random
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import psutil
import pytest

from fachwerk.adapters.blobs_local import LocalBlobs
from fachwerk.adapters.blobs_s3 import S3Blobs
from fachwerk.core.files import S3Settings
from fachwerk.core.files.blobs import Blobs, Damaged, StoreDown, StoreFull
from fachwerk.kernel.ids import new_id
from tests.stack.object_store import ObjectStore


@pytest.fixture(params=["local", "minio", "versitygw"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    """One of each kind."""
    store: Blobs
    if request.param == "local":
        store = LocalBlobs(tmp_path / "blobs")
    else:
        server: ObjectStore = request.getfixturevalue(request.param)
        store = S3Blobs(S3Settings.model_validate(server.access(server.create_bucket())))
    store.check()
    yield store
    await store.close()


async def _put(blobs: Blobs, data: bytes, part_id: str = "") -> str:
    writer = await blobs.begin(part_id := part_id or new_id())
    for at in range(0, len(data), 100_000):
        await writer.write(data[at : at + 100_000])
    await writer.keep()
    return part_id


async def _get(blobs: Blobs, part_id: str, start: int = 0, end: int = 1 << 40) -> bytes:
    whole = b""
    async with blobs.reading(part_id, start, end) as reader:
        while piece := await reader.read(70_000, bytes):
            whole += piece
    return whole


async def _ids(blobs: Blobs) -> list[str]:
    return [part_id async for batch in blobs.stored() for part_id in batch]


async def test_a_kept_part_comes_back_from_any_place(blobs: Blobs) -> None:
    data = random.Random(1).randbytes(1_234_567)
    part_id = await _put(blobs, data)
    assert await _get(blobs, part_id) == data
    assert await _get(blobs, part_id, 1_000_000) == data[1_000_000:]
    assert await _get(blobs, part_id, 1_000_000, 1_100_000) == data[1_000_000:1_100_000]
    assert await _get(blobs, part_id, 1_234_000, 1_300_000) == data[1_234_000:]
    assert await _get(blobs, part_id, len(data)) == b""
    assert await _get(blobs, part_id, 5, 5) == b""
    assert await _ids(blobs) == [part_id]


async def test_a_begun_part_cannot_be_read(blobs: Blobs) -> None:
    writer = await blobs.begin(part_id := new_id())
    await writer.write(b"half")
    with pytest.raises(Damaged):
        await _get(blobs, part_id)
    await writer.keep()
    assert await _get(blobs, part_id) == b"half"


async def test_a_dropped_part_leaves_no_trace(blobs: Blobs) -> None:
    writer = await blobs.begin(new_id())
    await writer.write(b"half")
    await writer.drop()
    await writer.drop()
    assert await _ids(blobs) == []


async def test_deleting_is_for_good_and_may_be_repeated(blobs: Blobs) -> None:
    part_id, other = await _put(blobs, b"x"), await _put(blobs, b"y")
    for _ in range(2):
        await blobs.delete(part_id)
    with pytest.raises(Damaged):
        await _get(blobs, part_id)
    assert await _ids(blobs) == [other]
    begun = new_id()
    await (await blobs.begin(begun)).write(b"half")
    await blobs.delete(begun)
    assert await _ids(blobs) == [other]


async def test_an_empty_store_is_no_fault(blobs: Blobs) -> None:
    assert await _ids(blobs) == []
    with pytest.raises(Damaged):
        await _get(blobs, new_id())


async def test_many_at_once_do_not_disturb_each_other(blobs: Blobs) -> None:
    contents = {new_id(): random.Random(n).randbytes(n * 10_000 + 1) for n in range(40)}
    await asyncio.gather(*(_put(blobs, data, part_id) for part_id, data in contents.items()))
    got = await asyncio.gather(*(_get(blobs, part_id) for part_id in contents))
    assert dict(zip(contents, got, strict=True)) == contents
    assert sorted(await _ids(blobs)) == sorted(contents)


async def test_a_cancelled_reader_leaves_nothing_open(blobs: Blobs) -> None:
    part_id = await _put(blobs, b"x" * 10_000_000)
    before = psutil.Process().num_fds()

    async def read_all() -> AsyncIterator[bytes]:
        async with blobs.reading(part_id, 0, 10_000_000) as reader:
            while piece := await reader.read(1000, bytes):
                yield piece

    async def consume() -> None:
        async for _ in read_all():
            pass

    readers = [asyncio.create_task(consume()) for _ in range(20)]
    await asyncio.sleep(0.05)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    await asyncio.sleep(0.05)
    assert psutil.Process().num_fds() <= before


# ---------------------------------------------------------------- the local disk


@pytest.mark.parametrize(
    ("fault", "told"), [(errno.ENOSPC, StoreFull), (errno.EDQUOT, StoreFull), (errno.EIO, StoreDown)]
)
async def test_faults_of_the_disk_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int, told: type[Exception]
) -> None:
    blobs, data = LocalBlobs(tmp_path), b"x" * 1000

    def fail(*_: object) -> None:
        raise OSError(fault, "the disk")

    for call in ("fdatasync", "fsync"):
        writer = await blobs.begin(new_id())
        await writer.write(data)
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(os, call, fail)
            with pytest.raises(told):
                await writer.keep()
        await writer.drop()
        assert await _ids(blobs) == []
    kept = await _put(blobs, data)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(os, "pread", fail)
        with pytest.raises(told):
            await _get(blobs, kept)
    await blobs.close()


async def test_a_begun_part_is_listed_for_the_sweep(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    writer = await blobs.begin(part_id := new_id())
    await writer.write(b"half")
    assert await _ids(blobs) == [part_id]
    await writer.drop()
    await blobs.close()


async def test_a_folder_that_cannot_be_made_is_told_at_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    blobs = LocalBlobs(tmp_path / "file" / "blobs")
    with pytest.raises(SystemExit, match="cannot make the folder of files"):
        blobs.check()
    await blobs.close()


async def test_the_reserve_is_left_to_others(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs", reserve_bytes=1 << 60)
    with pytest.raises(StoreFull):
        await blobs.begin(new_id())
    assert await _ids(blobs) == []
    await blobs.close()


async def test_parts_are_durable_in_this_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs, seen = LocalBlobs(tmp_path), list[str]()
    await _put(blobs, b"warm up the folder", part_id := new_id())

    def noted(name: str, real: Callable[..., object], *args: object) -> object:
        seen.append(name)
        return real(*args)

    for name in ("fdatasync", "fsync", "rename"):
        monkeypatch.setattr(os, name, partial(noted, name, getattr(os, name)))
    await _put(blobs, b"x", new_id()[:-2] + part_id[-2:])
    assert seen == ["fdatasync", "rename", "fsync"]
    await blobs.close()


async def test_only_the_owner_may_read_what_lies_there(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    part_id = await _put(blobs, b"x")
    path = tmp_path / "blobs" / part_id[-2:] / part_id
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    await blobs.close()
