# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Object stores that hang, die, refuse, are full or were never the right ones."""

import asyncio
import io
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from fachwerk.adapters.blobs_s3 import S3Blobs
from fachwerk.core.files import S3Settings
from fachwerk.core.files.blobs import Blobs, Damaged, StoreBusy, StoreDown, StoreFull
from fachwerk.kernel.ids import new_id
from fachwerk.settings import load
from tests.stack.component import free_ports
from tests.stack.object_store import ObjectStore

TIMEOUT_S = 0.5
DATA = random.Random(31).randbytes(3_000_000)


@pytest.fixture
def access(object_store: ObjectStore) -> dict[str, Any]:
    """Settings for a bucket of this test alone."""
    return object_store.access(object_store.create_bucket())


@asynccontextmanager
async def _open(access: dict[str, Any], **more: object) -> AsyncIterator[S3Blobs]:
    blobs = S3Blobs(S3Settings.model_validate(access | more))
    try:
        yield blobs
    finally:
        await blobs.close()


async def _put(blobs: Blobs, data: bytes = DATA, part_id: str = "") -> str:
    writer = await blobs.begin(part_id := part_id or new_id())
    await writer.write(data[:1_000_000])
    await writer.write(data[1_000_000:])
    await writer.keep()
    return part_id


async def _get(blobs: Blobs, part_id: str, size: int = len(DATA)) -> bytes:
    async with blobs.reading(part_id, 0, size) as reader:
        return await reader.read(size, bytes)


async def _list(blobs: Blobs) -> list[str]:
    return [part_id async for batch in blobs.stored() for part_id in batch]


# ---------------------------------------------------------------- outages


async def test_one_that_hangs_is_told_in_time(object_store: ObjectStore, access: dict[str, Any]) -> None:
    async with _open(access, timeout_s=TIMEOUT_S) as blobs:
        part_id = await _put(blobs)
        with object_store.hanging():
            for what in (_put(blobs), _get(blobs, part_id), blobs.delete(part_id), _list(blobs)):
                began = time.monotonic()
                with pytest.raises(StoreDown):
                    await what
                assert time.monotonic() - began < 4 * TIMEOUT_S  # listing tries twice
            blobs.check()  # which is no reason not to start
        assert await _get(blobs, await _put(blobs)) == DATA


async def test_one_that_hangs_holds_up_nothing_else(object_store: ObjectStore, access: dict[str, Any]) -> None:
    async with _open(access, timeout_s=4 * TIMEOUT_S) as blobs:
        with object_store.hanging():
            asked = [asyncio.create_task(_put(blobs)) for _ in range(20)]
            turns = 0
            while not any(task.done() for task in asked):
                await asyncio.to_thread(int)
                turns += 1
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert turns >= 10
        assert {type(outcome) for outcome in outcomes} == {StoreDown}
        assert blobs.waiting == 0


async def test_one_that_dies_loses_nothing_that_was_kept(object_store: ObjectStore, access: dict[str, Any]) -> None:
    async with _open(access) as blobs:
        kept = await _put(blobs)
        object_store.crash()
        for what in (_put(blobs), _get(blobs, kept), blobs.delete(kept), _list(blobs)):
            with pytest.raises(StoreDown):
                await what
        blobs.check()
        object_store.start()
        assert await _get(blobs, kept) == DATA
        assert await _list(blobs) == [kept]


async def test_connections_that_died_meanwhile_are_no_fault(object_store: ObjectStore, access: dict[str, Any]) -> None:
    async with _open(access) as blobs:
        kept = await asyncio.gather(*(_put(blobs) for _ in range(5)))
        object_store.stop()
        object_store.start()
        again = await asyncio.gather(*(_put(blobs) for _ in range(5)))
        assert sorted(await _list(blobs)) == sorted([*kept, *again])


async def test_a_reader_whose_stream_breaks_goes_on(object_store: ObjectStore, access: dict[str, Any]) -> None:
    data = random.Random(32).randbytes(40_000_000)
    async with _open(access) as blobs:
        part_id = await _put(blobs, data)
        async with blobs.reading(part_id, 0, len(data)) as reader:
            got = await reader.read(1_000_000, bytes)
            object_store.crash()
            object_store.start()
            while piece := await reader.read(1_000_000, bytes):
                got += piece
        assert got == data


# ---------------------------------------------------------------- refusals


async def test_what_others_put_there_is_none_of_ours(object_store: ObjectStore, access: dict[str, Any]) -> None:
    part_id = new_id()
    async with _open(access) as blobs:
        with object_store.client() as client:
            for name in ("notes.txt", f"{part_id[-2:]}/{part_id}", "parts/ab/readme", f"parts/zz/{part_id}"):
                client.put_object(access["bucket"], name, io.BytesIO(b"x"), 1)
        kept = await _put(blobs)
        assert await _list(blobs) == [kept]


async def test_more_uploads_than_memory_are_asked_to_come_back(access: dict[str, Any]) -> None:
    async with _open(access, parts_in_memory=2) as blobs:
        first, second = await blobs.begin(new_id()), await blobs.begin(new_id())
        with pytest.raises(StoreBusy):
            await blobs.begin(new_id())
        await first.drop()
        await first.drop()
        await _put(blobs)
        await second.keep()
        assert blobs.waiting == 0


@pytest.mark.parametrize(
    ("status", "code", "put", "got"),
    [
        (507, "XMinioStorageFull", StoreFull, StoreFull),
        (403, "QuotaExceeded", StoreFull, StoreFull),
        (404, "NoSuchKey", StoreDown, Damaged),
        (404, "NoSuchBucket", StoreDown, StoreDown),
        (403, "InvalidAccessKeyId", StoreDown, StoreDown),
        (503, "SlowDown", StoreDown, StoreDown),
        (409, "OperationAborted", StoreDown, StoreDown),
        (301, "PermanentRedirect", StoreDown, StoreDown),
        (502, "", StoreDown, StoreDown),
    ],
)
async def test_refusals_are_told_apart(
    tmp_path: Path, status: int, code: str, put: type[Exception], got: type[Exception]
) -> None:
    text = f"<Error><Code>{code}</Code></Error>" if code else "<html>Bad Gateway</html>"

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = (
            f"HTTP/1.1 {status} No\r\nLocation: /elsewhere\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
        )
        writer.write((head + text).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    (tmp_path / "key").write_text("key")
    port = server.sockets[0].getsockname()[1]
    async with server, _open(_elsewhere(tmp_path, port)) as blobs:
        with pytest.raises(put):
            await _put(blobs, b"x")
        with pytest.raises(got):
            await _get(blobs, new_id())


def _elsewhere(folder: Path, port: int) -> dict[str, Any]:
    (folder / "key").write_text("key")
    keys = {"access_key_file": folder / "key", "secret_key_file": folder / "key"}
    return {"endpoint": f"http://127.0.0.1:{port}", "bucket": "ours", **keys}


# ---------------------------------------------------------------- at start


async def test_what_cannot_be_right_is_one_sentence_at_start(
    object_store: ObjectStore, access: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "wrong").write_text("0123456789abcdef")
    faults: list[tuple[dict[str, Any], str]] = [
        ({"access_key_file": tmp_path / "wrong"}, "does not know the access key in .*/wrong"),
        ({"secret_key_file": tmp_path / "wrong"}, "the secret in .*/wrong does not fit the access key in"),
        ({"bucket": "nobodys"}, "there is no bucket nobodys at http://127.0.0.1:"),
    ]
    for wrong, sentence in faults:
        async with _open(access, **wrong) as blobs:
            with pytest.raises(SystemExit, match=sentence) as told:
                blobs.check()
            assert "\n" not in str(told.value)


async def test_one_that_is_away_does_not_keep_us_from_starting(tmp_path: Path) -> None:
    async with _open(_elsewhere(tmp_path, free_ports(1)), timeout_s=TIMEOUT_S) as blobs:
        blobs.check()
        with pytest.raises(StoreDown):
            await _put(blobs)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("endpoint", "http://s3.example", "must begin with https://"),
        ("endpoint", "ftp://127.0.0.1", "must begin with https://"),
        ("endpoint", "https://key:word@s3.example", "no keys"),
        ("endpoint", "https://s3.example/bucket", "no path"),
        ("endpoint", "s3.example:9000", "a scheme, a host"),
        ("bucket", "Our_Bucket", "pattern"),
        ("bucket", "../x", "pattern"),
        ("timeout_s", "0", "greater than 0"),
    ],
)
def test_settings_are_strict(name: str, value: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        S3Settings.model_validate({name: value})


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACHWERK_FILES__STORE", "s3")
    monkeypatch.setenv("FACHWERK_FILES__S3__BUCKET", "ours")
    with pytest.raises(SystemExit, match=r"files in S3 need s3.endpoint, s3.access_key_file, s3.secret_key_file"):
        load()


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    settings = S3Settings.model_validate(_elsewhere(tmp_path, 1) | {"ca_file": tmp_path / "none"})
    with pytest.raises(SystemExit, match=r"cannot use the certificates in .*/none"):
        S3Blobs(settings)
