# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One Matrix event becomes what it means in Fachwerk, in the name of whoever sent it."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

import msgspec
from sqlmodel import col, select

from .connector import Fachwerk
from .errors import Refused
from .ids import bot_of, client_id, server_of
from .media import Media, TooLarge
from .people import People
from .portals import Portals
from .receipts import Receipts
from .store import Incoming, Link, Room, Store
from .texts import TEXT_FILE, file_too_large, file_unreachable
from .wire import DELIVERED, REFUSED, Content, Delivered, Event, Membership, Message, Origin

TEXT_CHARS = 16_000
"""Of a message in Fachwerk; a longer one goes on in a file."""
FILES = {"m.file", "m.image", "m.video", "m.audio"}
QUOTE = "> "

Taken = tuple[Sequence[Link], bool]
"""(what the event is now, whether it is still needed for what comes next)"""
NOTHING: Taken = ((), False)


class TargetMissing(Exception):
    """The message that something refers to is not here (yet)."""


class Take:
    """The meaning of events. wake: told which rooms may send more.

    Raises Later, Refused, TargetMissing and msgspec.ValidationError.
    """

    def __init__(
        self,
        store: Store,
        fachwerk: Fachwerk,
        people: People,
        media: Media,
        portals: Portals,
        receipts: Receipts,
        wake: Callable[[str], None],
    ) -> None:
        self._store, self._fachwerk, self._people, self._media = store, fachwerk, people, media
        self._portals, self._receipts, self._wake = portals, receipts, wake

    async def take(self, room: Room | None, event: Event) -> Taken:
        """Do it. room: None while its Matrix room is unknown; then only an invitation means something."""
        if event.type == "m.room.member":
            if room is None:
                await self._member(room, event)
            else:
                async with self._portals.membership(room.room_id):
                    await self._member(room, event)
                self._wake(room.room_id)
            return NOTHING
        if room is None:
            raise Refused("unknown-room")
        match event.type:
            case "m.room.message":
                return await self._message(room, event)
            case "m.reaction":
                return await self._reaction(room, event)
            case "m.room.redaction":
                await self._redaction(room, event)
            case "m.room.encrypted":
                raise Refused("encrypted")
            case _ if event.type == DELIVERED:
                receipt = msgspec.convert(event.content, Delivered)
                await self._receipts.confirmed(room, event.sender, server_of(event.sender), receipt)
                self._wake(room.room_id)
            case _ if event.type == REFUSED and event.sender == bot_of(server_of(event.sender)):
                await self._portals.was_refused(room, server_of(event.sender), str(event.content.get("reason", "")))
        return NOTHING

    # ---------------------------------------------------------------- people

    async def _member(self, room: Room | None, event: Event) -> None:
        content = msgspec.convert(event.content, Membership)
        mxid = event.state_key or ""
        server, comes = server_of(mxid), content.membership == "join"
        if self._people.is_ours(mxid):
            await self._ours(room, event, mxid, content.membership)
        elif room is None:
            raise Refused("unknown-room")
        elif mxid == bot_of(server):
            if comes:
                await self._portals.bot_came(room, server)
            elif content.membership in {"leave", "ban"}:
                await self._portals.bot_went(room, server)
        elif comes:
            await self._portals.person_came(room, mxid, content.displayname or "")
        elif content.membership in {"leave", "ban"} and (person_id := await self._people.known(mxid)):
            await self._people.displace(room, person_id)

    async def _ours(self, room: Room | None, event: Event, mxid: str, membership: str) -> None:
        """Somebody elsewhere did something to one of our users."""
        if membership == "invite" and mxid == bot_of(server_of(mxid)):
            await self._portals.invited(event.room_id, event.sender)
        elif membership == "invite":
            await self._people.leave(event.room_id, mxid)
        elif membership in {"leave", "ban"} and mxid == bot_of(server_of(mxid)) and room is not None:
            await self._portals.expelled(room, server_of(event.sender))

    # ---------------------------------------------------------------- messages

    async def _message(self, room: Room, event: Event) -> Taken:
        content, origin = msgspec.convert(event.content, Content), event.origin
        relation = content.relates_to
        if relation.rel_type == "m.replace":
            return await self._edit(room, event, content), False
        if origin and origin.part < origin.parts:
            return (), True
        earlier = await self._parts(event, origin) if origin and origin.parts > 1 else []
        contents = [*(msgspec.convert(part.content, Content) for part in earlier), content]
        person_id = await self._people.external(room, event.sender)
        root_id = await self._root(content)
        texts, file_ids = [], []
        for part in contents:
            text, file_id = await self._part(room, person_id, part)
            texts.append(text)
            file_ids += [file_id] if file_id else []
        text = "".join(texts).replace("\0", "")
        if not text.strip() and not file_ids:
            return NOTHING
        if len(text) > TEXT_CHARS:
            file_ids.append(await self._media.text(person_id, room.room_id, TEXT_FILE, text))
            text = text[: TEXT_CHARS - 1] + "…"
        message = await self._post(room, event, person_id, text, root_id, file_ids)
        return [
            Link(
                event_id=one.event_id,
                room_id=room.room_id,
                kind="message",
                message_id=message.id,
                person_id=person_id,
                root_id=message.root_id,
            )
            for one in [*earlier, event]
        ], False

    async def _parts(self, event: Event, origin: Origin) -> list[Event]:
        """The parts before the last one, in order."""
        first = origin.seq - origin.part + 1
        async with self._store.read() as db:
            found = await db.exec(
                select(Incoming)
                .where(
                    Incoming.mx_room == event.room_id,
                    Incoming.server == server_of(event.sender),
                    col(Incoming.seq) >= first,
                    col(Incoming.seq) < origin.seq,
                    Incoming.raw != "",
                )
                .order_by(col(Incoming.seq))
            )
            events = [msgspec.json.decode(row.raw, type=Event) for row in found]
        return [one for one in events if one.sender == event.sender and _mid(one) == origin.mid]

    async def _part(self, room: Room, person_id: str, content: Content) -> tuple[str, str]:
        """(text, file id) of one event; either may be empty."""
        if content.msgtype not in FILES or not content.url:
            text = _without_quote(content.body) if content.relates_to.in_reply_to else content.body
            return ("* " + text if content.msgtype == "m.emote" else text), ""
        name = content.filename or content.body
        caption = content.body if content.filename and content.body != content.filename else ""
        if content.info.size > self._media.max_bytes:
            return _joined(caption, file_too_large(name, content.info.size)), ""
        try:
            return caption, await self._media.come(person_id, room.room_id, content.url, name)
        except TooLarge:
            return _joined(caption, file_too_large(name, content.info.size)), ""
        except (ValueError, Refused):
            return _joined(caption, file_unreachable(name)), ""

    async def _post(
        self, room: Room, event: Event, person_id: str, text: str, root_id: str | None, file_ids: list[str]
    ) -> Message:
        async def post(root: str | None) -> Message:
            key = client_id(event.event_id)
            return await self._fachwerk.post(
                person_id, room.room_id, client_id=key, text=text, root_id=root, file_ids=file_ids
            )

        try:
            return await post(root_id)
        except Refused as refusal:
            if refusal.status == HTTPStatus.CONFLICT:  # posted before we fell, with files that were uploaded anew since
                found = await self._fachwerk.posted(person_id, room.room_id, client_id(event.event_id))
                if found:
                    return found
            if refusal.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}:
                raise
        self._people.forget_place(room, person_id)
        await self._people.external(room, event.sender)
        return await post(None)

    async def _root(self, content: Content) -> str | None:
        """The first message of the thread that something belongs to."""
        relation = content.relates_to
        target = relation.event_id if relation.rel_type == "m.thread" else ""
        if not target and relation.in_reply_to:
            target = relation.in_reply_to.event_id
        if not target:
            return None
        link = await self._link(target)
        return None if link is None else link.root_id or link.message_id

    async def _edit(self, room: Room, event: Event, content: Content) -> Sequence[Link]:
        target = await self._link(content.relates_to.event_id)
        if target is None:
            raise TargetMissing
        text = (content.new_content or content).body.replace("\0", "")[:TEXT_CHARS]
        person_id = await self._people.external(room, event.sender)
        await self._fachwerk.edit(person_id, target.message_id, text)
        return [
            Link(
                event_id=event.event_id,
                room_id=room.room_id,
                kind="edit",
                message_id=target.message_id,
                person_id=person_id,
            )
        ]

    async def _reaction(self, room: Room, event: Event) -> Taken:
        relation = msgspec.convert(event.content, Content).relates_to
        if not relation.key:
            return NOTHING
        target = await self._link(relation.event_id)
        if target is None:
            raise TargetMissing
        person_id = await self._people.external(room, event.sender)
        await self._fachwerk.react(person_id, target.message_id, relation.key, gives=True)
        return [
            Link(
                event_id=event.event_id,
                room_id=room.room_id,
                kind="reaction",
                message_id=target.message_id,
                person_id=person_id,
                emoji=relation.key,
            )
        ], False

    async def _redaction(self, room: Room, event: Event) -> None:
        target = event.redacts or event.content.get("redacts")
        link = await self._link(target) if isinstance(target, str) else None
        if link is None:
            if event.origin and event.origin.gone:
                return  # it was gone before we saw it
            raise TargetMissing
        if link.kind == "edit":
            return
        if await self._people.is_own(room.room_id, link.person_id):
            raise Refused("not-theirs")
        # a bridge takes things back for its people, whoever of them it was
        if server_of(event.sender) not in {server_of(await self._people.mxid(link.person_id)), room.origin}:
            raise Refused("not-theirs")
        if link.kind == "reaction":
            await self._fachwerk.react(link.person_id, link.message_id, link.emoji, gives=False)
        else:
            await self._fachwerk.remove(link.person_id, link.message_id)

    async def _link(self, event_id: str) -> Link | None:
        async with self._store.read() as db:
            return await db.get(Link, event_id)


def _mid(event: Event) -> str:
    origin = event.origin
    return origin.mid if origin else ""


def _joined(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _without_quote(body: str) -> str:
    """A reply's own words: older clients repeat in front what they answer to (Matrix 1.12, "Rich replies")."""
    lines = body.split("\n")
    start = next((number for number, line in enumerate(lines) if not line.startswith(QUOTE)), len(lines))
    return "\n".join(lines[start:]).lstrip("\n") if start else body
