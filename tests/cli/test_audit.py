# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk audit`: verifying a database or a file, with and without a head kept elsewhere, and exporting."""

import asyncio
import hashlib
import json
import os
import re
import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from fachwerk.cli import app
from fachwerk.cli.database import open_database
from fachwerk.features.audit import syslog_line
from fachwerk.kernel import audit
from fachwerk.kernel.audit import GENESIS, Act, Head, chained
from tests.kernel.test_audit import act, connected

PARAM = re.compile(r' ([!#-<>-\\^-~]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"')
MESSAGE = re.compile(
    r"<109>1 (?P<at>\S+) (?P<host>\S+) fachwerk - (?P<msgid>[!-~]{1,32}) "
    rf"\[audit@32473(?P<audit>(?:{PARAM.pattern})*)\](?:\[detail@32473(?P<detail>(?:{PARAM.pattern})*)\])?"
)
"""A message without text and its structured data, as RFC 5424, section 6 has them."""


@pytest.fixture
def url(database_url: str) -> str:
    """A database with six entries."""
    return fill(database_url)


def fill(url: str) -> str:
    async def write() -> None:
        async with open_database(url) as database:
            for number in range(1, 4):
                await act(database, number, count=2)

    asyncio.run(write())
    return url


def change(url: str, *statements: str) -> None:
    """Past the application, and past what protects the tables."""

    async def run() -> None:
        async with connected(url) as connection:
            if url.startswith("sqlite"):
                triggers = await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
                for name in triggers.scalars().all():
                    await connection.execute(text(f"DROP TRIGGER {name}"))
            else:
                for table in ("audit", "audit_head"):
                    await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            for statement in statements:
                await connection.execute(text(statement))

    asyncio.run(run())


def run(url: str, *words: str) -> Result:
    others = {name: None for name in os.environ if name.startswith("FACHWERK_")}
    return CliRunner().invoke(app, ["audit", *words], env={**others, "FACHWERK_DATABASE_URL": url})


def head_in(said: Result) -> Head:
    found = re.search(r"^head (\d+):([0-9a-f]{64})$", said.stdout, re.MULTILINE)
    assert found, said.output
    return Head(int(found[1]), found[2])


def test_a_trail_that_holds_says_so_with_its_head(url: str) -> None:
    said = run(url, "verify")
    assert said.exit_code == 0, said.output
    assert head_in(said).number == 6
    assert run(url, "verify", "--head", "{}:{}".format(*head_in(said))).exit_code == 0


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["UPDATE audit SET subject = 'x' WHERE number = 3"], "entry 3 is not what was written"),
        (["DELETE FROM audit WHERE number = 3"], "entry 3 is missing"),
        (["DELETE FROM audit WHERE number = 6"], "entry 6 is missing"),
        (["UPDATE audit SET number = 9 WHERE number = 2"], "entry 2 is not where it belongs"),
        (["UPDATE audit_head SET hash = 'x'"], "entry 6 is not what was written"),
        (["UPDATE audit_head SET number = 5"], "entry 6 was added past the application"),
    ],
)
def test_the_first_number_that_does_not_hold_is_named(url: str, statements: list[str], told: str) -> None:
    change(url, *statements)
    said = run(url, "verify")
    assert (said.exit_code, said.stdout) == (1, "")
    assert said.stderr.startswith(told)


def test_a_tail_that_was_cut_off_with_its_head_is_found_by_a_head_kept_elsewhere(url: str) -> None:
    head = head_in(run(url, "verify"))
    kept = "SELECT hash FROM audit WHERE number = 4"
    change(url, f"UPDATE audit_head SET number = 4, hash = ({kept})", "DELETE FROM audit WHERE number > 4")  # noqa: S608
    assert run(url, "verify").exit_code == 0, "the database alone cannot know"
    said = run(url, "verify", "--head", "{}:{}".format(*head))
    assert (said.exit_code, said.stderr) == (1, "entry 5 is missing\n")


@pytest.mark.parametrize("words", [["--head", "6"], ["--head", "x:" + "0" * 64], ["--since", "3"]])
def test_what_makes_no_sense_is_refused(url: str, words: list[str]) -> None:
    assert run(url, "verify", *words).exit_code == 2


def test_acts_that_are_not_chained_yet_are_told(url: str) -> None:
    old = "INSERT INTO audit (id, at_ms, actor_id, action, subject, detail) VALUES ('x', 0, 'a', 'b', 'c', '{}')"
    change(url, old)
    said = run(url, "verify")
    assert said.exit_code == 0
    assert said.stdout.startswith("1 acts of an older release are not chained yet")


def test_an_exported_file_verifies_without_a_database(url: str, tmp_path: Path) -> None:
    said = run(url, "export")
    file = tmp_path / "trail.jsonl"
    file.write_bytes(said.stdout_bytes)
    nowhere = "sqlite+aiosqlite:////nowhere/x.db"
    held = run(nowhere, "verify", "--file", str(file))
    assert held.exit_code == 0, held.output
    assert head_in(held).number == 7, "the export is an act too"
    assert head_in(held) == head_in(run(url, "verify"))
    rest = run(url, "export", "--since", "4")
    file.write_bytes(rest.stdout_bytes)
    assert head_in(run(nowhere, "verify", "--file", str(file), "--since", "4")).number == 8
    assert run(nowhere, "verify", "--file", str(file)).stderr == "entry 1 is missing\n"
    head = f"4:{_lines(said.stdout_bytes)[3]['hash']}"
    assert run(nowhere, "verify", "--file", str(file), "--since", "4", "--head", head).exit_code == 0
    wrong = run(nowhere, "verify", "--file", str(file), "--since", "4", "--head", "4:" + "0" * 64)
    assert (wrong.exit_code, wrong.stderr[:7]) == (1, "entry 5")
    early = run(nowhere, "verify", "--file", str(file), "--since", "4", "--head", "3:" + "0" * 64)
    assert early.exit_code == 2


def _lines(raw: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in raw.splitlines()]


def test_any_change_of_an_exported_file_is_found(sqlite_url: str, tmp_path: Path) -> None:
    lines = run(fill(sqlite_url), "export").stdout_bytes.splitlines(keepends=True)
    file = tmp_path / "trail.jsonl"

    def told(changed: list[bytes]) -> str:
        file.write_bytes(b"".join(changed))
        said = run("sqlite+aiosqlite:////nowhere/x.db", "verify", "--file", str(file))
        assert said.exit_code == 1
        return said.stderr

    for number in range(1, len(lines) + 1):
        before, here, after = lines[: number - 1], lines[number - 1], lines[number:]
        assert told([*before, here.replace(b'"room', b'"hall').replace(b'"audit"', b'"x"'), *after]).startswith(
            f"entry {number} is not what"
        )
        assert told([*before, b"{}\n", *after]) == f"entry {number} cannot be read\n"
        assert told([*before, here[:-2] + b',"more":1}\n', *after]) == f"entry {number} cannot be read\n"
        assert told([*before, here[:-2] + b"x" * (1 << 17) + b"\n", *after]) == f"entry {number} cannot be read\n"
        assert told([*before, here, here, *after]) == f"entry {number + 1} is not where it belongs\n"
        if after:
            assert told([*before, *after]) == f"entry {number} is missing\n"
            assert told([*before, after[0], here, *after[1:]]) == f"entry {number} is not where it belongs\n"


def test_any_structured_data_can_be_read_again() -> None:
    nasty = 'a"b\\c]d\n<1>1 - - - - - -'
    detail = {"kind": nasty, 'we"ird=]na me' * 9: "ü", "": ""}
    entry = chained(Act("id", 0, nasty, "room.create", "room", detail), GENESIS)
    line = syslog_line(entry, "chat.example").decode()
    assert line.count("\n") == 1
    found = MESSAGE.fullmatch(line.rstrip("\n"))
    assert found, line
    assert (found["at"], found["host"], found["msgid"]) == ("1970-01-01T00:00:00.000Z", "chat.example", "room.create")
    said = {name: re.sub(r"\\(.)", r"\1", value) for name, value in PARAM.findall(found["audit"])}
    assert (said["number"], said["hash"], said["actor"]) == ("1", entry.hash, nasty.replace("\n", "?"))
    assert list(PARAM.findall(found["detail"]))[1:] == [(("we_ird__na_me" * 9)[:32], "ü"), ("_", "")]
    plain = chained(Act("id", 0, "a", "b.c", "d", {}), GENESIS)
    assert syslog_line(plain, "").decode().startswith("<109>1 1970-01-01T00:00:00.000Z - fachwerk - b.c [audit@32473 ")


def test_a_log_server_s_export_has_a_message_for_each_entry(url: str) -> None:
    said = run(url, "export", "--format", "syslog", "--since", "2")
    lines = said.stdout.splitlines()
    assert all(MESSAGE.fullmatch(line) for line in lines), lines
    assert [dict(PARAM.findall(line))["number"] for line in lines] == ["3", "4", "5", "6", "7"]
    assert dict(PARAM.findall(lines[-1]))["since"] == "2"


def test_the_hash_can_be_made_by_others_tools(sqlite_url: str) -> None:
    """As docs/operations/audit.md says: sorted keys, no spaces, SHA-256."""
    (first, *_) = _lines(run(fill(sqlite_url), "export").stdout_bytes)
    digest = first.pop("hash")
    canonical = json.dumps(first, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == digest


async def test_verifying_keeps_one_batch_in_memory(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:

        async def peak(batches: int) -> int:
            await act(database, 1, count=batches * audit.BATCH)
            async with database.read() as work:
                connection = await work.db.connection()
                tracemalloc.start()
                checked = await audit.check(audit.entries(connection))
                size = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
            assert checked.fault is None
            return size

        first = await peak(3)
        assert await peak(9) < 1.3 * first
