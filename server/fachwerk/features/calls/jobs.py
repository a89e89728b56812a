# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Later and repeated work for calls."""

from sqlmodel import col, select

from fachwerk.core import identity, rooms
from fachwerk.kernel.context import Context
from fachwerk.kernel.db import Work
from fachwerk.kernel.jobs import Outside, Repeat

from . import service
from .media import MediaServer
from .model import CallRow

RECONCILE_S = 15.0
"""How often the list of who is inside is compared with the media server."""
UNUSED_MS = 60_000
"""A call that nobody is in ends after this."""
ABSENT_S = 60.0
"""Whom the media server does not know has left after this: when it was restarted, people need a while to come back."""


async def on_person_gone(work: Work, event: rooms.PersonGone) -> None:
    """Cut off who is no longer in the room."""
    call = await service.running(work, event.room_id)
    if call:
        work.enqueue("calls.cut_off", {"call_id": call.id, "person_id": event.person_id})
        await service.note_left(work, call.id, event.person_id)


async def on_person_disabled(work: Work, event: identity.PersonDisabled) -> None:
    """Cut off who may not come in any more, wherever they are."""
    for call_id in await service.calls_of(work, event.person_id):
        work.enqueue("calls.cut_off", {"call_id": call_id, "person_id": event.person_id})
        await service.note_left(work, call_id, event.person_id)


async def cut_off(context: Context, body: dict[str, str]) -> None:
    """End one person's connection to a call."""
    await context.port(MediaServer).remove(body["call_id"], body["person_id"])


async def reconcile(context: Context, body: dict[str, str]) -> None:  # noqa: ARG001 -- the shape of a job
    """Compare who is inside with the media server; repairs lost reports and ends calls that nobody used."""
    media = context.port(MediaServer)
    async with context.database.read() as work:
        calls = list(await work.db.exec(select(CallRow).where(col(CallRow.ended_ms).is_(None))))
    for call in calls:
        inside = await media.inside(call.id)
        async with context.database.work() as work:
            noted = set((await service.people_inside(work, [call.id])).get(call.id, ()))
            for person_id in inside - noted:
                if not await service.note_joined(work, context.policy, call.id, person_id):
                    work.enqueue("calls.cut_off", {"call_id": call.id, "person_id": person_id})
            for person_id in noted - inside:
                work.enqueue("calls.miss", {"call_id": call.id, "person_id": person_id}, delay_s=ABSENT_S)
            if not inside and not noted and work.now_ms - call.started_ms > UNUSED_MS:
                await service.note_ended(work, call.id)


async def miss(context: Context, body: dict[str, str]) -> None:
    """Note that somebody has left whom the media server still does not know."""
    call_id, person_id = body["call_id"], body["person_id"]
    if person_id in await context.port(MediaServer).inside(call_id):
        return
    async with context.database.work() as work:
        await service.note_left(work, call_id, person_id)


JOBS = {"calls.cut_off": Outside(cut_off), "calls.miss": Outside(miss)}
REPEATS = {"calls.reconcile": Repeat(Outside(reconcile), every_s=RECONCILE_S)}
