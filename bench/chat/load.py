# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Many people on many sockets in one thread: who writes, who reads, and how long it took.

Every reader checks that what it gets is gapless; a gap, a refusal or a closed socket ends the run.
"""

import json
import select
import socket
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from bench.chat.wire import CLOSE, PING, PONG, connect, frame, frames, handshake
from fachwerk.core.identity import COOKIE
from tests.simulation.crowd import Person, Room

BATCH = 50
"""Sockets that are opened at the same time."""
PER_ADDRESS = 2_000
"""Connections from one loopback address."""
QUIET_S = 5.0
"""A run in which nothing arrives any more for so long has lost something."""
RECEIVE_BYTES = 1 << 18
TEXT = "Guten Morgen, liebe Kolleginnen und Kollegen, die Sitzung beginnt um neun Uhr in Raum 214. " * 2
_EVENT = b'{"a":"room:'
_SEQ_AT = len(_EVENT) + 36 + len('","s":')
_ACK = b'{"t":"ack"'
_STAMP = b'"text":"'


class Lost(Exception):
    """The server did something that it must not do."""


class Reader:
    """One person's socket, which follows one room."""

    __slots__ = ("last", "rest", "room", "socket")

    def __init__(self, connection: socket.socket, room: Room) -> None:
        self.socket, self.room, self.last = connection, room, room.seq
        self.rest = b""


@dataclass(slots=True)
class Counts:
    """What one run has seen. latency_ns: of every delivery, from before the send until it was read."""

    sent: int = 0
    acked: int = 0
    deliveries: int = 0
    elapsed_s: float = 0.0
    latency_ns: "array[int]" = field(default_factory=lambda: array("q"))

    def percentile_ms(self, share: float) -> float:
        """Of the latency."""
        ordered = sorted(self.latency_ns)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1e6


class Load:
    """All sockets and an epoll over them. Subclasses speak to peers."""

    def __init__(self, origin: str, rooms: list[Room], ports: Sequence[int] = ()) -> None:
        """ports: of the processes behind the origin, each of which gets every so many-th socket; none: the origin's."""
        self._origin, self._rooms = origin, rooms
        self._ports = ports or [int(origin.rpartition(":")[2])]
        self._poll = select.epoll()
        self.readers: list[Reader] = []
        self._by_fd: dict[int, Reader] = {}
        self._counts = Counts()
        self._on_ack: Callable[[Reader], None] = _nothing
        self._number = self._opened = 0

    def connect(self) -> float:
        """Bring everybody in, room after room. Returns seconds."""
        began = time.monotonic()
        everybody = [(person, room) for room in self._rooms for person in room.people]
        for at in range(0, len(everybody), BATCH):
            batch = [self._open(person, room) for person, room in everybody[at : at + BATCH]]
            for _ in zip_longest(*map(self._arrive, batch)):
                """Everybody has taken a step."""
            for reader in batch:
                reader.socket.setblocking(False)
                self._poll.register(reader.socket.fileno(), select.EPOLLIN)
                self._by_fd[reader.socket.fileno()] = reader
            self.readers += batch
            self._turn(0)  # those who are in already are asked whether they are alive
        return time.monotonic() - began

    def close(self) -> None:
        """Leave, all at once."""
        self._poll.close()
        for reader in self.readers:
            reader.socket.close()

    def closed_loop(self, senders: int, seconds: float) -> Counts:
        """Each of the first `senders` people writes again as soon as the last message is acknowledged."""
        counts = self._begin()
        began = time.monotonic()
        end = began + seconds

        def again(reader: Reader) -> None:
            if time.monotonic() < end:
                self._send(reader)

        self._on_ack = again
        for reader in self.readers[:senders]:
            self._send(reader)
        self._finish(end)
        counts.elapsed_s = time.monotonic() - began
        return counts

    def paced(self, per_s: float, seconds: float) -> Counts:
        """So many messages a second from all people in turn, whatever becomes of them."""
        counts = self._begin()
        began = time.monotonic()
        senders = [reader for place in range(len(self._rooms[0].people)) for reader in self._in_place(place)]
        for number in range(int(per_s * seconds)):
            due = began + number / per_s
            while (left := due - time.monotonic()) > 0:
                self._turn(left)
            self._send(senders[number % len(senders)])
        self._finish(began + seconds)
        counts.elapsed_s = time.monotonic() - began
        return counts

    def _begin(self) -> Counts:
        self._counts, self._on_ack = Counts(), _nothing
        return self._counts

    def _in_place(self, place: int) -> list[Reader]:
        """One person of each room."""
        size = len(self._rooms[0].people)
        return self.readers[place::size]

    def _finish(self, end: float) -> None:
        """Go on until `end`, then until everything that was sent has reached everybody."""
        counts, heard, before = self._counts, time.monotonic(), 0
        size = len(self._rooms[0].people)
        while (now := time.monotonic()) < end or counts.acked < counts.sent or counts.deliveries < counts.sent * size:
            self._turn(0.05)
            if counts.deliveries + counts.acked > before:
                heard, before = now, counts.deliveries + counts.acked
            if now > end and now - heard > QUIET_S:
                raise Lost(f"{counts.acked} of {counts.sent} acknowledged, {counts.deliveries} deliveries")

    def _send(self, reader: Reader) -> None:
        self._number += 1
        self._counts.sent += 1
        reader.socket.send(self._message(reader))

    def _message(self, reader: Reader) -> bytes:
        """The next message to this reader's room, on the wire."""
        command = b'{"t":"send","id":"bench-%010d","room":"%b","text":"%019d %b"}' % (
            self._number, reader.room.id.encode(), time.monotonic_ns(), TEXT.encode(),
        )  # fmt: skip
        return frame(command)

    def _turn(self, timeout_s: float) -> None:
        for fd, _ in self._poll.poll(timeout_s, 4096):
            reader = self._by_fd[fd]
            received = reader.socket.recv(RECEIVE_BYTES)
            if not received:
                raise Lost("the server closed a socket")
            self._receive(reader, received, time.monotonic_ns())

    def _receive(self, reader: Reader, received: bytes, now: int) -> None:
        found, reader.rest = frames(reader.rest + received if reader.rest else received)
        for opcode, payload in found:
            self._hear(reader, opcode, payload, now)

    def _hear(self, reader: Reader, opcode: int, payload: bytes, now: int) -> None:
        counts = self._counts
        if payload.startswith(_EVENT):
            seq = int(payload[_SEQ_AT : payload.index(b",", _SEQ_AT)])
            if seq != reader.last + 1:
                raise Lost(f"event {seq} after {reader.last}")
            reader.last = seq
            stamp = payload.index(_STAMP) + len(_STAMP)
            counts.latency_ns.append(now - int(payload[stamp : stamp + 19]))
            counts.deliveries += 1
        elif payload.startswith(_ACK):
            counts.acked += 1
            self._on_ack(reader)
        elif opcode == PING:
            reader.socket.send(frame(payload, PONG))
        elif opcode == CLOSE or payload.startswith(b'{"t":"problem"'):
            raise Lost(payload.decode(errors="replace"))

    def _connect(self, room: Room) -> Reader:
        source = f"127.0.0.{2 + self._opened // PER_ADDRESS}"
        port = self._ports[self._opened % len(self._ports)]
        self._opened += 1
        return Reader(connect(("127.0.0.1", port), source), room)

    def _open(self, person: Person, room: Room) -> Reader:
        reader = self._connect(room)
        headers = {
            "Host": self._origin.removeprefix("http://"),
            "Origin": self._origin,
            "Cookie": f"{COOKIE}={person.cookie}",
        }
        reader.socket.sendall(handshake("/api/v1/sync", headers))
        return reader

    def _arrive(self, reader: Reader) -> Iterator[None]:
        """Hello, and follow the room from where it stands. The others take their steps in the pauses."""
        while b"\r\n\r\n" not in reader.rest:
            self._more(reader)
        head, _, reader.rest = reader.rest.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 "):
            raise Lost(head.decode())
        reader.socket.sendall(frame(b'{"t":"hello"}'))
        yield
        self._answer(reader, "hello")
        audience = f"room:{reader.room.id}"
        reader.socket.sendall(frame(json.dumps({"t": "sub", "a": audience, "after": reader.last}).encode()))
        yield
        subscribed = self._answer(reader, "subbed")
        if subscribed["gap"] or subscribed["seq"] != reader.last:
            raise Lost(str(subscribed))

    def _answer(self, reader: Reader, kind: str) -> dict[str, object]:
        while True:
            found, reader.rest = frames(reader.rest)
            for _, payload in found:
                message: dict[str, object] = json.loads(payload)
                if message.get("t") == kind:
                    return message
                if message.get("t") == "problem":
                    raise Lost(payload.decode())
            self._more(reader)

    def _more(self, reader: Reader) -> None:
        received = reader.socket.recv(RECEIVE_BYTES)
        if not received:
            raise Lost("the server closed a socket before its answer")
        reader.rest += received


def _nothing(_reader: Reader) -> None:
    """Nobody waits for an acknowledgement."""
