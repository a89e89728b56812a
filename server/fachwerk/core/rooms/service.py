# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Making rooms, coming and going."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from fachwerk.core import directory, identity
from fachwerk.core.identity import Person
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import Conflict, FieldError, Invalid, NotFound
from fachwerk.kernel.events import AudienceRow, Event, EventRow
from fachwerk.kernel.policy import Actor, Facts, Policy

from . import events, matching
from .model import ANNOUNCED_TO, Kind, Member, Role, Room
from .policy import least_label
from .rules import LEADERS, InByRule, LastOwner, facts_of

MEMBERS_PER_ROOM = 5_000
"""Joined or invited."""


class TooManyMembers(Conflict):
    """The room is full."""

    slug, title = "too-many-members", "The room has no place left"


@dataclass(frozen=True, slots=True)
class Place:
    """A room from the view of one person. member: None for a stranger."""

    room: Room
    member: Member | None
    facts: Facts


def audience_of(room_id: str) -> str:
    """The audience that hears what happens in a room."""
    return f"room:{room_id}"


async def place(work: Work, person_id: str, room_id: str) -> Place:
    """Find a room and somebody's place in it. Raises NotFound for no such room."""
    found = (
        await work.db.exec(
            select(Room, Member)
            .join(Member, (col(Member.room_id) == Room.id) & (col(Member.person_id) == person_id), isouter=True)
            .where(Room.id == room_id)
        )
    ).first()
    if found is None:
        raise NotFound
    room, member = found
    return Place(room, member, facts_of(room, member))


async def facts(work: Work, actor: Actor, room_id: str) -> Facts:
    """What the policy may know of a room and this actor. Raises NotFound for no such room."""
    return (await place(work, actor.id, room_id)).facts


async def allowed_place(work: Work, policy: Policy, actor: Actor, action: str, room_id: str) -> Place:
    """Find a room in which the actor may do this. Raises as the policy does."""
    found = await place(work, actor.id, room_id)
    policy.require(actor, action, found.facts)
    return found


async def create(
    work: Work, policy: Policy, actor: Actor, *, name: str, topic: str, open_: bool, department_id: str | None,
    person_ids: Iterable[str],
) -> Room:  # fmt: skip
    """Make a group room; its maker owns it, the others are invited."""
    policy.require(actor, "room.create", Facts())
    if open_ and department_id is None:
        raise Invalid(errors=(FieldError("/department_id", "an open room belongs to a department"),))
    if department_id is not None and department_id not in actor.departments:
        raise Invalid(errors=(FieldError("/department_id", "not one of your departments"),))
    room = await found(
        work, kind="group", name=name, topic=topic, open_=open_, department_id=department_id, by=actor.id
    )
    await put_in(work, room, actor.id, "owner")
    for person_id in dict.fromkeys(person_ids):
        if person_id != actor.id:
            await _require_visible(work, actor, person_id)
            await offer_place(work, room, person_id, by=actor.id)
    return room


async def found(
    work: Work, *, kind: Kind, name: str, by: str, topic: str = "", open_: bool = False,
    department_id: str | None = None, pair: str | None = None,
) -> Room:  # fmt: skip
    """Make an empty room. It has the most open label that its department allows."""
    room = Room(
        id=work.ids(), kind=kind, name=name, topic=topic, open=open_, department_id=department_id, pair=pair,
        label="open" if kind == "direct" else await least_label(work, department_id),
        created_by=by, created_ms=work.now_ms,
    )  # fmt: skip
    await keep(work, room)
    return room


async def keep(work: Work, room: Room) -> None:
    """Let a room that was just made exist."""
    work.db.add(room)
    await work.db.flush()
    work.audit(room.created_by, "room.create", room.id, kind=room.kind)


async def open_direct(work: Work, policy: Policy, actor: Actor, person_id: str) -> Room:
    """Find or make the one room of two people."""
    policy.require(actor, "room.create", Facts())
    if person_id == actor.id:
        raise Invalid(errors=(FieldError("/person_id", "this is you"),))
    pair = " ".join(sorted((actor.id, person_id)))
    existing = (await work.db.exec(select(Room).where(Room.pair == pair))).first()
    if existing:
        return existing
    await _require_visible(work, actor, person_id)
    try:
        async with work.db.begin_nested():
            room = await found(work, kind="direct", name="", by=actor.id, pair=pair)
    except IntegrityError:  # the other one was faster
        return (await work.db.exec(select(Room).where(Room.pair == pair))).one()
    for one in (actor.id, person_id):
        await put_in(work, room, one, "member")
    return room


async def rename(work: Work, policy: Policy, actor: Actor, room_id: str, name: str | None, topic: str | None) -> None:
    """Give a room another name or topic."""
    room = (await allowed_place(work, policy, actor, "room.rename", room_id)).room
    new = (room.name if name is None else name, room.topic if topic is None else topic)
    if new == (room.name, room.topic):
        return
    give_name(work, room, *new)


def give_name(work: Work, room: Room, name: str, topic: str) -> None:
    """Make a room's name and topic these; the caller has asked whether that may be."""
    room.name, room.topic = name, topic
    work.db.add(room)
    work.emit(audience_of(room.id), events.RoomChanged(name=room.name, topic=room.topic))
    show(work, room)


def show(work: Work, room: Room) -> None:
    """Renew a room in the lists of those who are in it; those who are away read it when they come."""
    shown = events.RoomShown(room_id=room.id, name=room.name, topic=room.topic, label=room.label, open=room.open)
    work.signal(audience_of(room.id), shown, wide=True)


async def join(work: Work, policy: Policy, actor: Actor, room_id: str) -> None:
    """Take up an invitation, or walk into an open room of one's department. Joining twice changes nothing."""
    here = await place(work, actor.id, room_id)
    if here.member and here.member.membership == "joined":
        return
    policy.require(actor, "room.join", here.facts)
    if here.member is None or here.member.membership != "invited":
        await put_in(work, here.room, actor.id, here.room.joins_as)
        return
    invited = here.member
    if invited.until_ms is not None:  # its time may just be over, or somebody may just move its end
        invited = await held_member(work, room_id, actor.id)
        if invited.until_ms is not None and invited.until_ms <= work.now_ms:
            raise NotFound
    await put_in(work, here.room, actor.id, invited.role, invited.until_ms)


async def leave(work: Work, policy: Policy, actor: Actor, room_id: str) -> None:
    """Leave a room or decline its invitation."""
    here = await allowed_place(work, policy, actor, "room.leave", room_id)
    assert here.member
    if here.member.membership == "joined" and here.member.role == "owner":
        await require_other_owner(work, room_id, actor.id)
    await _require_by_hand(work, here.member)
    take_out(work, here.member, events.MemberLeft(person_id=actor.id))


async def invite(
    work: Work, policy: Policy, actor: Actor, room_id: str, person_id: str, until_ms: int | None = None
) -> None:
    """Offer somebody a place. Inviting a member, or twice, changes nothing. until_ms: when it ends by itself."""
    room = (await allowed_place(work, policy, actor, "room.invite", room_id)).room
    if until_ms is not None and room.kind != "group":
        raise Invalid(errors=(FieldError("/until", "who is in this room follows the directory"),))
    await _require_visible(work, actor, person_id)
    await offer_place(work, room, person_id, by=actor.id, until_ms=until_ms)


async def remove(work: Work, policy: Policy, actor: Actor, room_id: str, person_id: str) -> None:
    """Take somebody out, or take an invitation back."""
    await allowed_place(work, policy, actor, "member.remove", room_id)
    member = await _member(work, room_id, person_id)
    if member.role == "owner":
        await require_other_owner(work, room_id, person_id)
    await _require_by_hand(work, member)
    work.audit(actor.id, "member.remove", room_id, person=person_id)
    take_out(work, member, events.MemberRemoved(person_id=person_id, by=actor.id))


async def set_role(work: Work, policy: Policy, actor: Actor, room_id: str, person_id: str, role: Role) -> None:
    """Give a member another role."""
    room = (await allowed_place(work, policy, actor, "member.set_role", room_id)).room
    member = await _member(work, room_id, person_id)
    if member.role == role:
        return
    person = await identity.person(work, person_id)
    if role in LEADERS and person and (person.is_external or person.is_guest):
        raise Invalid(errors=(FieldError("/role", "people of other ministries and guests do not lead our rooms"),))
    if member.role == "owner":
        await require_other_owner(work, room_id, person_id)
    work.audit(actor.id, "member.set_role", room_id, person=person_id, role=role)
    give_role(work, room, member, role)


def give_role(work: Work, room: Room, member: Member, role: Role) -> None:
    """Make a member's role this one; the caller has asked whether that may be. Who was in by a rule stays by hand."""
    if member.role == role:
        return
    member.role, member.by_rule = role, False
    work.db.add(member)
    work.emit(audience_of(room.id), events.RoleChanged(person_id=member.person_id, role=role))
    tell(work, room, member)


async def put_in(
    work: Work, room: Room, person_id: str, role: Role, until_ms: int | None = None, *, by_rule: bool = False
) -> None:
    """Make somebody a member. until_ms: to that time only. by_rule: because a rule of the room means them."""
    member = await work.db.get(Member, (room.id, person_id)) or new_member(work, room, person_id)
    await seat(work, room, member, role, until_ms, by_rule=by_rule)


def new_member(work: Work, room: Room, person_id: str) -> Member:
    """A place of somebody who never had one in this room, for `seat`."""
    return Member(room_id=room.id, person_id=person_id, role=room.joins_as, membership="joined", since_ms=work.now_ms)


async def seat(
    work: Work, room: Room, member: Member, role: Role, until_ms: int | None = None, *, by_rule: bool = False
) -> None:
    """Let somebody take a place, from the present on: what was said before is not unread."""
    member.role, member.membership, member.invited_by, member.since_ms = role, "joined", None, work.now_ms
    member.until_ms, member.by_rule = until_ms, by_rule
    standing = await work.db.get(AudienceRow, audience_of(room.id))
    if standing:
        member.read_seq, member.read_posts = standing.seq, standing.posts
    work.db.add(member)
    joined = events.MemberJoined(person_id=member.person_id, role=role, until=_until(member), by_rule=by_rule)
    work.emit(audience_of(room.id), joined)
    tell(work, room, member)


def stay_by_rule(work: Work, room: Room, member: Member) -> None:
    """Let a member who was in by hand stay because a rule of the room means them."""
    member.role, member.until_ms, member.by_rule = room.joins_as, None, True
    work.db.add(member)
    work.emit(audience_of(room.id), events.MemberJoined(person_id=member.person_id, role=member.role, by_rule=True))
    tell(work, room, member)


async def make_owner(work: Work, room: Room, person_id: str) -> None:
    """Let somebody look after a room, who comes into it for that if need be; the caller has asked whether they may.

    Their place has no end: somebody has to stay.
    """
    member = await work.db.get(Member, (room.id, person_id))
    if member is not None and member.membership == "joined":
        if member.until_ms is not None:
            member.until_ms = None
            work.emit(audience_of(room.id), events.EndChanged(person_id=person_id, until=None))
        give_role(work, room, member, "owner")
    else:
        await put_in(work, room, person_id, "owner")


async def admit_external(work: Work, room: Room, person_id: str) -> None:
    """Give somebody of another ministry a member's place. Who has it already keeps it."""
    member = await work.db.get(Member, (room.id, person_id))
    if member is None or member.membership != "joined":
        await _require_free_place(work, room)
        await put_in(work, room, person_id, room.joins_as)


async def members(work: Work, room_id: str) -> list[events.MemberRow]:
    """Who is in a room, and who is invited, in order of id."""
    there = select(Member).where(Member.room_id == room_id, col(Member.membership) != "left")
    found = await work.db.exec(there.order_by(Member.person_id))
    return [
        events.MemberRow(
            person_id=m.person_id, role=m.role, membership=m.membership, until=_until(m), by_rule=m.by_rule
        )
        for m in found
    ]


class Seat(NamedTuple):
    """Somebody's place in a room as the policy sees it. organisation: of people of another ministry.

    guest: whether they are one.
    """

    person_id: str
    organisation: str | None
    guest: bool
    active: bool
    facts: Facts


async def seats(work: Work, room: Room) -> list[Seat]:
    """Everybody who is in a room or invited to it, in order of name. One query."""
    found = (
        select(Member, Person.issuer, Person.organisation, Person.active)
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(Member.room_id == room.id, col(Member.membership) != "left")
        .order_by(Person.name_key, col(Person.id))
    )
    return [
        Seat(
            member.person_id,
            None if issuer == identity.GUEST else organisation,
            issuer == identity.GUEST,
            active,
            facts_of(room, member),
        )
        for member, issuer, organisation, active in await work.db.exec(found)
    ]


async def by_ids(work: Work, room_ids: Iterable[str]) -> list[Room]:
    """These rooms, in order of id."""
    return list(await work.db.exec(select(Room).where(col(Room.id).in_(list(room_ids))).order_by(Room.id)))


async def count_by_kind(work: Work) -> dict[str, int]:
    """How many rooms of each kind there are; a kind of which there are none is left out."""
    return dict((await work.db.exec(select(Room.kind, func.count()).group_by(col(Room.kind)))).all())


async def mark_read(work: Work, policy: Policy, actor: Actor, room_id: str, seq: int) -> None:
    """Move one's marker forward; it never goes back."""
    member = (await allowed_place(work, policy, actor, "room.read", room_id)).member
    assert member
    audience = audience_of(room_id)
    last = await work.db.get(AudienceRow, audience)
    seq = min(seq, last.seq if last else 0)
    if seq <= member.read_seq:
        return
    posts = (await work.db.exec(select(EventRow.posts).where(EventRow.audience == audience, EventRow.seq == seq))).one()
    member.read_seq, member.read_posts = seq, posts
    work.db.add(member)
    work.signal(f"user:{actor.id}", events.Read(room_id=room_id, read_seq=seq, read_posts=posts))


async def dissolve_place(work: Work, room: Room, person_id: str) -> None:
    """Take somebody out because they no longer belong to what the room is for."""
    member = await work.db.get(Member, (room.id, person_id))
    if member and member.membership != "left":
        take_out(work, member, events.MemberLeft(person_id=person_id))


async def offer_place(work: Work, room: Room, person_id: str, *, by: str, until_ms: int | None = None) -> None:
    """Invite somebody; the caller has asked whether that may be. Raises TooManyMembers."""
    member = await work.db.get(Member, (room.id, person_id))
    if member and member.membership != "left":
        return
    await _require_free_place(work, room)
    if member is None:
        member = Member(
            room_id=room.id, person_id=person_id, role=room.joins_as, membership="invited", since_ms=work.now_ms
        )
    member.role, member.membership, member.invited_by = room.joins_as, "invited", by
    member.until_ms = until_ms
    work.db.add(member)
    until = _until(member)
    work.audit(by, "room.invite", room.id, person=person_id, **({"until": until} if until else {}))
    work.emit(audience_of(room.id), events.MemberInvited(person_id=person_id, role=member.role, by=by, until=until))
    tell(work, room, member)


def take_out(work: Work, member: Member, event: Event) -> None:
    """End somebody's place or invitation, for the reason that the event tells; the caller has asked the rules."""
    was_in = member.membership == "joined"
    member.membership, member.until_ms, member.by_rule = "left", None, False
    work.db.add(member)
    audience = audience_of(member.room_id)
    work.emit(audience, event)
    work.emit(f"user:{member.person_id}", events.RoomGone(room_id=member.room_id, closes=audience))
    if was_in:
        work.announce(events.PersonGone(room_id=member.room_id, person_id=member.person_id))


def tell(work: Work, room: Room, member: Member) -> None:
    """Put the room into the person's list, with the numbers as they will stand after this transaction."""
    audience = audience_of(room.id)

    def opened(_seq: int) -> Event:
        seq, posts = work.standing[audience]
        opens = audience if member.membership == "joined" else ""
        return events.RoomOpened(room=row(room, member, seq, posts), opens=opens)

    work.emit(f"user:{member.person_id}", opened)


def row(room: Room, member: Member, seq: int, posts: int) -> events.RoomRow:
    """A room as this member's list shows it."""
    other = None
    if room.pair:
        other = next(one for one in room.pair.split(" ") if one != member.person_id)
    return events.RoomRow(
        id=room.id,
        kind=room.kind,
        name=room.name,
        topic=room.topic,
        open=room.open,
        label=room.label,
        announces=room.joins_as == ANNOUNCED_TO,
        role=member.role,
        membership=member.membership,
        department_id=room.department_id,
        other_id=other,
        invited_by=member.invited_by,
        until=_until(member),
        seq=seq,
        posts=posts,
        read_seq=member.read_seq,
        read_posts=member.read_posts,
    )


def _until(member: Member) -> str | None:
    return None if member.until_ms is None else rfc3339(member.until_ms)


async def _require_free_place(work: Work, room: Room) -> None:
    places = select(func.count()).where(Member.room_id == room.id, col(Member.membership) != "left")
    if (await work.db.exec(places)).one() >= MEMBERS_PER_ROOM:
        raise TooManyMembers(limit=MEMBERS_PER_ROOM)


async def _member(work: Work, room_id: str, person_id: str) -> Member:
    member = await work.db.get(Member, (room_id, person_id))
    if member is None or member.membership == "left":
        raise NotFound
    return member


async def _require_by_hand(work: Work, member: Member) -> None:
    """Raise InByRule for somebody whom a rule of the room means, however they came in."""
    if member.by_rule or (
        member.membership == "joined" and member.room_id in await matching.rooms_of(work, member.person_id)
    ):
        raise InByRule


async def hold(work: Work, room_id: str) -> None:
    """Change a room's owners one after the other: of two, not both go because of each other. Before `held_member`."""
    await work.db.exec(select(Room.id).where(Room.id == room_id).with_for_update(key_share=True))


async def held_member(work: Work, room_id: str, person_id: str) -> Member:
    """Somebody's place or invitation as it is, which nobody else changes until this transaction ends. Or NotFound."""
    chosen = select(Member).where(
        Member.room_id == room_id, Member.person_id == person_id, col(Member.membership) != "left"
    )
    held = chosen.with_for_update(key_share=True)
    member = (await work.db.exec(held, execution_options={"populate_existing": True})).first()
    if member is None:
        raise NotFound
    return member


async def require_other_owner(work: Work, room_id: str, person_id: str) -> None:
    """Raise LastOwner if the others in a room would be without an owner who stays."""
    await hold(work, room_id)
    others = select(Member.role, Member.until_ms).where(
        Member.room_id == room_id, col(Member.person_id) != person_id, col(Member.membership) == "joined"
    )
    there = (await work.db.exec(others)).all()
    if there and ("owner", None) not in there:
        raise LastOwner


async def _require_visible(work: Work, actor: Actor, person_id: str) -> None:
    person = await identity.person(work, person_id)
    if person is None or not person.active or not await directory.may_see(work, actor, person_id):
        raise Invalid(errors=(FieldError("/person_id", "no such person"),))
