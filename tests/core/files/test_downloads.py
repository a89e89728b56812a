# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who gets which bytes, under which headers, and for how long."""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
import pytest
from prometheus_client import REGISTRY
from sqlmodel import col, select, update

from fachwerk.core import files
from fachwerk.core.files.guard import RECHECK_BYTES, RECHECK_S
from fachwerk.core.files.model import Blob, FileRow, Part
from fachwerk.core.rooms.model import Member
from fachwerk.kernel.errors import Invalid
from fachwerk.kernel.ids import new_id
from fachwerk.kernel.policy import Actor
from tests.core.files.depot import ORIGIN, PERSON, Depot, open_depot

MIB = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n" + random.Random(3).randbytes(3 * MIB)


async def _status(depot: Depot, who: str, file_id: str) -> tuple[int, int]:
    sender = depot[who]
    return (
        (await sender.get(f"/files/{file_id}")).status_code,
        (await sender.get(f"/files/{file_id}/content")).status_code,
    )


async def test_an_unsent_file_is_its_uploaders_alone(depot: Depot) -> None:
    file_id = await depot["ada"].upload(b"Entwurf")
    assert await _status(depot, "ada", file_id) == (200, 200)
    for other in ("bea", "rolf", "dora"):
        assert await _status(depot, other, file_id) == (404, 404)


async def test_a_sent_file_is_for_the_members_of_its_room(depot: Depot) -> None:
    file_id = await depot["ada"].upload(b"Ergebnis")
    await depot.attach(file_id)
    for member in ("ada", "bea", "rolf"):
        assert await _status(depot, member, file_id) == (200, 200)
    assert await _status(depot, "dora", file_id) == (404, 404)
    assert await _status(depot, "ada", new_id()) == (404, 404)
    assert await _status(depot, "ada", "nonsense") == (404, 404)


async def test_who_left_reads_no_more_not_even_their_own(depot: Depot) -> None:
    unsent, sent = await depot["bea"].upload(b"Entwurf"), await depot["bea"].upload(b"Ergebnis")
    await depot.attach(sent, "bea")
    await _leave(depot, "bea")
    assert await _status(depot, "bea", unsent) == (404, 404)
    assert await _status(depot, "bea", sent) == (404, 404)
    assert await _status(depot, "ada", sent) == (200, 200)


async def test_with_its_message_a_file_is_gone(depot: Depot) -> None:
    file_id = await depot["ada"].upload(b"Ergebnis")
    message_id = await depot.attach(file_id)
    async with depot.database.work() as work:
        await files.remove_of_message(work, message_id)
    assert await _status(depot, "ada", file_id) == (404, 404)
    await depot.run_jobs()
    assert not [path for path in depot.blobs_dir.rglob("*") if path.is_file()]
    async with depot.database.read() as work:
        for table in (FileRow, Part, Blob):
            assert not (await work.db.exec(select(table))).all()


WHOLE = (200, 0, len(PNG))
RANGES = [
    ("bytes=0-0", (206, 0, 1)),
    ("bytes=0-", (206, 0, len(PNG))),
    ("bytes=5-9", (206, 5, 10)),
    ("Bytes=5-9", (206, 5, 10)),
    ("bytes= 5-9", (206, 5, 10)),
    ("bytes=262143-262144", (206, 262143, 262145)),
    ("bytes=1000000-2000000", (206, 1_000_000, 2_000_001)),
    (f"bytes={len(PNG) - 1}-", (206, len(PNG) - 1, len(PNG))),
    (f"bytes=0-{'9' * 18}", (206, 0, len(PNG))),
    ("bytes=-5", (206, len(PNG) - 5, len(PNG))),
    (f"bytes=-{'9' * 18}", (206, 0, len(PNG))),
    (f"bytes={len(PNG)}-", (416, 0, 0)),
    ("bytes=-0", (416, 0, 0)),
    ("bytes=9-5", WHOLE),
    ("bytes=-", WHOLE),
    ("bytes=a-b", WHOLE),
    ("bytes=0-" + "9" * 400, WHOLE),
    ("bytes=0-1,3-4", WHOLE),
    ("bytes=" + ",".join(f"{i}-{i}" for i in range(0, 5000, 2)), WHOLE),
    ("lines=0-1", WHOLE),
    ("", WHOLE),
]


async def test_one_range_is_honoured_and_nonsense_ignored(depot: Depot) -> None:
    file_id = await depot["ada"].upload(PNG, "bild.png")
    for header, (status, start, end) in RANGES:
        got = await depot["ada"].get(f"/files/{file_id}/content", Range=header)
        assert got.status_code == status, header
        if status == 416:
            assert got.headers["content-range"] == f"bytes */{len(PNG)}"
            assert got.headers["content-type"] == "application/problem+json"
            continue
        assert got.content == PNG[start:end], header
        assert got.headers.get("content-range") == (f"bytes {start}-{end - 1}/{len(PNG)}" if status == 206 else None)


async def test_random_ranges_of_a_file_in_many_parts(depot: Depot) -> None:
    ada, dice = depot["ada"], random.Random(11)
    data = dice.randbytes(2 * MIB)
    path, offset = await ada.begin(len(data)), 0
    while offset < len(data):
        piece = data[offset : offset + dice.randrange(1, 600_000)]
        await ada.patch(path, offset, piece)
        offset += len(piece)
    file_id = (await ada.finish(path, hashlib.sha256(data).hexdigest())).json()["id"]
    for _ in range(60):
        start, end = sorted(dice.sample(range(len(data) + 1), 2))
        got = await ada.get(f"/files/{file_id}/content", Range=f"bytes={start}-{end - 1}")
        assert got.content == data[start:end], (start, end)


async def test_the_headers_leave_a_browser_no_choice(depot: Depot) -> None:
    file_id = await depot["ada"].upload(PNG, "Übersicht „Bürgerbüro“ 2026.png")
    got = await depot["ada"].get(f"/files/{file_id}/content")
    assert got.headers["content-type"] == "image/png"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert got.headers["cross-origin-resource-policy"] == "same-origin"
    assert got.headers["cache-control"] == "private, no-cache"
    assert got.headers["accept-ranges"] == "bytes"
    assert got.headers["content-disposition"] == (
        'inline; filename="Uebersicht Buergerbuero 2026.png"; '
        "filename*=UTF-8''%C3%9Cbersicht%20%E2%80%9EB%C3%BCrgerb%C3%BCro%E2%80%9C%202026.png"
    )


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("seite.html", b"<!doctype html><script>alert(1)</script>"),
        ("bild.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("akte.pdf", b"%PDF-1.7"),
        ("programm.exe", b"MZ\x90\x00"),
    ],
)
async def test_what_a_browser_could_run_is_saved_instead(depot: Depot, name: str, head: bytes) -> None:
    file_id = await depot["ada"].upload(head, name)
    got = await depot["ada"].get(f"/files/{file_id}/content")
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.content == head


async def test_text_is_shown_as_text(depot: Depot) -> None:
    file_id = await depot["ada"].upload("Grüße aus dem Referat\n".encode(), "notiz.txt")
    got = await depot["ada"].get(f"/files/{file_id}/content")
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    assert got.headers["content-disposition"].startswith("inline;")


async def test_what_the_client_has_is_not_sent_again(depot: Depot) -> None:
    file_id = await depot["ada"].upload(PNG, "bild.png")
    path = f"/files/{file_id}/content"
    tag = (await depot["ada"].get(path)).headers["etag"]
    for header in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        known = await depot["ada"].get(path, If_None_Match=header)
        assert (known.status_code, known.content) == (304, b"")
        assert known.headers["etag"] == tag
    assert (await depot["ada"].get(path, If_None_Match='"x"')).status_code == 200
    assert (await depot["ada"].get(path, Range="bytes=0-1", If_Range=tag)).status_code == 206
    assert (await depot["ada"].get(path, Range="bytes=0-1", If_Range='"x"')).status_code == 200
    assert (await depot["dora"].get(path, If_None_Match=tag)).status_code == 404


async def test_head_says_what_get_would(depot: Depot) -> None:
    file_id = await depot["ada"].upload(PNG, "bild.png")
    url = f"{depot.base}/api/v1/files/{file_id}/content"
    got, said = [await depot.http.request(method, url, headers=depot["ada"].headers()) for method in ("GET", "HEAD")]
    assert said.content == b""
    changing = {"date"}
    assert {k: v for k, v in said.headers.items() if k not in changing} == {
        k: v for k, v in got.headers.items() if k not in changing
    }


async def _leave(depot: Depot, who: str) -> None:
    async with depot.database.work() as work:
        await work.db.exec(update(Member).where(col(Member.person_id) == depot.people[who]).values(membership="left"))


async def _sign_out(depot: Depot, who: str) -> None:
    depot.signed_out.add(depot.people[who])


async def _delete(depot: Depot, _who: str) -> None:
    async with depot.database.work() as work:
        for file in (await work.db.exec(select(FileRow))).all():
            assert file.message_id
            await files.remove_of_message(work, file.message_id)
    await depot.run_jobs()


@pytest.mark.parametrize("lose", [_leave, _sign_out, _delete])
async def test_a_running_download_ends_with_the_right(
    depot: Depot, lose: Callable[[Depot, str], Awaitable[None]]
) -> None:
    data = random.Random(5).randbytes(40 * MIB)
    file_id = await depot["ada"].upload(data)
    await depot.attach(file_id)
    reader, writer = await asyncio.open_connection(*depot.base.removeprefix("http://").split(":"), limit=65_536)
    writer.write(
        f"GET /api/v1/files/{file_id}/content HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\n"
        f"{PERSON}: {depot.people['bea']}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert f"content-length: {len(data)}".encode() in head
    got = await reader.readexactly(MIB)
    await lose(depot, "bea")
    got += await asyncio.wait_for(reader.read(-1), 20)
    writer.close()
    assert len(got) < MIB + RECHECK_BYTES + 8 * MIB  # what the buffers of two sockets hold comes on top
    assert data.startswith(got)


async def test_a_slow_download_is_asked_by_time(depot: Depot) -> None:
    data = random.Random(5).randbytes(40 * MIB)
    file_id = await depot["ada"].upload(data)
    async with depot.http.stream(
        "GET", f"{depot.base}/api/v1/files/{file_id}/content", headers=depot["ada"].headers()
    ) as slow:
        pieces = slow.aiter_bytes(65_536)
        await anext(pieces)
        depot.signed_out.add(depot.people["ada"])
        depot.clock.ahead_s += RECHECK_S
        with pytest.raises(httpx2.RemoteProtocolError):
            async for _ in pieces:
                pass


async def test_a_reader_that_stalls_is_dropped(database_url: str, tmp_path: Path) -> None:
    async with open_depot(database_url, tmp_path, settings=files.FileSettings(download_idle_s=0.2)) as depot:
        file_id = await depot["ada"].upload(random.Random(5).randbytes(40 * MIB))
        before, headers = _stalled(), depot["ada"].headers()
        async with depot.http.stream("GET", f"{depot.base}/api/v1/files/{file_id}/content", headers=headers) as lazy:
            assert lazy.status_code == 200
            for _ in range(500):
                if _stalled() > before:
                    break
                await asyncio.sleep(0.02)
        assert _stalled() == before + 1
        assert REGISTRY.get_sample_value("fachwerk_files_sending") == 0


def _stalled() -> float:
    return REGISTRY.get_sample_value("fachwerk_files_downloads_ended_total", {"reason": "reader-stalled"}) or 0


async def test_a_damaged_file_breaks_off_and_is_never_sent_wrong(depot: Depot) -> None:
    data = random.Random(6).randbytes(2 * MIB)
    file_id = await depot["ada"].upload(data)
    (part,) = (path for path in depot.blobs_dir.rglob("*") if path.is_file())
    sealed = bytearray(part.read_bytes())
    sealed[1_500_000] ^= 1
    part.write_bytes(sealed)
    with pytest.raises(httpx2.RemoteProtocolError):
        await depot["ada"].get(f"/files/{file_id}/content")
    good = await depot["ada"].get(f"/files/{file_id}/content", Range="bytes=0-999999")
    assert good.content == data[:1_000_000]
    part.unlink()
    with pytest.raises(httpx2.RemoteProtocolError):
        await depot["ada"].get(f"/files/{file_id}/content")


async def test_only_own_unsent_files_of_the_room_can_be_attached(depot: Depot) -> None:
    ada = Actor(depot.people["ada"])
    mine = [await depot["ada"].upload(f"{n}".encode(), f"{n}.txt") for n in range(3)]
    theirs, sent = await depot["bea"].upload(b"x"), await depot["ada"].upload(b"y")
    await depot.attach(sent)
    async with depot.database.read() as work:
        refs = await files.attachable(work, ada, depot.room, mine[::-1])
        assert [ref.name for ref in refs] == ["2.txt", "1.txt", "0.txt"]
        assert await files.attachable(work, ada, depot.room, []) == []
        for wrong in (theirs, sent, new_id(), mine[0]):
            with pytest.raises(Invalid) as refused:
                await files.attachable(work, ada, depot.room, [mine[0], wrong])
            assert refused.value.errors[0].pointer == "/file_ids/1"
        with pytest.raises(Invalid):
            await files.attachable(work, ada, new_id(), mine)
        with pytest.raises(Invalid):
            await files.attachable(work, ada, depot.room, [new_id() for _ in range(21)])
