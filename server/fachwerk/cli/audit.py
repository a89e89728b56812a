# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk audit`: whether the audit trail still holds, and taking it elsewhere."""

import asyncio
import sys
from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO
from urllib.parse import urlsplit

import typer

from fachwerk.features.audit import json_line, note_export, read_entry, syslog_line
from fachwerk.kernel import audit
from fachwerk.kernel.audit import GENESIS, OPERATOR, Checked, Entry, Fault, Head
from fachwerk.settings import Settings, load

from .database import open_database

LINE_MAX_BYTES = 1 << 16
"""Of an exported entry; ours have less than 1 KiB."""
WHY = {
    "changed": "is not what was written, or does not follow the one before it",
    "removed": "is missing",
    "order": "is not where it belongs",
    "added": "was added past the application",
    "unreadable": "cannot be read",
}

app = typer.Typer(no_args_is_help=True, help="Verify the audit trail, and take it elsewhere.")


class Form(StrEnum):
    """How entries are written."""

    jsonl = "jsonl"
    syslog = "syslog"


@app.command()
def verify(
    file: Annotated[
        Path | None, typer.Option(help="an export as JSON lines, in place of the database", exists=True, dir_okay=False)
    ] = None,
    head: Annotated[str, typer.Option(help="NUMBER:HASH, as an earlier run printed it")] = "",
    since: Annotated[int, typer.Option(help="with --file: the number behind which it was exported", min=0)] = 0,
) -> None:
    """Say whether the trail is as it was written, else the first number at which it is not; exit code 1 then."""
    noted = _noted(head) if head else None
    if file:
        checked = asyncio.run(_verify_file(file, since, noted))
    else:
        if since:
            raise typer.BadParameter("the database has the whole trail", param_hint="--since")
        checked = asyncio.run(_verify_database(load(), noted))
    if checked.fault:
        typer.echo(f"entry {checked.fault.number} {WHY[checked.fault.why]}", err=True)
        raise typer.Exit(1)
    typer.echo(f"the trail holds; keep this elsewhere:\nhead {checked.last.number}:{checked.last.hash}")


@app.command()
def export(
    form: Annotated[Form, typer.Option("--format", help="for us to verify again, or for a log server")] = Form.jsonl,
    since: Annotated[int, typer.Option(help="only what follows this number", min=0)] = 0,
) -> None:
    """Write the trail to standard output, oldest entries first. The export is in the trail itself."""
    asyncio.run(_export(load(), form, since, sys.stdout.buffer))


async def _verify_database(settings: Settings, noted: Head | None) -> Checked:
    async with open_database(settings.database) as database, database.read() as work:
        connection = await work.db.connection()
        checked = await audit.check(audit.entries(connection), noted=noted)
        if waiting := await audit.unchained(connection):
            typer.echo(f"{waiting} acts of an older release are not chained yet; the worker does it within a minute")
        return audit.against_head(checked, await audit.head_of(connection))


async def _verify_file(file: Path, since: int, noted: Head | None) -> Checked:
    """The first line says what it follows; behind a head that was kept, it must say the same."""
    with file.open("rb") as lines:
        first = read_entry(lines.readline(LINE_MAX_BYTES))
        start = Head(since, first.previous) if first and since else GENESIS
        if noted and noted.number < start.number:
            raise typer.BadParameter("the file begins behind this entry", param_hint="--head")
        if noted and noted.number == start.number and noted != start:
            return Checked(start, Fault(start.number + 1, "changed"))
        lines.seek(0)
        return await audit.check(_entries(lines), start=start, noted=noted)


async def _entries(lines: BinaryIO) -> AsyncIterator[Entry | None]:
    while line := lines.readline(LINE_MAX_BYTES):
        yield read_entry(line)


async def _export(settings: Settings, form: Form, since: int, out: BinaryIO) -> None:
    host = urlsplit(settings.http.origin).hostname or ""
    async with open_database(settings.database) as database:
        async with database.work() as work:
            note_export(work, OPERATOR, form, since)
        async with database.read() as work:
            async for entry in audit.entries(await work.db.connection(), since):
                out.write(json_line(entry) if form is Form.jsonl else syslog_line(entry, host))
        out.flush()


def _noted(text: str) -> Head:
    number, _, digest = text.removeprefix("head ").partition(":")
    if not number.isdecimal() or len(digest) != len(GENESIS.hash):
        raise typer.BadParameter("not NUMBER:HASH", param_hint="--head")
    return Head(int(number), digest.lower())
