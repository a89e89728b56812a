# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is over is tidied away, and nothing else."""

from pathlib import Path

from sqlmodel import select

from fachwerk.core.files.model import Blob, FileRow, Orphan, Part, Upload
from fachwerk.kernel.ids import new_id
from fachwerk.kernel.jobs import plant
from tests.core.files.depot import Depot

HOUR_S = 3600
DAY_S = 24 * HOUR_S


def stored(depot: Depot) -> set[str]:
    return {path.name for path in depot.blobs_dir.rglob("*") if path.is_file()}


async def _rows(depot: Depot) -> dict[str, int]:
    async with depot.database.read() as work:
        return {
            table.__name__: len((await work.db.exec(select(table))).all()) for table in (Blob, Part, Upload, FileRow)
        }


async def _tidy(depot: Depot) -> None:
    await plant(depot.database, depot.context.modules[0].repeats)
    await depot.run_jobs()


async def test_what_never_became_anything_is_dropped(depot: Depot) -> None:
    sent = await depot["ada"].upload(b"gesendet" * 100)
    await depot.attach(sent)
    await depot["ada"].upload(b"nie gesendet" * 100)
    path = await depot["ada"].begin(1000)
    await depot["ada"].patch(path, 0, b"x" * 500)
    assert await _rows(depot) == {"Blob": 3, "Part": 3, "Upload": 1, "FileRow": 2}

    depot.clock.ahead_s += 47 * HOUR_S
    await _tidy(depot)
    assert await _rows(depot) == {"Blob": 3, "Part": 3, "Upload": 1, "FileRow": 2}

    depot.clock.ahead_s += 2 * HOUR_S
    await _tidy(depot)
    await _tidy(depot)
    assert await _rows(depot) == {"Blob": 1, "Part": 1, "Upload": 0, "FileRow": 1}
    assert len(stored(depot)) == 1
    assert (await depot["bea"].get(f"/files/{sent}/content")).content == b"gesendet" * 100


async def test_what_belongs_to_nothing_goes_after_a_day(depot: Depot) -> None:
    file_id = await depot["ada"].upload(b"x" * 1000)
    await depot.attach(file_id)
    kept = stored(depot)
    orphan, begun = new_id(), new_id()
    for name in (orphan, f"{begun}.new"):
        place = depot.blobs_dir / name.removesuffix(".new")[-2:] / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(b"left over")
    await _tidy(depot)
    assert stored(depot) == kept | {orphan, f"{begun}.new"}
    depot.clock.ahead_s += DAY_S - 60
    await _tidy(depot)
    assert stored(depot) == kept | {orphan, f"{begun}.new"}
    depot.clock.ahead_s += 7 * HOUR_S
    await _tidy(depot)
    assert stored(depot) == kept
    async with depot.database.read() as work:
        assert not (await work.db.exec(select(Orphan))).all()
    assert (await depot["ada"].get(f"/files/{file_id}/content")).content == b"x" * 1000


async def test_what_is_claimed_in_time_is_no_orphan(depot: Depot) -> None:
    path = await depot["ada"].begin(1000)
    writer = await depot.store.blobs.begin(part_id := new_id())
    await writer.write(b"sealed")
    await writer.keep()
    await _tidy(depot)
    async with depot.database.work() as work:
        upload = await work.db.get_one(Upload, path.rpartition("/")[2])
        work.db.add(Part(id=part_id, blob_id=upload.blob_id, no=0, offset_bytes=0, length_bytes=6))
        upload.expires_ms += 10 * DAY_S * 1000
        work.db.add(upload)
    depot.clock.ahead_s += 2 * DAY_S
    await _tidy(depot)
    assert stored(depot) == {part_id}
    async with depot.database.read() as work:
        assert not (await work.db.exec(select(Orphan))).all()


async def test_deleting_may_be_interrupted_and_repeated(depot: Depot) -> None:
    path = await depot["ada"].begin(9_000_000)
    await depot["ada"].patch(path, 0, b"x" * 9_000_000)
    await depot.http.delete(depot.base + path, headers=depot["ada"].headers())
    next(Path(found) for found in depot.blobs_dir.rglob("*") if found.is_file()).unlink()
    await depot.run_jobs()
    assert not stored(depot)
    assert await _rows(depot) == {"Blob": 0, "Part": 0, "Upload": 0, "FileRow": 0}
