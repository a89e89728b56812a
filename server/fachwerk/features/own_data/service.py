# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Collects what the modules keep about a person."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
from sqlalchemy import RowMapping, func, select

from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import TooLarge
from fachwerk.kernel.module import Module
from fachwerk.kernel.personal import Records

from .wire import Kept

BATCH = 500
"""Records in memory at once."""
ARCHIVE_MAX_BYTES = 64 * 1024 * 1024
"""Compressed; some hundred thousand messages."""
MOMENT = "_ms"
README = """\
Was Fachwerk über Sie gespeichert hat. Jede Datei enthält eine Art von Einträgen, ein JSON-Objekt je Zeile, in UTF-8.
Kennungen verweisen von Datei zu Datei; Zeiten sind in UTC. Die Inhalte hochgeladener Dateien liegen in ihren Räumen.

What Fachwerk has stored about you. Each file holds one kind of records, a JSON object per line, in UTF-8.
Ids refer from file to file; times are in UTC. The contents of uploaded files are in their rooms.
"""


def kinds(modules: Iterable[Module]) -> dict[str, Records]:
    """What all modules keep about people, in their order."""
    return {kind: records for module in modules for kind, records in module.personal.items()}


async def counts(work: Work, kept: Mapping[str, Records], person_id: str) -> list[Kept]:
    """How many records there are of each kind. One query."""
    each = [
        select(func.count()).select_from(records(person_id).order_by(None).subquery()).scalar_subquery()
        for records in kept.values()
    ]
    found = (await (await work.db.connection()).execute(select(*each))).one()
    return [Kept(kind=kind, count=count) for kind, count in zip(kept, found, strict=True)]


async def write(work: Work, kept: Mapping[str, Records], person_id: str, file: IO[bytes]) -> None:
    """Write a ZIP archive with a file of JSON lines for each kind. Raises TooLarge."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        for kind, records in kept.items():
            with archive.open(f"{kind}.jsonl", "w", force_zip64=True) as lines:
                found = await (await work.db.connection()).stream(records(person_id))
                async for rows in found.mappings().partitions(BATCH):
                    await asyncio.to_thread(lines.write, _lines(rows))
                    if file.tell() > ARCHIVE_MAX_BYTES:
                        raise TooLarge(
                            "Your data does not fit into one archive. Please ask your administrators for it."
                        )


def _lines(rows: Sequence[RowMapping]) -> bytes:
    return msgspec.json.Encoder().encode_lines([dict(_said(str(name), row[name]) for name in row) for row in rows])


def _said(name: str, value: Any) -> tuple[str, Any]:
    """As a reader takes it: a moment is text."""
    if not name.endswith(MOMENT):
        return name, value
    return name.removesuffix(MOMENT) + ("" if name == "at_ms" else "_at"), None if value is None else rfc3339(value)
