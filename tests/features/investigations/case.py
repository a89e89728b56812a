# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""An investigation, step by step."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from fachwerk.core import identity
from fachwerk.kernel.audit import AuditRow
from tests.house import Client, House
from tests.house.house import DAY_MS, NAMESPACE

HOUR_S = 3_600
REASON, REFERENCE = "Weitergabe von Angebotsunterlagen", "Z 1 - 04/26"


async def employ(house: House, name: str, roles: Sequence[str]) -> Client:
    """Somebody with these roles in the house, who is in no room and no department."""
    async with house.context.database.work() as work:
        person = await identity.upsert_person(work, NAMESPACE, name, name.title(), None, roles)
    house.people[name] = person.id
    return await house.client(name)


def question(house: House, person_id: str, **more: Any) -> dict[str, Any]:
    """What an investigator sends: the last day, until now."""
    now = house.clock.now_ms()
    asked = {"person_id": person_id, "since_ms": now - DAY_MS, "until_ms": now, "hours": 24}
    return asked | {"reason": REASON, "reference": REFERENCE} | more


async def ask(house: House, asker: Client, person_id: str, **more: Any) -> dict[str, Any]:
    """The investigation that was asked for. What was said up to now lies in its range."""
    house.clock.forward(1)
    row: dict[str, Any] = await asker.call("POST", "/investigations", question(house, person_id, **more), status=201)
    return row


async def decide(guardian: Client, row: dict[str, Any], *, approve: bool = True) -> dict[str, Any]:
    answer = {"approve": approve, "sentence": "Der Verdacht ist belegt." if approve else "Es gibt keinen Beleg."}
    decided: dict[str, Any] = await guardian.call("POST", f"/investigations/{row['id']}/decision", answer)
    return decided


async def opened(house: House, asker: Client, guardian: Client, person_id: str, **more: Any) -> dict[str, Any]:
    """One that may be read."""
    return await decide(guardian, await ask(house, asker, person_id, **more))


async def read(asker: Client, row: dict[str, Any], after: str = "") -> dict[str, Any]:
    query = f"?after={after}" if after else ""
    page: dict[str, Any] = await asker.call("GET", f"/investigations/{row['id']}/messages{query}")
    return page


async def refused(asker: Client, row: dict[str, Any]) -> tuple[int, str]:
    """How a reading is refused."""
    return await asker.refused("GET", f"/investigations/{row['id']}/messages")


async def end(one: Client, row: dict[str, Any]) -> dict[str, Any]:
    ended: dict[str, Any] = await one.call("POST", f"/investigations/{row['id']}/end")
    return ended


async def say(client: Client, room: str, text: str, **more: Any) -> str:
    """Write a message; returns its id."""
    body = {"client_id": f"client-{text}"[:64].ljust(12, "-"), "text": text} | more
    return str((await client.call("POST", f"/rooms/{room}/messages", body, status=201))["id"])


async def listed(client: Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await client.call("GET", "/investigations"))["items"]
    return rows


async def told(client: Client) -> list[dict[str, Any]]:
    """What somebody is told of investigations that concerned them."""
    rows: list[dict[str, Any]] = (await client.call("GET", "/me/investigations"))["items"]
    return rows


async def notices(client: Client) -> dict[str, Any]:
    """What their client knows of it on arriving."""
    async with client.socket() as socket:
        state: dict[str, Any] = (await socket.hello())["state"]["investigations"]
    return state


async def trail(house: House) -> list[tuple[str, str, dict[str, str]]]:
    async with house.context.database.read() as work:
        rows = (await work.db.exec(select(AuditRow).order_by(col(AuditRow.number)))).all()
    return [(row.action, row.actor_id, row.detail) for row in rows if row.action.startswith("investigation.")]
