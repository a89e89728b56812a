# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Bytes in, the same bytes out; what does not fit is refused and loses nothing."""

import asyncio
import base64
import hashlib
import random
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from fachwerk.core.files import FileSettings
from fachwerk.core.files.intake import QUIET_S
from fachwerk.core.files.media_types import media_type
from fachwerk.core.files.writing import PART_BYTES
from fachwerk.kernel.ids import new_id
from tests.core.files.depot import BYTES, ORIGIN, TUS, Depot, open_depot

KIB, MIB = 1024, 1024 * 1024


def noise(size: int, seed: int = 2) -> bytes:
    return random.Random(seed).randbytes(size)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def problem(response: httpx2.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    kind: str = response.json()["type"]
    return kind.removeprefix("urn:fachwerk:problem:")


@pytest.mark.parametrize(
    "size", [0, 1, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1, MIB, PART_BYTES, PART_BYTES + 1, 20 * MIB + 12_345]
)
async def test_what_goes_in_comes_out(depot: Depot, size: int) -> None:
    data = noise(size)
    file_id = await depot["ada"].upload(data, "Jahresbericht 2026.pdf")

    shown = (await depot["ada"].get(f"/files/{file_id}")).json()
    assert shown["at"].endswith("Z")
    del shown["at"]
    assert shown == {
        "id": file_id,
        "name": "Jahresbericht 2026.pdf",
        "size_bytes": size,
        "sha256": sha256(data),
        "media_type": media_type(data, ""),
        "room_id": depot.room,
        "uploader_id": depot.people["ada"],
    }
    assert (await depot["ada"].get(f"/files/{file_id}/content")).content == data


async def test_pieces_of_any_size_add_up(depot: Depot) -> None:
    ada, data, dice = depot["ada"], noise(3 * MIB), random.Random(7)
    path, offset = await ada.begin(len(data)), 0
    while offset < len(data):
        piece = data[offset : offset + dice.choice([1, 1000, 64 * KIB, 700 * KIB, 2 * MIB])]
        response = await ada.patch(path, offset, piece)
        assert response.status_code == 204
        offset += len(piece)
        assert response.headers["upload-offset"] == str(offset)
        assert await ada.offset(path) == offset
    assert (await ada.finish(path, sha256(data))).status_code == 201


async def test_the_store_holds_nothing_readable(depot: Depot) -> None:
    data = b"Streng vertraulich. " * 100_000
    await depot["ada"].upload(data, "geheim.txt")
    stored = [path for path in depot.blobs_dir.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in stored) == len(data) + 16 * 8
    for path in stored:
        assert b"vertraulich" not in path.read_bytes()
        assert "geheim" not in str(path)


async def test_finishing_twice_gives_the_same_file(depot: Depot) -> None:
    ada, data = depot["ada"], noise(100_000)
    path = await ada.begin(len(data))
    await ada.patch(path, 0, data)
    answers = await asyncio.gather(*(ada.finish(path, sha256(data)) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert (await ada.finish(path, sha256(data))).content == answers[0].content
    assert (await ada.head(path)).status_code == 404


async def test_another_checksum_is_refused_and_the_upload_stays(depot: Depot) -> None:
    ada, data = depot["ada"], noise(100_000)
    path = await ada.begin(len(data))
    await ada.patch(path, 0, data)
    refused = await ada.finish(path, sha256(data + b"x"))
    assert (refused.status_code, problem(refused)) == (409, "checksum-mismatch")
    assert (await ada.finish(path, sha256(data))).status_code == 201
    later = await ada.finish(path, sha256(b"x"))
    assert (later.status_code, problem(later)) == (409, "checksum-mismatch")


async def test_an_incomplete_upload_cannot_be_finished(depot: Depot) -> None:
    ada = depot["ada"]
    path = await ada.begin(200)
    await ada.patch(path, 0, b"x" * 150)
    refused = await ada.finish(path, sha256(b"x" * 150))
    assert (refused.status_code, problem(refused)) == (409, "upload-incomplete")
    assert refused.json()["data"] == {"offset_bytes": 150, "length_bytes": 200}


async def test_a_checksum_must_look_like_one(depot: Depot) -> None:
    path = await depot["ada"].begin(0)
    refused = await depot["ada"].finish(path, "ABC")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/sha256"


@pytest.mark.parametrize("offset", [0, 50, 101, 10**17])
async def test_a_wrong_offset_is_told_the_right_one(depot: Depot, offset: int) -> None:
    path = await depot["ada"].begin(300)
    await depot["ada"].patch(path, 0, b"x" * 100)
    refused = await depot["ada"].patch(path, offset, b"y" * 10)
    assert (refused.status_code, problem(refused)) == (409, "upload-offset")
    assert refused.json()["data"] == {"offset_bytes": 100}
    assert await depot["ada"].offset(path) == 100


@pytest.mark.parametrize("offset", ["", "-1", "1e3", "٣", "9" * 19])
async def test_an_offset_must_be_a_number(depot: Depot, offset: str) -> None:
    path = await depot["ada"].begin(300)
    headers = [(k.encode(), v.encode()) for k, v in depot["ada"].headers(Content_Type=BYTES).items()]
    headers.append((b"Upload-Offset", offset.encode()))
    refused = await depot.http.patch(depot.base + path, headers=headers, content=b"x")
    assert (refused.status_code, problem(refused)) == (400, "bad-request")


async def test_more_than_announced_is_refused(depot: Depot) -> None:
    ada = depot["ada"]
    path = await ada.begin(100)
    refused = await ada.patch(path, 0, b"x" * 101)
    assert (refused.status_code, problem(refused)) == (413, "too-large")
    assert refused.json()["data"] == {"limit_bytes": 100}

    async def without_length() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 50

    headers = ada.headers(Upload_Offset="0", Content_Type=BYTES)
    refused = await depot.http.patch(depot.base + path, headers=headers, content=without_length())
    assert (refused.status_code, problem(refused)) == (413, "too-large")
    assert (await ada.patch(path, await ada.offset(path), b"x" * 100)).status_code == 204


async def test_a_file_beyond_the_limit_is_refused_with_the_limit(database_url: str, tmp_path: Path) -> None:
    settings = FileSettings(upload_max_bytes=1000, uploads_per_person=3)
    async with open_depot(database_url, tmp_path, settings=settings) as depot:
        refused = await depot["ada"].create(1001)
        assert (refused.status_code, problem(refused)) == (413, "too-large")
        assert refused.json()["data"] == {"limit_bytes": 1000}
        paths = [await depot["ada"].begin(1000) for _ in range(3)]
        refused = await depot["ada"].create(10)
        assert (refused.status_code, problem(refused)) == (429, "too-many-uploads")
        assert refused.json()["data"] == {"limit": 3}
        assert refused.headers["retry-after"] == "60"
        assert (await depot["bea"].create(10)).status_code == 201
        assert (await depot.http.delete(depot.base + paths[0], headers=depot["ada"].headers())).status_code == 204
        assert (await depot["ada"].create(10)).status_code == 201
        said = await depot.http.options(f"{depot.base}/api/v1/uploads")
        assert said.headers["tus-max-size"] == "1000"


async def test_too_many_small_pieces_are_refused(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fachwerk.core.files.service.PARTS_PER_BLOB", 3)
    path = await depot["ada"].begin(10)
    for offset in range(3):
        assert (await depot["ada"].patch(path, offset, b"x")).status_code == 204
    refused = await depot["ada"].patch(path, 3, b"x")
    assert (refused.status_code, problem(refused)) == (409, "upload-fragmented")


async def test_nobody_else_finds_an_upload(depot: Depot) -> None:
    path = await depot["ada"].begin(100)
    await depot["ada"].patch(path, 0, b"x" * 100)
    for other in ("bea", "dora"):
        refusals = [
            await depot[other].head(path),
            await depot[other].patch(path, 100, b""),
            await depot[other].finish(path, sha256(b"x" * 100)),
            await depot.http.delete(depot.base + path, headers=depot[other].headers()),
        ]
        assert [refusal.status_code for refusal in refusals] == [404] * 4
    await depot["ada"].finish(path, sha256(b"x" * 100))
    assert (await depot["bea"].finish(path, sha256(b"x" * 100))).status_code == 404
    assert (await depot["ada"].head(f"/api/v1/uploads/{new_id()}")).status_code == 404
    assert (await depot["ada"].head("/api/v1/uploads/nonsense")).status_code == 404


async def test_only_who_may_write_may_upload(depot: Depot) -> None:
    for who, status in {"dora": 404, "rolf": 403}.items():
        assert (await depot[who].create(10)).status_code == status
    assert (await depot["ada"].create(10, room=new_id())).status_code == 404


async def test_signed_out_or_from_elsewhere_nothing_goes(depot: Depot) -> None:
    path = await depot["ada"].begin(10)
    headers = depot["ada"].headers(Upload_Offset="0", Content_Type=BYTES)
    foreign = await depot.http.patch(depot.base + path, headers={**headers, "Origin": "http://evil.test"}, content=b"x")
    assert foreign.status_code == 403
    nobody = await depot.http.patch(depot.base + path, headers={**headers, "X-Person": ""}, content=b"x")
    assert nobody.status_code == 401


async def test_the_protocol_is_spoken(depot: Depot) -> None:
    said = await depot.http.options(f"{depot.base}/api/v1/uploads")
    assert said.status_code == 204
    assert said.headers["tus-version"] == "1.0.0"
    assert said.headers["tus-extension"] == "creation,termination,expiration"
    path = await depot["ada"].begin(10)
    stands = await depot["ada"].head(path)
    assert stands.headers["upload-length"] == "10"
    assert stands.headers["upload-offset"] == "0"
    words = dict(pair.split(" ") for pair in stands.headers["upload-metadata"].split(","))
    assert base64.b64decode(words["filename"]) == b"Bericht.bin"
    assert base64.b64decode(words["room"]).decode() == depot.room
    assert stands.headers["cache-control"] == "no-store"
    assert stands.headers["tus-resumable"] == "1.0.0"
    assert stands.headers["upload-expires"].endswith("GMT")


@pytest.mark.parametrize("version", ["0.2.2", ""])
async def test_another_version_is_refused(depot: Depot, version: str) -> None:
    path = await depot["ada"].begin(10)
    headers = {**depot["ada"].headers(Upload_Offset="0", Content_Type=BYTES), "Tus-Resumable": version}
    for method in ("HEAD", "PATCH", "DELETE"):
        refused = await depot.http.request(method, depot.base + path, headers=headers)
        assert refused.status_code == 412
        assert refused.headers["tus-version"] == "1.0.0"
        assert refused.headers["tus-resumable"] == "1.0.0"


async def test_a_patch_carries_bytes_and_nothing_else(depot: Depot) -> None:
    path = await depot["ada"].begin(10)
    refused = await depot["ada"].patch(path, 0, b"{}", Content_Type="application/json")
    assert (refused.status_code, problem(refused)) == (415, "content-type")
    assert await depot["ada"].offset(path) == 0


@pytest.mark.parametrize(
    ("metadata", "pointer"),
    [
        ("", "/Upload-Metadata/room"),
        ("room bm9ib2R5", "/Upload-Metadata/room"),
        ("filename %%%", "/Upload-Metadata/filename"),
        ("filename /w==", "/Upload-Metadata/filename"),
        ("ROOM", "/Upload-Metadata/filename"),
        ("ROOM,filename Li4vLi4vZXRjL3Bhc3N3ZA==", "/Upload-Metadata/filename"),
        ("x" * 5000, "/Upload-Metadata"),
    ],
)
async def test_metadata_that_does_not_fit_says_where(depot: Depot, metadata: str, pointer: str) -> None:
    room = "room " + base64.b64encode(depot.room.encode()).decode()
    headers = depot["ada"].headers(Upload_Length="10", Upload_Metadata=metadata.replace("ROOM", room))
    refused = await depot.http.post(f"{depot.base}/api/v1/uploads", headers=headers)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_without_a_length_there_is_no_upload(depot: Depot) -> None:
    headers = {**TUS, "Origin": ORIGIN, "X-Person": depot.people["ada"], "Upload-Defer-Length": "1"}
    assert (await depot.http.post(f"{depot.base}/api/v1/uploads", headers=headers)).status_code == 400


async def test_of_two_requests_at_once_one_wins(depot: Depot) -> None:
    ada, data = depot["ada"], noise(6 * MIB)
    path = await ada.begin(len(data))
    answers = await asyncio.gather(*(ada.patch(path, 0, data) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {204, 409, 423}
    assert [answer.status_code for answer in answers].count(204) == 1
    assert (await ada.finish(path, sha256(data))).status_code == 201


async def test_a_quiet_request_gives_way_and_what_it_brought_is_kept(depot: Depot) -> None:
    ada, data = depot["ada"], noise(3 * MIB)
    path = await ada.begin(len(data))
    with await ada.cut(path, 0, len(data), data[: 2 * MIB]):
        await depot.receiving()
        locked = await ada.patch(path, 0, data)
        assert (locked.status_code, problem(locked)) == (423, "upload-locked")
        await asyncio.sleep(0.5)  # until it waits for more
        depot.clock.ahead_s += QUIET_S + 1
        told = await ada.patch(path, 0, data)
        assert (told.status_code, problem(told)) == (409, "upload-offset")
        offset = told.json()["data"]["offset_bytes"]
        assert offset == 2 * MIB
        assert (await ada.patch(path, offset, data[offset:])).status_code == 204
    assert (await ada.finish(path, sha256(data))).status_code == 201


async def test_a_stalled_request_ends_and_keeps_what_it_brought(database_url: str, tmp_path: Path) -> None:
    async with open_depot(database_url, tmp_path, settings=FileSettings(upload_idle_s=0.2)) as depot:
        ada, data = depot["ada"], noise(MIB)
        path = await ada.begin(len(data))
        with await ada.cut(path, 0, len(data), data[: 500 * KIB]) as line:
            line.settimeout(10)
            answer = await asyncio.to_thread(line.recv, 4096)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"upload-stalled" in answer
        assert await ada.offset(path) == 500 * KIB


async def test_an_upload_without_progress_is_over_after_a_while(depot: Depot) -> None:
    ada = depot["ada"]
    path = await ada.begin(100)
    depot.clock.ahead_s = 47 * 3600
    await ada.patch(path, 0, b"x" * 10)
    depot.clock.ahead_s += 47 * 3600
    assert await ada.offset(path) == 10
    depot.clock.ahead_s += 2 * 3600
    for answer in (await ada.head(path), await ada.patch(path, 10, b"x"), await ada.finish(path, sha256(b""))):
        assert answer.status_code == 404


async def test_an_upload_given_up_is_gone(depot: Depot) -> None:
    path = await depot["ada"].begin(100)
    await depot["ada"].patch(path, 0, b"x" * 100)
    assert (await depot.http.delete(depot.base + path, headers=depot["ada"].headers())).status_code == 204
    assert (await depot["ada"].head(path)).status_code == 404
    assert (await depot["ada"].finish(path, sha256(b"x" * 100))).status_code == 404
    await depot.run_jobs()
    assert not [path for path in depot.blobs_dir.rglob("*") if path.is_file()]


async def test_given_up_while_bytes_arrive(depot: Depot) -> None:
    ada, data = depot["ada"], noise(2 * MIB)
    path = await ada.begin(len(data))
    with await ada.cut(path, 0, len(data), data[:MIB]) as line:
        await asyncio.sleep(0.1)
        await depot.http.delete(depot.base + path, headers=ada.headers())
        await depot.run_jobs()
        line.settimeout(10)
        await asyncio.to_thread(line.sendall, data[MIB:])
        answer = await asyncio.to_thread(line.recv, 4096)
    assert answer.startswith((b"HTTP/1.1 409", b"HTTP/1.1 404"))
    assert not [path for path in depot.blobs_dir.rglob("*") if path.is_file()]


async def test_the_type_is_told_by_content_and_not_by_the_client(depot: Depot) -> None:
    png = await depot["ada"].upload(b"\x89PNG\r\n\x1a\n" + noise(100), "bild.html")
    assert (await depot["ada"].get(f"/files/{png}")).json()["media_type"] == "image/png"


async def test_the_type_is_told_across_small_pieces(depot: Depot) -> None:
    ada, data = depot["ada"], b"GIF89a" + noise(100)
    path = await ada.begin(len(data))
    for start, end in ((0, 2), (2, 5), (5, len(data))):
        await ada.patch(path, start, data[start:end])
    assert (await ada.finish(path, sha256(data))).json()["media_type"] == "image/gif"
