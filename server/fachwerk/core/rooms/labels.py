# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Labels of rooms: how far what is said in one may go.

open: its owner may share it with other ministries. internal: it stays in this house. confidential: it
stays in this house, and nobody comes in without an invitation.
"""

from sqlmodel import col, select

from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import Conflict
from fachwerk.kernel.policy import Actor, Policy

from . import events
from .model import Label, Member, Room
from .policy import require_label_allowed
from .service import allowed_place, audience_of, show, tell


class LabelForbids(Conflict):
    """The label of a room does not allow what was asked for. label: the room's."""

    slug, title = "label-forbids", "The label of the room does not allow this"


async def set_label(work: Work, policy: Policy, actor: Actor, room_id: str, label: Label) -> None:
    """Label a room; a confidential one is closed to those without an invitation, and stays so later.

    Modules that let something out of rooms hear of it in the same transaction, and may refuse. Raises
    PolicyForbids for a label that is more open than the department allows.
    """
    await allowed_place(work, policy, actor, "room.label", room_id)
    await relabel(work, policy, actor.id, room_id, label)


async def relabel(work: Work, policy: Policy, by: str, room_id: str, label: Label) -> None:
    """Label a room that is there; the caller has asked whether `by` may. Raises as `set_label` otherwise does."""
    room = await held(work, room_id)
    if room.label == label:
        return
    await require_label_allowed(work, room, label)
    before = room.label
    work.audit(by, "room.label", room.id, before=before, after=label)
    room.label, room.open = label, room.open and label != "confidential"
    work.db.add(room)
    work.emit(audience_of(room.id), events.RoomLabelled(label=label, open=room.open))
    show(work, room)
    work.announce(events.LabelChanged(room_id=room.id, label=label))
    if policy.strong_labels() & {before, label}:
        await _open_anew(work, room)


async def _open_anew(work: Work, room: Room) -> None:
    """Have every socket of its members look again whether its sign-in suffices."""
    joined = select(Member).where(Member.room_id == room.id, col(Member.membership) == "joined")
    for member in (await work.db.exec(joined)).all():
        tell(work, room, member)


async def held(work: Work, room_id: str) -> Room:
    """A room that is there, whose label nobody changes until this transaction ends."""
    chosen = select(Room).where(Room.id == room_id).with_for_update()
    return (await work.db.exec(chosen, execution_options={"populate_existing": True})).one()


def require_label(room: Room, *allowed: Label) -> None:
    """Raise LabelForbids unless the room has one of these labels."""
    if room.label not in allowed:
        raise LabelForbids(label=room.label)
