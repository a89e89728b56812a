# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Fan-out: every event of an audience, once, in order, to every socket that follows it.

`deliver` is the only door, for commits of this process and of others alike, in whatever order they
come. It passes on only the next number; a hole is read again from the database. What the k events of
one commit cost is one joined write per socket, and after a flush an audience stays quiet for a moment
that grows with its sockets, so that no audience takes more than about half a core.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from fachwerk.kernel.clock import Clock
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.events import Change, Event, EventLog, Numbered, frame_text, signal_text
from fachwerk.kernel.log import logger
from fachwerk.kernel.metrics import DELIVERIES, FILLS, SOCKETS
from fachwerk.kernel.policy import NOWHERE, Facts
from fachwerk.kernel.ws import text_frame

from .audience import AudienceLog
from .places import places_of
from .socket import Socket

QUIET_S_PER_SOCKET = 14e-6
"""Pause after a flush, per socket: about the time that the flush itself took."""
HOLE_WAIT_S = 0.05
"""How long a missing number may still be on its way before it is read from the database."""
HOLE_MAX_S = 10.0
"""What the database has not got after this was never committed, whoever told of what comes after it."""
PAGE = 500
"""Events read at once, and the most that a client that comes back is sent."""
RESUME_MAX_BYTES = 1 << 19
"""As PAGE: half of what may wait for one socket, or coming back would end it again."""
BUMP_S = 1.0
"""At most one bump per audience in this time."""
LOOK_BACK_MS = 15_000
"""How far back a reconciliation looks: longer than any transaction may take."""

log = logger("sync")


class Control(msgspec.Struct):
    """What the hub itself reads in a person's own stream.

    opens, closes: an audience that the person gained (or has other rights in now) or lost.
    """

    kind: str
    opens: str = ""
    closes: str = ""
    session_id: str = ""


class Hub:
    """All sockets of this process and what they follow."""

    def __init__(self, event_log: EventLog, clock: Clock) -> None:
        self._events, self._clock = event_log, clock
        self._logs: dict[str, AudienceLog] = {}
        self._people: dict[str, set[Socket]] = defaultdict(set)
        self._tasks: set[asyncio.Task[object]] = set()
        self._reconciled_ms = clock.now_ms()
        self._look = asyncio.Event()

    # ---- events in

    def deliver(self, audience: str, events: list[Numbered]) -> None:
        """Pass committed events on; see `kernel.events.Deliver`."""
        followed = self._logs.get(audience)
        if followed is None:
            return
        for event in events:
            if event.seq > followed.high:
                followed.pending[event.seq] = event
        if followed.high < 0:
            return
        if followed.pending:
            self._advance(audience, followed)
        if followed.lacks:
            self._begin_filling(audience, followed, HOLE_WAIT_S)

    def expect(self, audience: str, seq: int) -> None:
        """An audience stands at this number, at least: read from the database what is missing."""
        followed = self._logs.get(audience)
        if followed is not None:
            followed.told = max(followed.told, seq)
            if followed.high >= 0 and followed.lacks:
                self._begin_filling(audience, followed, 0.0)

    def show(
        self, audience: str, signal: Event | msgspec.Raw, *, wide: bool = False, but: Socket | None = None
    ) -> None:
        """Write a signal to the followers of an audience (to all sockets of a person); it may be lost.

        Only here: `Relay.signal` tells the other processes too. signal: an encoded one is taken as it is.
        wide: to the audience's watchers too. but: not to this socket.
        """
        if audience.startswith("user:"):
            everybody: Iterable[Socket] = self._people.get(audience.removeprefix("user:"), ())
        else:
            followed = self._logs.get(audience)
            everybody = followed.followers if followed else ()
            if followed and wide:
                everybody = followed.followers | followed.watchers
        if targets := [socket for socket in everybody if socket is not but]:
            frame = text_frame(signal_text(audience, signal))
            for socket in targets:
                socket.write(frame)

    def _advance(self, audience: str, followed: AudienceLog) -> None:
        counted: Numbered | None = None
        person = audience.removeprefix("user:") if audience.startswith("user:") else None
        while (event := followed.pending.pop(followed.high + 1, None)) is not None:
            if event.posts > followed.posts:
                counted = event
            followed.high, followed.posts = event.seq, event.posts
            if person:
                self._control(person, followed, event)
            if followed.followers:
                followed.buffer.append(text_frame(frame_text(audience, event)))
        if followed.buffer and followed.timer is None:
            loop = asyncio.get_running_loop()
            if loop.time() < followed.quiet_until:
                followed.timer = loop.call_at(followed.quiet_until, self._flush, followed)
            else:  # after the acknowledgements that are ready: who writes may go on while the others read
                followed.timer = loop.call_soon(self._flush, followed)
        if followed.watchers and not person:
            self._plan_bump(audience, followed, counted)

    def _flush(self, followed: AudienceLog) -> None:
        if followed.timer:
            followed.timer.cancel()
        frames = b"".join(followed.buffer)
        DELIVERIES.inc(len(followed.buffer) * len(followed.followers))
        followed.buffer, followed.timer = [], None
        for socket in followed.followers:
            socket.write(frames)
        followed.quiet_until = asyncio.get_running_loop().time() + QUIET_S_PER_SOCKET * len(followed.followers)

    def _plan_bump(self, audience: str, followed: AudienceLog, counted: Numbered | None) -> None:
        if counted is not None:
            followed.bump = counted.body
        if followed.bump_timer is None:
            loop = asyncio.get_running_loop()
            at = max(loop.time(), followed.bump_at + BUMP_S)
            followed.bump_timer = loop.call_at(at, self._send_bump, audience, followed)

    def _send_bump(self, audience: str, followed: AudienceLog) -> None:
        last, followed.bump, followed.bump_timer = followed.bump, None, None
        followed.bump_at = asyncio.get_running_loop().time()
        head = b'{"t":"bump","a":"%b","s":%d,"n":%d' % (audience.encode(), followed.high, followed.posts)
        frame = text_frame(head + (b',"e":' + last if last else b"") + b"}")
        for socket in followed.watchers:
            socket.write(frame)

    def _begin_filling(self, audience: str, followed: AudienceLog, wait_s: float) -> None:
        if not followed.filling:
            followed.filling = True
            self._spawn(self._fill(audience, followed, wait_s))

    async def _fill(self, audience: str, followed: AudienceLog, wait_s: float) -> None:
        """Read what is missing until the audience is whole again, or nobody here belongs to it any more."""
        time = asyncio.get_running_loop().time
        try:
            await asyncio.sleep(wait_s)
            until = time() + HOLE_MAX_S
            while followed.lacks and self._logs.get(audience) is followed:
                if time() > until:
                    log.warning("a hole was given up", pending=len(followed.pending))
                    followed.pending.clear()
                    followed.told = 0
                    return
                FILLS.inc()
                before = followed.high
                found = await self._events.after(audience, followed.high, PAGE)
                for event in found:
                    if event.seq > followed.high:
                        followed.pending[event.seq] = event
                self._advance(audience, followed)
                if followed.high == before:  # its transaction has not committed yet
                    await asyncio.sleep(HOLE_WAIT_S)
                else:
                    until = time() + HOLE_MAX_S
        finally:
            followed.filling = False

    def _control(self, person: str, followed: AudienceLog, event: Numbered) -> None:
        control = msgspec.json.decode(event.body, type=Control)
        if control.kind == "session.ended":
            self._flush(followed)  # what was said before is still theirs to hear
            self.close(person, control.session_id)
        for socket in list(self._people.get(person, ())):
            if control.opens:
                socket.forget(control.opens)
                if socket.shut:
                    self._spawn(self._open_if_strong(socket, control.opens))
                elif self._add(socket, control.opens):
                    self._spawn(self._open(control.opens))
            if control.closes:
                socket.forget(control.closes)
                self.unwatch(socket, control.closes)

    # ---- commits of other processes

    async def reconcile(self) -> None:
        """Compare with the database what changed there since the last time, and deliver what never came."""
        now = self._clock.now_ms()
        # nobody is here: a worker never has anybody, and asks for nothing
        changes = await self._events.changed_since(self._reconciled_ms - LOOK_BACK_MS) if self._logs else ()
        for change in changes:
            if (followed := self._logs.get(change.audience)) and followed.high < 0:  # could not be read on arriving
                await self._open(change.audience)
            while (behind := self._behind(change)) is not None:
                missing = await self._events.after(change.audience, behind, PAGE)
                self.deliver(change.audience, missing)
                if not missing:
                    break
        self._reconciled_ms = now

    def _behind(self, change: Change) -> int | None:
        """The last number passed on here, if that is not the last one and nobody is reading the rest already."""
        followed = self._logs.get(change.audience)
        return followed.high if followed and 0 <= followed.high < change.seq and not followed.filling else None

    def look(self) -> None:
        """Reconcile at once instead of at the next turn."""
        self._look.set()

    async def watch_database(self, pause_s: Callable[[], float]) -> None:
        """Reconcile for ever. pause_s: until the next time. An outage is logged and waited out."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s()):
                    await self._look.wait()
            self._look.clear()
            try:
                await self.reconcile()
            except Exception as error:  # noqa: BLE001 -- whatever the driver raises when its server is away
                log.warning("reconcile failed", error=type(error).__name__)

    # ---- sockets

    def attach(self, socket: Socket) -> None:
        """Know a socket. Its person's own stream is followed from now on."""
        self._people[socket.actor.id].add(socket)
        SOCKETS.inc()

    def sockets_of(self, person: str) -> int:
        """How many sockets a person has in this process."""
        return len(self._people.get(person, ()))

    def detach(self, socket: Socket) -> None:
        """Forget a socket and whatever only it followed."""
        for audience in list(socket.watched):
            self._leave(socket, audience)
        self._leave(socket, f"user:{socket.actor.id}")
        mine = self._people[socket.actor.id]
        mine.discard(socket)
        if not mine:
            del self._people[socket.actor.id]
        SOCKETS.dec()

    async def watch(self, socket: Socket, places: Mapping[str, Facts]) -> None:
        """Let a socket hear bumps of these audiences, and follow them when it asks to.

        On return, whatever is committed from now on will be heard of.
        """
        for audience, facts in places.items():
            self._add(socket, audience)
            socket.belong(audience, facts)
        await self._start(places)

    def unwatch(self, socket: Socket, audience: str, *, shut: bool = False) -> None:
        """The audience is no longer this socket's; nothing of it is sent from now on. shut: see `Closed`."""
        if audience in socket.watched:
            self._leave(socket, audience)
            socket.tell_closed(audience, shut=shut)

    def unfollow(self, socket: Socket, audience: str) -> None:
        """Back to bumps."""
        followed = self._logs.get(audience)
        if followed is not None and socket in followed.followers and audience in socket.watched:
            self._flush(followed)  # what came before is still this socket's
            followed.followers.discard(socket)
            followed.watchers.add(socket)

    async def follow(self, socket: Socket, audience: str, after: int | None) -> tuple[int, bool]:
        """Have every event of an audience from now on, and first those after `after`.

        Returns (the sequence that the socket has now, whether there is a gap before it). Events that
        arrive while older ones are read reach the socket after those, once and in order. Raises
        NotFound for what is not this socket's, or no longer when it would begin, StepUpNeeded for what is shut to it.
        """
        self.unfollow(socket, audience)
        if socket.shut and audience not in socket.watched:  # may have been opened a moment ago
            facts = await self._open_if_strong(socket, audience)
            socket.context.policy.require_strength(socket.actor, "", facts)
        followed = await self._belonging(socket, audience)
        if after is not None and after > followed.high:  # it heard more from another process than came here yet
            self.deliver(audience, await self._events.after(audience, followed.high, PAGE))
            followed = await self._belonging(socket, audience)
        gap, sent, size = after is None or not 0 <= followed.high - after <= PAGE, after or 0, 0
        while not gap and sent < followed.high:
            missing = await self._events.after(audience, sent, PAGE)
            self.deliver(audience, missing)  # the database may be ahead of what came by itself
            followed = await self._belonging(socket, audience)
            size += sum(len(event.body) for event in missing)
            gap = not missing or missing[0].seq != sent + 1 or size > RESUME_MAX_BYTES
            if not gap:
                sent = missing[-1].seq
                socket.write(b"".join(text_frame(frame_text(audience, event)) for event in missing))
        self._flush(followed)  # the others may still wait for what this socket has by now
        followed.watchers.discard(socket)
        followed.followers.add(socket)
        return followed.high, gap

    def close(self, person: str, session_id: str = "") -> None:
        """Close a person's sockets of one session, or all."""
        for socket in list(self._people.get(person, ())):
            if session_id in ("", socket.actor.session_id):
                socket.close(4401, "session ended")

    async def dismiss(self, over_s: float) -> int:
        """Send every client to another process, evenly over this time, so that they do not arrive there all at once.

        Returns how many. Close code 1012, service restart: IANA's registry of WebSocket close codes.
        """
        everybody = [socket for sockets in self._people.values() for socket in sockets]
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, socket in enumerate(everybody, 1):
            socket.close(1012, "service restart")
            await asyncio.sleep(max(0.0, began + over_s * number / len(everybody) - loop.time()))
        return len(everybody)

    async def _start(self, audiences: Iterable[str]) -> None:
        """Learn where those audiences stand that somebody here belongs to and nobody asked about before."""
        unknown = {name for name in audiences if (followed := self._logs.get(name)) and followed.high < 0}
        if not unknown:
            return
        standings = {change.audience: change for change in await self._events.standings(list(unknown))}
        for name in unknown:
            followed = self._logs.get(name)
            if followed and followed.high < 0:
                _, followed.high, followed.posts = standings.get(name, (name, 0, 0))
                followed.pending = {seq: event for seq, event in followed.pending.items() if seq > followed.high}
                self.deliver(name, [])

    async def _open(self, audience: str) -> None:
        """Begin with an audience that was gained on the way, and tell where it stands by now."""
        await self._start([audience])
        followed = self._logs.get(audience)
        if followed and followed.watchers:
            self._plan_bump(audience, followed, None)

    async def _open_if_strong(self, socket: Socket, audience: str) -> Facts:
        """As `_open`, for a socket that not every label is open to: what has such a label now is closed to it.

        Returns what the policy knows of the audience.
        """
        facts = (await places_of(socket)).get(audience)
        if facts is None:
            return NOWHERE
        if facts.label in socket.shut:
            self.unwatch(socket, audience, shut=True)
        elif self._add(socket, audience):
            socket.belong(audience, facts)
            await self._open(audience)
        return facts

    async def _belonging(self, socket: Socket, audience: str) -> AudienceLog:
        """The started log of an audience that this socket belongs to. Raises NotFound."""
        while True:
            if audience == f"user:{socket.actor.id}":
                self._logs.setdefault(audience, AudienceLog()).watchers.add(socket)
            elif audience not in socket.watched:
                raise NotFound
            followed = self._logs[audience]
            if followed.high >= 0:
                return followed
            await self._start([audience])

    def _add(self, socket: Socket, audience: str) -> bool:
        """Let a socket belong to an audience. False if it does already."""
        if audience in socket.watched:
            return False
        socket.watched.add(audience)
        self._logs.setdefault(audience, AudienceLog()).watchers.add(socket)
        return True

    def _leave(self, socket: Socket, audience: str) -> None:
        socket.watched.discard(audience)
        followed = self._logs.get(audience)
        if followed is None:
            return
        followed.followers.discard(socket)
        followed.watchers.discard(socket)
        if not followed.followers and not followed.watchers:
            for timer in (followed.timer, followed.bump_timer):
                if timer:
                    timer.cancel()
            del self._logs[audience]

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("reading an audience failed", error=type(error).__name__)
