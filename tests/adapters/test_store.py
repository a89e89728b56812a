# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The group commit of both databases against a plain model of what it must do."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from fachwerk import app
from fachwerk.adapters.store_postgres import PostgresStore
from fachwerk.adapters.store_sqlite import SqliteStore
from fachwerk.core import identity, rooms
from fachwerk.core.files.model import Blob, FileRow
from fachwerk.core.messages import Append, Stored
from fachwerk.core.rooms.events import MemberRemoved, RoleChanged
from fachwerk.core.rooms.model import Member
from fachwerk.kernel.events import Numbered
from fachwerk.kernel.ids import new_id
from tests.house.house import make_settings
from tests.stack.component import free_ports

pytestmark = pytest.mark.anyio
ROOMS, PEOPLE, CLIENT_IDS, ROOTS = 2, 3, 4, 3


class Send(NamedTuple):
    """One message, by numbers: who and where; words: which of two texts; root: which earlier message, if any."""

    room: int
    person: int
    client_id: int
    words: int
    root: int | None


class Change(NamedTuple):
    """Somebody's place in a room changes between two batches."""

    room: int
    person: int
    membership: str
    role: str


sends = st.builds(
    Send,
    room=st.integers(0, ROOMS - 1),
    person=st.integers(0, PEOPLE - 1),
    client_id=st.integers(0, CLIENT_IDS - 1),
    words=st.integers(0, 1),
    root=st.none() | st.integers(0, ROOTS),
)
batches = st.lists(sends, min_size=1, max_size=60, unique_by=lambda send: (send.person, send.client_id))
changes = st.builds(
    Change,
    room=st.integers(0, ROOMS - 1),
    person=st.integers(0, PEOPLE - 1),
    membership=st.sampled_from(["joined", "left", "invited"]),
    role=st.sampled_from(["member", "reader"]),
)


@dataclass
class Model:
    """What should be stored, said plainly."""

    rooms: list[str]
    people: list[str]
    place: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    standing: dict[int, tuple[int, int]] = field(default_factory=dict)
    stored: dict[tuple[int, int], Stored] = field(default_factory=dict)
    order: list[tuple[Send, Stored]] = field(default_factory=list)

    def root_of(self, send: Send) -> str | None:
        """The id that the send names as its root: an earlier message of any room, or one that never was."""
        if send.root is None:
            return None
        return self.order[send.root][1].id if send.root < len(self.order) else f"{send.root:036}"

    def append(self, send: Send, item: Append, before: int) -> Stored | None:
        """What must become of one send. before: how many messages there were before this batch."""
        if known := self.stored.get((send.person, send.client_id)):
            return known._replace(posts=0, fresh=False)
        membership, role = self.place[send.room, send.person]
        if membership != "joined" or role == "reader":
            return None
        if item.root_id is not None:
            roots = [s.id for one, s in self.order[:before] if one.root is None and s.room_id == item.room_id]
            if item.root_id not in roots:
                return None
        seq, posts = self.standing[send.room]
        self.standing[send.room] = seq, posts = seq + 1, posts + (item.root_id is None)
        made = Stored(item.id, item.room_id, seq, posts, item.at_ms, item.body_hash, fresh=True)
        self.stored[send.person, send.client_id] = made
        self.order.append((send, made))
        return made


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[app.House]:
    composed = app.compose(make_settings(tmp_path, database_url, 1))
    async with composed.running():
        yield composed


@given(steps=st.lists(batches | changes, min_size=1, max_size=8))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_batch_does_what_its_messages_would_do_one_after_another(
    house: app.House, steps: list[list[Send] | Change]
) -> None:
    model = await _settle(house)
    for number, step in enumerate(steps):
        if isinstance(step, Change):
            await _change(house, model, step)
            continue
        batch = [_append(model, send, number) for send in step]
        before = len(model.order)
        wanted = [model.append(send, item, before) for send, item in zip(step, batch, strict=True)]
        assert await house._store.append(batch) == wanted
    await _compare(house, model)


async def test_a_batch_of_five_hundred_is_stored_in_order(house: app.House) -> None:
    model = await _settle(house)
    sends = [Send(room=n % 2, person=n % 3, client_id=n, words=0, root=None) for n in range(500)]
    batch = [_append(model, send, 0) for send in sends]
    wanted = [model.append(send, item, 0) for send, item in zip(sends, batch, strict=True)]
    assert await house._store.append(batch) == wanted
    await _compare(house, model)
    page = await house._store.after(f"room:{model.rooms[0]}", 100, 20)
    assert [event.seq for event in page] == list(range(101, 121))


async def test_a_file_goes_to_one_message_only(house: app.House) -> None:
    model = await _settle(house)
    file_id = new_id()
    async with house.context.database.work() as work:
        work.db.add(Blob(id=file_id, key_wrapped=b"", master_id="", created_ms=0))
        await work.db.flush()
        file = FileRow(id=file_id, room_id=model.rooms[0], uploader_id=model.people[0], name="a", size_bytes=0,
                       media_type="b", sha256="c", blob_id=file_id, created_ms=0)  # fmt: skip
        work.db.add(file)
    sends = [Send(room=0, person=person, client_id=n, words=0, root=None) for n, person in enumerate((1, 0, 0))]
    batch = [msgspec.structs.replace(_append(model, send, 0), file_ids=(file_id,)) for send in sends]
    await house._store.append(batch)
    async with house.context.database.read() as work:
        linked = await work.db.get(FileRow, file_id)
        assert linked
        assert linked.message_id == batch[1].id


async def test_where_audiences_stand(house: app.House) -> None:
    model = await _settle(house)
    room = f"room:{model.rooms[0]}"
    await house._store.append([_append(model, Send(0, 0, 0, 0, None), 0)])
    found = await house._store.standings([room, "room:none"])
    assert [tuple(change) for change in found] == [(room, PEOPLE + 1, 1)]
    assert await house._store.standings([]) == []
    assert found[0] in await house._store.changed_since(house.context.clock.now_ms() - 60_000)
    assert found[0] not in await house._store.changed_since(house.context.clock.now_ms() + 60_000)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_that_others_hold_for_too_long_is_away(house: app.House, database_url: str) -> None:
    model = await _settle(house)
    await house._store.append([_append(model, Send(0, 0, 0, 0, None), 0)])
    assert isinstance(house._store, SqliteStore)
    assert house._store._writer is not None
    house._store._writer.execute("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(database_url.removeprefix("sqlite+aiosqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConnectionError):
            await house._store.append([_append(model, Send(0, 0, 1, 0, None), 0)])
        other.execute("ROLLBACK")
    (stored,) = await house._store.append([_append(model, Send(0, 0, 1, 0, None), 0)])
    assert stored is not None
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await house._store._in(house._store._reading, lambda: _ask_for_nothing(house._store))


async def test_a_server_that_does_not_answer_is_away() -> None:
    store = PostgresStore(f"postgresql://nobody@127.0.0.1:{free_ports(1)}/nothing")
    with pytest.raises(ConnectionError):
        await store.after("room:one", 0, 1)
    await store.close()


def _ask_for_nothing(store: object) -> None:
    assert isinstance(store, SqliteStore)
    store._read("SELECT 1 FROM unheard_of", ())


async def _settle(house: app.House) -> Model:
    """Fresh rooms and people, whatever other examples have left."""
    model = Model([], [])
    async with house.context.database.work() as work:
        for _ in range(PEOPLE):
            person = await identity.upsert_person(work, "test", new_id(), "Person", None, [])
            model.people.append(person.id)
        for number in range(ROOMS):
            room = await rooms.found(work, kind="group", name="Raum", by=model.people[0])
            model.rooms.append(room.id)
            for place, person_id in enumerate(model.people):
                await rooms.put_in(work, room, person_id, "member")
                model.place[number, place] = ("joined", "member")
            model.standing[number] = (PEOPLE, 0)
    return model


async def _change(house: app.House, model: Model, change: Change) -> None:
    room_id, person_id = model.rooms[change.room], model.people[change.person]
    async with house.context.database.work() as work:
        member = await work.db.get(Member, (room_id, person_id))
        assert member
        member.membership, member.role = change.membership, change.role  # type: ignore[assignment]
        work.db.add(member)
        gone = change.membership != "joined"
        event = MemberRemoved(person_id=person_id, by="") if gone else RoleChanged(person_id=person_id, role="member")
        work.emit(rooms.audience_of(room_id), event)
    model.place[change.room, change.person] = (change.membership, change.role)
    seq, posts = model.standing[change.room]
    model.standing[change.room] = seq + 1, posts


def _append(model: Model, send: Send, step: int) -> Append:
    words = f"Text {send.words}"
    return Append(
        id=new_id(),
        room_id=model.rooms[send.room],
        sender_id=model.people[send.person],
        client_id=f"client-{send.client_id:04}",
        body_hash=words.encode().ljust(16),
        at_ms=1_000 + step,
        text=words,
        root_id=model.root_of(send),
        files="[]",
        file_ids=(),
        event=b'{"kind":"message.posted"}',
    )


async def _compare(house: app.House, model: Model) -> None:
    for number, room_id in enumerate(model.rooms):
        mine = [(send, stored) for send, stored in model.order if send.room == number]
        events = await house._store.after(f"room:{room_id}", 0, 1000)
        seq, posts = model.standing[number]
        assert [event.seq for event in events] == list(range(1, seq + 1))
        posted = {event.seq: event for event in events if event.body == b'{"kind":"message.posted"}'}
        assert posted == {s.seq: Numbered(s.seq, s.posts, b'{"kind":"message.posted"}') for _, s in mine}
        async with house.context.database.read() as work:
            connection = await work.db.connection()

            async def rows(sql: str) -> list[tuple[Any, ...]]:
                found = await connection.execute(text(sql), {"room": room_id})  # noqa: B023 -- run in this round
                return [tuple(row) for row in found]

            assert await rows("SELECT seq, posts FROM audience WHERE name = 'room:' || :room") == [(seq, posts)]
            found = await rows("SELECT id, seq, replies FROM message WHERE room_id = :room ORDER BY seq")
            replies = [model.order[send.root][1].id for send, _ in mine if send.root is not None]
            assert found == [(s.id, s.seq, replies.count(s.id)) for _, s in mine]
            marks = dict(await rows("SELECT person_id, read_seq FROM member WHERE room_id = :room"))
            for place, person_id in enumerate(model.people):
                top = [stored.seq for send, stored in mine if send.person == place and send.root is None]
                assert not top or marks[person_id] == top[-1]
            seen = await rows(
                "SELECT t.person_id, t.root_id, t.read_seq FROM thread_read t JOIN message m ON m.id = t.root_id "
                "WHERE m.room_id = :room"
            )
            replied = {
                (model.people[send.person], model.order[send.root][1].id): stored.seq
                for send, stored in mine
                if send.root is not None
            }
            assert {(person_id, root_id): seq for person_id, root_id, seq in seen} == replied
