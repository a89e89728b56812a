# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Everybody reads what is stored about them: all of it, and nothing of others."""

import io
import json
import zipfile
from typing import Any

import httpx2
import pytest
from sqlalchemy.sql import util as sql_util
from sqlmodel import SQLModel, col, delete, select

from fachwerk.app import MODULES
from fachwerk.core.identity import Session
from fachwerk.features.own_data import exports, routes, service
from fachwerk.kernel.audit import AuditRow
from tests.core.files.test_in_the_house import upload
from tests.house import Client, House
from tests.house.queries import statements

pytestmark = pytest.mark.anyio

PERSON_COLUMNS = {
    "person_id", "sender_id", "uploader_id", "created_by", "started_by", "opened_by", "invited_by", "actor_id", "email",
    "appointed_by",
}  # fmt: skip
"""Columns that tell whose a record is."""


async def export(client: Client) -> dict[str, list[dict[str, Any]]]:
    """Everything, by kind."""
    answer = await client.http.get("/api/v1/me/data/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="fachwerk.zip"'
    assert answer.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if name != "README.txt"]
        return {
            name.removesuffix(".jsonl"): [json.loads(line) for line in archive.read(name).splitlines()]
            for name in names
        }


async def counts(client: Client) -> dict[str, int]:
    return {one["kind"]: one["count"] for one in (await client.call("GET", "/me/data"))["items"]}


async def test_it_is_all_there_and_nothing_of_others(house: House, ada: Client, bea: Client, cem: Client) -> None:
    room = (await ada.call("POST", "/rooms", {"name": "Planung"}, status=201))["id"]
    await ada.call("POST", f"/rooms/{room}/members", {"person_id": bea.id}, status=204)
    await bea.call("POST", f"/rooms/{room}/join")
    await ada.call("POST", f"/rooms/{room}/members", {"person_id": cem.id}, status=204)
    file = await upload(ada, room, b"plan", "plan.txt")
    sent = {"client_id": "client-0001", "text": "Entwurf", "file_ids": [file]}
    mine = (await ada.call("POST", f"/rooms/{room}/messages", sent, status=201))["id"]
    theirs = (
        await bea.call("POST", f"/rooms/{room}/messages", {"client_id": "client-0002", "text": "Von Bea"}, status=201)
    )["id"]
    await ada.call("PATCH", f"/messages/{mine}", {"text": "Fassung"})
    await ada.call("PUT", f"/messages/{theirs}/reactions/%F0%9F%8E%89", status=204)
    await bea.call("PUT", f"/messages/{mine}/reactions/%F0%9F%91%8D", status=204)
    poll = (
        await ada.call(
            "POST", f"/rooms/{room}/polls", {"question": "Wann?", "options": ["heute", "morgen"]}, status=201
        )
    )["id"]
    await ada.call("PUT", f"/polls/{poll}/vote", {"option": 1}, status=204)
    await bea.call("PUT", f"/polls/{poll}/vote", {"option": 0}, status=204)

    found = await export(ada)
    assert [(one["text"], one["room_id"], one["files"][0]["id"]) for one in found["messages"]] == [
        ("Fassung", room, file)
    ]
    assert found["messages"][0]["at"].endswith("Z")
    assert found["messages"][0]["edited_at"] > found["messages"][0]["at"]
    assert found["messages"][0]["deleted_at"] is None
    assert [one["text"] for one in found["revisions"]] == ["Entwurf"]
    assert [(one["message_id"], one["emoji"]) for one in found["reactions"]] == [(theirs, "🎉")]
    assert [(one["question"], one["options"]) for one in found["polls"]] == [("Wann?", ["heute", "morgen"])]
    assert [(one["poll_id"], one["option"]) for one in found["votes"]] == [(poll, 1)]
    assert [(one["id"], one["name"], one["size_bytes"]) for one in found["files"]] == [(file, "plan.txt", 4)]
    assert ("Planung", "owner", True) in [(one["name"], one["role"], one["created_by_you"]) for one in found["rooms"]]
    assert [(one["room_id"], one["person_id"]) for one in found["invitations"]] == [(room, cem.id)]
    assert [one["id"] for one in found["account"]] == [ada.id]
    assert len(found["departments"]) == 1
    assert [one["action"] for one in found["acts"]][-1] == "own_data.export"
    assert "Von Bea" not in json.dumps(found)
    assert "👍" not in json.dumps(found, ensure_ascii=False)


async def test_no_secret_leaves(house: House, ada: Client) -> None:
    text = json.dumps(await export(ada))
    async with house.context.database.read() as work:
        sessions = list(await work.db.exec(select(Session)))
    assert sessions
    assert all(session.token_hash not in text for session in sessions)
    assert "id_token" not in text
    assert ada.cookie not in text


async def test_the_page_counts_what_the_export_holds(house: House, ada: Client) -> None:
    room = (await ada.call("POST", "/rooms", {"name": "Planung"}, status=201))["id"]
    for number in range(3):
        await ada.call("POST", f"/rooms/{room}/messages", {"client_id": f"client-{number:04}", "text": "x"}, status=201)
    with statements() as said:
        counted = await counts(ada)
    assert sum("count" in statement for statement in said) == 1
    assert counted["messages"] == 3
    found = await export(ada)
    assert {kind: len(records) for kind, records in found.items()} == counted | {"acts": counted["acts"] + 1}


async def test_more_than_fits_into_memory_at_once(house: House, ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 2)
    monkeypatch.setattr(routes, "SPOOL_BYTES", 100)
    monkeypatch.setattr(routes, "PIECE_BYTES", 64)
    room = (await ada.call("POST", "/rooms", {"name": "Planung"}, status=201))["id"]
    for number in range(5):
        await ada.call(
            "POST", f"/rooms/{room}/messages", {"client_id": f"client-{number:04}", "text": f"no {number}"}, status=201
        )
    assert [one["text"] for one in (await export(ada))["messages"]] == [f"no {number}" for number in range(5)]


async def test_what_does_not_fit_is_refused(house: House, ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ARCHIVE_MAX_BYTES", 100)
    assert await ada.refused("GET", "/me/data/export") == (413, "too-large")


async def test_nobody_takes_it_along_all_day(house: House, ada: Client, bea: Client) -> None:
    for _ in range(exports.BURST):
        await export(ada)
    assert await ada.refused("GET", "/me/data/export") == (429, "too-many-requests")
    assert (await export(bea))["account"][0]["id"] == bea.id


async def test_taking_it_along_is_audited(house: House, ada: Client) -> None:
    await export(ada)
    async with house.context.database.read() as work:
        last = (await work.db.exec(select(AuditRow).order_by(col(AuditRow.number).desc()))).first()
    assert last
    assert (last.action, last.actor_id, last.subject) == ("own_data.export", ada.id, ada.id)


def test_what_every_table_knows_about_people_is_in_it() -> None:
    read = {
        table.name
        for records in service.kinds(MODULES).values()
        for table in sql_util.find_tables(records("nobody"), include_joins=True, check_columns=True)
    }
    about = {
        name
        for name, table in SQLModel.metadata.tables.items()
        if any(column.name in PERSON_COLUMNS for column in table.columns)
    }
    assert about - read == set()


async def test_who_is_signed_out_meanwhile_gets_no_more(
    house: House, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fachwerk.core.files.RECHECK_BYTES", 1)
    write = service.write

    async def and_sign_out(*arguments: Any) -> None:
        await write(*arguments)
        async with house.context.database.work() as work:
            await work.db.exec(delete(Session))

    monkeypatch.setattr(service, "write", and_sign_out)
    with pytest.raises(httpx2.RemoteProtocolError):
        await ada.http.get("/api/v1/me/data/export")
