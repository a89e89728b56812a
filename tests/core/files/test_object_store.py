# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Files whose bytes lie in an object store: the same promises, also when it hangs, dies or lies."""

import asyncio
import hashlib
import io
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlmodel import col, select

from fachwerk.adapters.blobs_s3 import S3Blobs
from fachwerk.core.files import S3Settings
from fachwerk.core.files.model import Blob, Orphan, Part
from fachwerk.kernel.ids import new_id
from fachwerk.kernel.jobs import plant
from tests.core.files.depot import Depot, open_depot
from tests.core.files.test_in_the_house import upload
from tests.house import open_house
from tests.stack.object_store import ObjectStore

MIB = 1024 * 1024
TIMEOUT_S = 1.0
DATA = random.Random(41).randbytes(19 * MIB + 77)
SHA256 = hashlib.sha256(DATA).hexdigest()
AWAY = "urn:fachwerk:problem:storage-unavailable"


@dataclass
class Bucket:
    """What an operator sees of our objects."""

    server: ObjectStore
    name: str

    def names(self) -> set[str]:
        with self.server.client() as client:
            return {found.object_name or "" for found in client.list_objects(self.name, recursive=True)}

    def read(self, name: str) -> bytes:
        with self.server.client() as client:
            response = client.get_object(self.name, name)
            data = response.read()
            response.release_conn()
        assert data
        return data

    def write(self, name: str, data: bytes) -> None:
        with self.server.client() as client:
            client.put_object(self.name, name, io.BytesIO(data), len(data))

    def remove(self, name: str) -> None:
        with self.server.client() as client:
            client.remove_object(self.name, name)


@pytest.fixture
def bucket(object_store: ObjectStore) -> Bucket:
    return Bucket(object_store, object_store.create_bucket())


@pytest.fixture
async def depot(bucket: Bucket, tmp_path: Path, sqlite_url: str) -> AsyncIterator[Depot]:
    """Over each make of store; the database's make says nothing here."""
    settings = S3Settings.model_validate(bucket.server.access(bucket.name) | {"timeout_s": TIMEOUT_S})
    blobs = S3Blobs(settings)
    async with open_depot(sqlite_url, tmp_path, blobs=blobs) as depot:
        yield depot
    await blobs.close()


async def _finish(depot: Depot, path: str) -> str:
    answer = await depot["ada"].finish(path, SHA256)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


# ---------------------------------------------------------------- as on the disk


async def test_a_file_comes_back_whole_and_in_pieces(depot: Depot, bucket: Bucket) -> None:
    ada, dice = depot["ada"], random.Random(42)
    file_id = await ada.upload(DATA)
    assert len(bucket.names()) == 3
    assert (await ada.get(f"/files/{file_id}/content")).content == DATA
    for _ in range(20):
        start = dice.randrange(len(DATA))
        end = dice.randrange(start, len(DATA))
        got = await ada.get(f"/files/{file_id}/content", Range=f"bytes={start}-{end}")
        assert got.status_code == 206
        assert got.content == DATA[start : end + 1]


async def test_the_store_sees_ciphertext_only(depot: Depot, bucket: Bucket) -> None:
    await depot["ada"].upload(b"Vertraulich. " * 10_000, name="Vertraulich.txt")
    (name,) = bucket.names()
    assert b"Vertraulich" not in bucket.read(name)
    assert "Vertraulich" not in name


async def test_a_cut_upload_goes_on_where_it_stood(depot: Depot) -> None:
    ada = depot["ada"]
    path = await ada.begin(len(DATA))
    with await ada.cut(path, 0, len(DATA), DATA[: 11 * MIB]):
        await asyncio.sleep(0.5)
    for _ in range(500):
        if not depot.store.turns and await ada.offset(path) == 11 * MIB:
            break
        await asyncio.sleep(0.02)
    assert (await ada.patch(path, 11 * MIB, DATA[11 * MIB :])).status_code == 204
    assert (await ada.get(f"/files/{await _finish(depot, path)}/content")).content == DATA


async def test_what_is_deleted_or_belongs_to_nothing_goes(depot: Depot, bucket: Bucket) -> None:
    ada = depot["ada"]
    kept = await ada.upload(b"x" * 1000)
    await depot.attach(kept)
    names = bucket.names()
    path = await ada.begin(len(DATA))
    await ada.patch(path, 0, DATA)
    assert len(bucket.names()) == 4
    await depot.http.delete(depot.base + path, headers=ada.headers())
    await depot.run_jobs()
    assert bucket.names() == names

    orphan = new_id()
    bucket.write(f"parts/{orphan[-2:]}/{orphan}", b"left over")
    for ahead_s, left in [(0, 2), (23 * 3600, 2), (7 * 3600, 1)]:
        depot.clock.ahead_s += ahead_s
        await plant(depot.database, depot.context.modules[0].repeats)
        await depot.run_jobs()
        assert len(bucket.names()) == left
    assert bucket.names() == names
    async with depot.database.read() as work:
        assert not (await work.db.exec(select(Orphan))).all()
    assert (await ada.get(f"/files/{kept}/content")).content == b"x" * 1000


# ---------------------------------------------------------------- outages


@contextmanager
def _killed(server: ObjectStore) -> Iterator[None]:
    server.crash()
    yield
    server.start()


@pytest.mark.parametrize("outage", [ObjectStore.hanging, _killed], ids=["hanging", "killed"])
async def test_an_upload_waits_for_the_store_to_come_back(
    depot: Depot, bucket: Bucket, outage: Callable[[ObjectStore], AbstractContextManager[None]]
) -> None:
    ada = depot["ada"]
    path = await ada.begin(len(DATA))
    with await ada.cut(path, 0, len(DATA), DATA[: 10 * MIB]):
        for _ in range(500):
            if await ada.offset(path) == 8 * MIB:
                break
            await asyncio.sleep(0.02)
        with outage(bucket.server):
            await asyncio.sleep(0)
    for _ in range(500):
        if not depot.store.turns:
            break
        await asyncio.sleep(0.02)
    acknowledged = await ada.offset(path)
    assert acknowledged >= 8 * MIB
    with outage(bucket.server):
        refused = await ada.patch(path, acknowledged, DATA[acknowledged:])
        assert (refused.status_code, refused.json()["type"]) == (503, AWAY)
        assert int(refused.headers["retry-after"]) > 0
        assert await ada.offset(path) == acknowledged
    assert (await ada.patch(path, acknowledged, DATA[acknowledged:])).status_code == 204
    file_id = await _finish(depot, path)
    got = await ada.get(f"/files/{file_id}/content")
    assert hashlib.sha256(got.content).hexdigest() == SHA256
    with outage(bucket.server):
        with pytest.raises(httpx2.RemoteProtocolError):
            await ada.get(f"/files/{file_id}/content")
        assert (await ada.get(f"/files/{file_id}")).status_code == 200
    assert (await ada.get(f"/files/{file_id}/content")).content == DATA


async def test_a_job_waits_for_the_store_to_come_back(depot: Depot, bucket: Bucket) -> None:
    path = await depot["ada"].begin(1000)
    await depot["ada"].patch(path, 0, b"x" * 500)
    await depot.http.delete(depot.base + path, headers=depot["ada"].headers())
    with bucket.server.hanging():
        await depot.run_jobs()
        async with depot.database.read() as work:
            assert (await work.db.exec(select(Blob))).all()
    depot.clock.ahead_s += 3600
    await depot.run_jobs()
    async with depot.database.read() as work:
        assert not (await work.db.exec(select(Blob))).all()
    assert not bucket.names()


async def test_while_the_store_hangs_people_talk_on(bucket: Bucket, tmp_path: Path, sqlite_url: str) -> None:
    s3 = bucket.server.access(bucket.name) | {"timeout_s": 3 * TIMEOUT_S}
    async with open_house(tmp_path, sqlite_url, files={"store": "s3", "s3": s3}) as house:
        await house.settle()
        ada, bea = await house.client("ada"), await house.client("bea")
        await upload(ada, house.room, DATA[: 2 * MIB])
        with bucket.server.hanging():
            uploads = [asyncio.create_task(upload(ada, house.room, DATA[:MIB])) for _ in range(10)]
            for sent in range(20):
                body = {"client_id": new_id(), "text": f"Noch da {sent}"}
                async with house.verify(bea, house.room):
                    await ada.call("POST", f"/rooms/{house.room}/messages", body, status=201)
                if any(task.done() for task in uploads):
                    break
            assert sent >= 5
            outcomes = await asyncio.gather(*uploads, return_exceptions=True)
        assert all(isinstance(outcome, AssertionError) for outcome in outcomes)
        await upload(ada, house.room, DATA[: 2 * MIB])


# ---------------------------------------------------------------- a store that lies


def _flip(bucket: Bucket, name: str, _other: str) -> None:
    data = bytearray(bucket.read(name))
    data[len(data) // 2] ^= 1
    bucket.write(name, bytes(data))


def _truncate(bucket: Bucket, name: str, _other: str) -> None:
    bucket.write(name, bucket.read(name)[:-1])


def _empty(bucket: Bucket, name: str, _other: str) -> None:
    bucket.write(name, b"")


def _swap(bucket: Bucket, name: str, other: str) -> None:
    bucket.write(name, bucket.read(other))


def _lose(bucket: Bucket, name: str, _other: str) -> None:
    bucket.remove(name)


@pytest.mark.parametrize("harm", [_flip, _truncate, _empty, _swap, _lose])
async def test_what_was_harmed_is_never_sent(
    depot: Depot, bucket: Bucket, harm: Callable[[Bucket, str, str], None]
) -> None:
    ada = depot["ada"]
    file_id = await ada.upload(DATA)
    async with depot.database.read() as work:
        first, second, _ = (await work.db.exec(select(Part.id).order_by(col(Part.no)))).all()
    harm(bucket, *(f"parts/{part_id[-2:]}/{part_id}" for part_id in (second, first)))
    got = bytearray()

    async def read() -> None:
        offered = f"{depot.base}/api/v1/files/{file_id}/content"
        async with ada.http.stream("GET", offered, headers=ada.headers()) as response:
            async for piece in response.aiter_bytes():
                got.extend(piece)

    with pytest.raises(httpx2.RemoteProtocolError):
        await read()
    assert len(got) < 16 * MIB
    assert got == DATA[: len(got)]
    untouched = await ada.get(f"/files/{file_id}/content", Range="bytes=0-99")
    assert untouched.content == DATA[:100]


# ---------------------------------------------------------------- at start


def test_a_server_with_a_wrong_secret_does_not_start(minio: ObjectStore, tmp_path: Path, sqlite_url: str) -> None:
    for name in ("master.key", "demo.password", "media.secret"):
        (tmp_path / name).write_text("0" * 32)
    (tmp_path / "wrong").write_text("wrong-secret-key")
    s3 = minio.access(minio.create_bucket()) | {"secret_key_file": str(tmp_path / "wrong")}
    environment = {
        "FACHWERK_DATABASE_URL": sqlite_url,
        "FACHWERK_FILES__STORE": "s3",
        "FACHWERK_FILES__MASTER_KEY_FILE": str(tmp_path / "master.key"),
        "FACHWERK_IDENTITY__DEMO_PASSWORD_FILE": str(tmp_path / "demo.password"),
        "FACHWERK_CALLS__API_SECRET_FILE": str(tmp_path / "media.secret"),
        **{f"FACHWERK_FILES__S3__{name.upper()}": value for name, value in s3.items()},
    }
    done = subprocess.run(
        [sys.executable, "-m", "fachwerk", "serve"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    told = f"the secret in {tmp_path}/wrong does not fit the access key in {s3['access_key_file']}\n"
    assert (done.returncode, done.stderr) == (1, told)
