# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The same load on an XMPP server: group chats (XEP-0045) with an archive (XEP-0313) in its database.

Such a server tells nobody that a message is on the disk: a sender takes the message's coming back for its
acknowledgement. Nor are messages numbered: how many came is all that can be checked.
"""

import base64
import re
import time
from collections.abc import Iterator
from functools import partial

from bench.chat.load import RECEIVE_BYTES, TEXT, Load, Lost, Reader
from tests.simulation.crowd import Person, Room

DOMAIN = "localhost"
STREAM = (
    f"<?xml version='1.0'?><stream:stream to='{DOMAIN}' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
).encode()
BIND = b"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
OWN = b"status code='110'"
"""In the presence that says: you are in, and this is you (XEP-0045, section 7.2.2)."""
_BODY = re.compile(rb"<body>(\d{19}) ")
_BODY_BYTES = len("<body>") + 20


def make_rooms(rooms_count: int, people_per_room: int) -> list[Room]:
    """Names for as many people as `make_crowd` makes; who comes first makes the room."""
    return [
        Room(f"r{number}", [Person(f"u{number}-{place}", "") for place in range(people_per_room)], 0)
        for number in range(rooms_count)
    ]


class XmppLoad(Load):
    """People log in anonymously and enter their room without its history."""

    def __init__(self, port: int, rooms: list[Room]) -> None:
        super().__init__("", rooms, [port])
        self._names: dict[Reader, Person] = {}
        self._underway: dict[Reader, set[bytes]] = {}
        """Stamps of what a sender has not got back."""

    def _open(self, person: Person, room: Room) -> Reader:
        reader = self._connect(room)
        self._names[reader], self._underway[reader] = person, set()
        reader.socket.sendall(STREAM)
        return reader

    def _arrive(self, reader: Reader) -> Iterator[None]:
        steps = self._enter(reader)
        if self._names[reader].id.endswith("-0"):  # the room must be there when the others come
            for _ in steps:
                """Take them all."""
        return steps

    def _enter(self, reader: Reader) -> Iterator[None]:
        name, room = self._names[reader].id, self._address(reader)
        login = base64.b64encode(f"\0{name}\0any".encode())
        ask = partial(self._ask, reader)
        yield from ask(b"", b"</stream:features>")
        yield from ask(
            b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%b</auth>" % login, b"<success"
        )
        yield from ask(STREAM, b"</stream:features>")
        yield from ask(BIND, b"</iq>")
        enter = (
            f"<presence to='{room}/{name}'><x xmlns='http://jabber.org/protocol/muc'>"
            "<history maxstanzas='0'/></x></presence>"
        )
        if not name.endswith("-0"):
            yield from ask(enter.encode(), b"<subject")
            return
        yield from ask(enter.encode(), OWN)
        # a new room is locked until its owner is content with it (section 10.1.2)
        content = (
            f"<iq type='set' id='open' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>"
            "<x xmlns='jabber:x:data' type='submit'/></query></iq>"
        )
        yield from ask(content.encode(), b"id='open'")

    def _message(self, reader: Reader) -> bytes:
        stamp = b"%019d" % time.monotonic_ns()
        self._underway[reader].add(stamp)
        return b"<message type='groupchat' id='b%d' to='%b'><body>%b %b</body></message>" % (
            self._number, self._address(reader).encode(), stamp, TEXT.encode(),
        )  # fmt: skip

    def _receive(self, reader: Reader, received: bytes, now: int) -> None:
        counts, end = self._counts, 0
        received = reader.rest + received
        for found in _BODY.finditer(received):
            end = found.end()
            counts.deliveries += 1
            counts.latency_ns.append(now - int(found[1]))
            if found[1] in self._underway[reader]:
                self._underway[reader].discard(found[1])
                counts.acked += 1
                self._on_ack(reader)
        if b"type='error'" in received or b"<stream:error" in received:
            raise Lost(received.decode(errors="replace"))
        reader.rest = received[max(end, len(received) - _BODY_BYTES) :]

    @staticmethod
    def _address(reader: Reader) -> str:
        return f"{reader.room.id}@conference.{DOMAIN}"

    @staticmethod
    def _ask(reader: Reader, said: bytes, wanted: bytes) -> Iterator[None]:
        """Say it, let the others go on, read until the answer has come, and forget it."""
        reader.socket.sendall(said)
        yield
        while wanted not in reader.rest:
            received = reader.socket.recv(RECEIVE_BYTES)
            if not received or b"<failure" in reader.rest or b"type='error'" in reader.rest:
                raise Lost((reader.rest + received).decode(errors="replace"))
            reader.rest += received
        reader.rest = reader.rest.partition(wanted)[2]
