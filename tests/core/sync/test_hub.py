# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The hub against everything that can go wrong on the way to it. Time is simulated."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk.core.sync.hub import BUMP_S, HOLE_MAX_S, PAGE, RESUME_MAX_BYTES
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.events import Event, Numbered
from tests.core.sync.cast import MEMBER, Listener, Ticked, stage
from tests.simulation.loop import simulate

ROOM, OTHER = "room:one", "room:two"
moments = st.floats(0, 2)
"""Seconds; long enough for several fills and bumps to fall between two of them."""


@given(
    events=st.lists(st.tuples(moments, st.lists(moments, max_size=3), st.booleans()), min_size=1, max_size=12),
    arrives=moments,
    latency=st.sampled_from([0.0, 0.001, 0.1]),
)
def test_every_event_comes_once_and_in_order_however_it_was_delivered(
    events: list[tuple[float, list[float], bool]], arrives: float, latency: float
) -> None:
    """events: (when it commits, how long after that it is delivered - late, twice or never, whether it counts)."""

    async def scenario() -> None:
        log, hub = stage(latency)
        loop = asyncio.get_running_loop()

        def commit(delays: list[float], counts: bool) -> None:
            event = log.commit(ROOM, counts=counts)
            for delay in delays:
                loop.call_later(delay, hub.deliver, ROOM, [event])

        early, late, watcher = (Listener(hub, name) for name in ("ada", "bea", "cem"))
        await hub.watch(early, {ROOM: MEMBER})
        await hub.watch(watcher, {ROOM: MEMBER})
        assert await hub.follow(early, ROOM, 0) == (0, False)
        for at, delays, counts in events:
            loop.call_later(at, commit, delays, counts)
        await asyncio.sleep(arrives)
        await hub.watch(late, {ROOM: MEMBER})
        base, _ = await hub.follow(late, ROOM, 0)
        assert late.seqs(ROOM) == list(range(1, base + 1))
        await asyncio.sleep(5)
        await hub.reconcile()
        await asyncio.sleep(2)
        everything = list(range(1, len(events) + 1))
        assert early.seqs(ROOM) == late.seqs(ROOM) == everything
        last = watcher.bumps(ROOM)[-1]
        assert (last["s"], last["n"]) == (len(events), log.events[ROOM][-1].posts)

    simulate(scenario())


@given(
    ticks=st.lists(st.tuples(moments, st.sampled_from([0.0, 0.0, 0.02, 0.3])), max_size=20),
    visits=st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)), min_size=1, max_size=4),
    latency=st.sampled_from([0.001, 0.05]),
)
def test_who_comes_and_goes_misses_nothing_and_hears_nothing_twice(
    ticks: list[tuple[float, float]], visits: list[tuple[float, float]], latency: float
) -> None:
    """ticks: (when it commits, how long until it is delivered). visits: (away, there) in seconds."""

    async def scenario() -> None:
        log, hub = stage(latency)
        loop = asyncio.get_running_loop()

        def commit(delay: float) -> None:
            event = log.commit(ROOM)
            loop.call_later(delay, hub.deliver, ROOM, [event])

        for at, delay in ticks:
            loop.call_later(at, commit, delay)
        keeps = Listener(hub, "olga")
        await hub.watch(keeps, {ROOM: MEMBER})
        guest = Listener(hub, "ada")
        await hub.watch(guest, {ROOM: MEMBER})
        for away, there in visits:
            await asyncio.sleep(away)
            last = (guest.seqs(ROOM) or [0])[-1]
            seq, gap = await hub.follow(guest, ROOM, last)
            assert not gap
            assert seq == (guest.seqs(ROOM) or [0])[-1]
            await asyncio.sleep(there)
            hub.unfollow(guest, ROOM)
        await asyncio.sleep(3)
        await hub.follow(guest, ROOM, (guest.seqs(ROOM) or [0])[-1])
        await hub.reconcile()
        await asyncio.sleep(1)
        assert guest.seqs(ROOM) == list(range(1, len(ticks) + 1))

    simulate(scenario())


@given(st.data())
def test_whoever_leaves_leaves_nothing_behind(data: st.DataObject) -> None:
    async def scenario() -> None:
        log, hub = stage(0.02)
        present: list[Listener] = []
        running: list[asyncio.Task[object]] = []
        for _ in range(data.draw(st.integers(1, 25), label="steps")):
            audience = data.draw(st.sampled_from([ROOM, OTHER]), label="room")
            verb = data.draw(st.sampled_from(["come", "follow", "go", "commit", "lose", "open", "pass"]), label="verb")
            socket = data.draw(st.sampled_from(present), label="who") if present else None
            if verb == "come" or socket is None:
                present.append(Listener(hub, data.draw(st.sampled_from(["ada", "bea"]), label="person")))
                running.append(asyncio.ensure_future(hub.watch(present[-1], {audience: MEMBER})))
                running.append(asyncio.ensure_future(hub.follow(present[-1], f"user:{present[-1].actor.id}", None)))
            elif verb == "follow" and audience in socket.watched:
                running.append(asyncio.ensure_future(hub.follow(socket, audience, 0)))
            elif verb == "commit":
                for event in [log.commit(audience) for _ in range(3)][:: data.draw(st.sampled_from([1, 2]))]:
                    hub.deliver(audience, [event])
            elif verb in ("lose", "open"):
                mine = f"user:{socket.actor.id}"
                told = Ticked(closes=audience) if verb == "lose" else Ticked(opens=audience)
                hub.deliver(mine, [log.commit(mine, told)])
            elif verb == "go":
                for task in running:  # a socket's commands end before it does
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)
                present.remove(socket)
                hub.detach(socket)
            await asyncio.sleep(data.draw(st.sampled_from([0, 0.01, 0.2]), label="pause"))
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for socket in present:
            hub.detach(socket)
        await asyncio.sleep(10)
        assert (hub._logs, hub._people, hub._tasks) == ({}, {}, set())
        assert not asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]

    simulate(scenario())


def test_a_missing_event_is_read_from_the_log() -> None:
    async def scenario() -> None:
        log, hub = stage()
        ada = Listener(hub, "ada")
        await hub.watch(ada, {ROOM: MEMBER})
        await hub.follow(ada, ROOM, None)
        first, second = log.commit(ROOM), log.commit(ROOM)
        hub.deliver(ROOM, [second])
        await asyncio.sleep(1)
        assert ada.seqs(ROOM) == [first.seq, second.seq]

    simulate(scenario())


def test_what_nobody_delivered_comes_with_the_next_reconciliation() -> None:
    async def scenario() -> None:
        log, hub = stage()
        ada = Listener(hub, "ada")
        await hub.watch(ada, {ROOM: MEMBER})
        await hub.follow(ada, ROOM, None)
        for _ in range(PAGE + 10):
            log.commit(ROOM)
        await hub.reconcile()
        await asyncio.sleep(1)
        assert ada.seqs(ROOM) == list(range(1, PAGE + 11))

    simulate(scenario())


def test_a_number_that_one_is_told_of_is_read_from_the_log() -> None:
    async def scenario() -> None:
        log, hub = stage(0.1)
        ada = Listener(hub, "ada")
        hub.expect(ROOM, 1)
        arriving = asyncio.ensure_future(hub.watch(ada, {ROOM: MEMBER}))
        await asyncio.sleep(0.09)
        log.commit(ROOM)  # after the log was read, before the answer is here
        hub.expect(ROOM, 1)
        await arriving
        await hub.follow(ada, ROOM, 0)
        log.commit(ROOM)
        hub.expect(ROOM, 2)
        hub.expect(ROOM, 1)
        await asyncio.sleep(1)
        assert ada.seqs(ROOM) == [1, 2]

    simulate(scenario())


def test_a_number_that_never_comes_is_given_up() -> None:
    async def scenario() -> None:
        log, hub = stage()
        ada = Listener(hub, "ada")
        await hub.watch(ada, {ROOM: MEMBER})
        await hub.follow(ada, ROOM, None)
        hub.expect(ROOM, 1 << 62)
        hub.deliver(ROOM, [Numbered(1 << 61, 0, b"{}")])
        await asyncio.sleep(HOLE_MAX_S + 1)
        reads = log.reads
        await asyncio.sleep(60)
        assert log.reads == reads
        hub.deliver(ROOM, [log.commit(ROOM)])
        await asyncio.sleep(1)
        assert ada.seqs(ROOM) == [1]

    simulate(scenario())


def test_told_to_look_it_looks_at_once() -> None:
    async def scenario() -> None:
        log, hub = stage()
        ada = Listener(hub, "ada")
        await hub.watch(ada, {ROOM: MEMBER})
        await hub.follow(ada, ROOM, None)
        watching = asyncio.ensure_future(hub.watch_database(lambda: 3600.0))
        await asyncio.sleep(1)
        log.commit(ROOM)
        await asyncio.sleep(1)
        assert ada.seqs(ROOM) == []
        hub.look()
        await asyncio.sleep(1)
        assert ada.seqs(ROOM) == [1]
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    simulate(scenario())


def test_after_an_outage_reconciliation_looks_back_to_before_it() -> None:
    async def scenario() -> None:
        log, hub = stage()
        await hub.watch(Listener(hub, "ada"), {ROOM: MEMBER})
        log.away = True
        watching = asyncio.ensure_future(hub.watch_database(lambda: 1.0))
        await asyncio.sleep(60)
        log.away = False
        await asyncio.sleep(2)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        assert len(log.asked_ms) >= 60
        assert len(set(log.asked_ms[:60])) == 1

    simulate(scenario())


def test_where_nobody_is_nothing_is_asked() -> None:
    async def scenario() -> None:
        log, hub = stage()
        await hub.reconcile()
        assert log.asked_ms == []
        await hub.watch(Listener(hub, "ada"), {ROOM: MEMBER})
        await hub.reconcile()
        assert len(log.asked_ms) == 1

    simulate(scenario())


def test_who_comes_back_from_too_long_ago_or_too_much_is_told_of_the_gap() -> None:
    async def scenario() -> None:
        log, hub = stage()
        ada = Listener(hub, "ada")
        for _ in range(PAGE + 1):
            log.commit(ROOM)
        await hub.watch(ada, {ROOM: MEMBER})
        assert await hub.follow(ada, ROOM, 0) == (PAGE + 1, True)
        assert await hub.follow(ada, ROOM, 1) == (PAGE + 1, False)
        assert await hub.follow(ada, ROOM, None) == (PAGE + 1, True)
        assert len(ada.seqs(ROOM)) == PAGE
        for _ in range(5):
            log.commit(OTHER, Ticked(opens="x" * (RESUME_MAX_BYTES // 4)))
        await hub.watch(ada, {OTHER: MEMBER})
        assert await hub.follow(ada, OTHER, 0) == (5, True)
        assert ada.seqs(OTHER) == []

    simulate(scenario())


def test_who_heard_more_from_another_process_is_served_without_a_gap() -> None:
    async def scenario() -> None:
        log, hub = stage()
        ada, bea = Listener(hub, "ada"), Listener(hub, "bea")
        await hub.watch(ada, {ROOM: MEMBER})
        await hub.follow(ada, ROOM, None)
        for _ in range(3):
            log.commit(ROOM)  # by the other process; not reconciled yet
        await hub.watch(bea, {ROOM: MEMBER})
        assert await hub.follow(bea, ROOM, 2) == (3, False)
        await asyncio.sleep(1)
        assert (ada.seqs(ROOM), bea.seqs(ROOM)) == ([1, 2, 3], [3])
        assert await hub.follow(bea, ROOM, 9) == (3, True)

    simulate(scenario())


def test_what_came_before_one_stopped_looking_is_still_sent() -> None:
    async def scenario() -> None:
        log, hub = stage()
        ada = Listener(hub, "ada")
        await hub.watch(ada, {ROOM: MEMBER})
        await hub.follow(ada, ROOM, None)
        hub.deliver(ROOM, [log.commit(ROOM)])
        hub.unfollow(ada, ROOM)
        hub.deliver(ROOM, [log.commit(ROOM)])
        await asyncio.sleep(2)
        assert ada.seqs(ROOM) == [1]
        assert ada.bumps(ROOM)[-1]["s"] == 2

    simulate(scenario())


def test_nobody_follows_what_is_not_theirs() -> None:
    async def scenario() -> None:
        log, hub = stage(0.1)
        ada = Listener(hub, "ada")
        with pytest.raises(NotFound):
            await hub.follow(ada, ROOM, None)
        with pytest.raises(NotFound):
            await hub.follow(ada, "user:bea", None)
        await hub.follow(ada, "user:ada", None)
        await hub.watch(ada, {ROOM: MEMBER})
        for _ in range(3):
            log.commit(ROOM)
        following = asyncio.ensure_future(hub.follow(ada, ROOM, 0))
        await asyncio.sleep(0)
        hub.deliver("user:ada", [log.commit("user:ada", Ticked(closes=ROOM))])
        hub.deliver(ROOM, log.events[ROOM])
        await asyncio.sleep(1)
        if following.exception() is None:
            assert ada.seqs(ROOM) == []
        hub.deliver(ROOM, [log.commit(ROOM)])
        await asyncio.sleep(1)
        assert ada.seqs(ROOM) == []
        assert {"t": "closed", "a": ROOM} in ada.heard

    simulate(scenario())


def test_an_audience_gained_on_the_way_is_watched_from_then_on() -> None:
    async def scenario() -> None:
        log, hub = stage(0.1)
        ada = Listener(hub, "ada")
        await hub.follow(ada, "user:ada", None)
        log.commit(ROOM)
        hub.deliver("user:ada", [log.commit("user:ada", Ticked(opens=ROOM))])
        hub.deliver(ROOM, [log.commit(ROOM)])
        await asyncio.sleep(2)
        assert [(bump["s"], bump["n"]) for bump in ada.bumps(ROOM)] == [(2, 2)]
        hub.deliver(ROOM, [log.commit(ROOM)])
        await asyncio.sleep(2)
        assert ada.bumps(ROOM)[-1]["s"] == 3

    simulate(scenario())


def test_an_audience_that_could_not_be_read_on_arriving_is_read_later() -> None:
    async def scenario() -> None:
        log, hub = stage()
        ada = Listener(hub, "ada")
        await hub.follow(ada, "user:ada", None)
        log.away = True
        hub.deliver("user:ada", [log.commit("user:ada", Ticked(opens=ROOM))])
        await asyncio.sleep(1)
        log.away = False
        log.commit(ROOM)
        await hub.reconcile()
        await asyncio.sleep(2)
        assert [bump["s"] for bump in ada.bumps(ROOM)] == [1]

    simulate(scenario())


def test_bumps_come_once_a_second_with_the_last_event_that_counts() -> None:
    async def scenario() -> None:
        log, hub = stage()
        ada = Listener(hub, "ada")
        await hub.watch(ada, {ROOM: MEMBER})
        for number in range(50):
            event: Event = Ticked(opens=str(number)) if number % 2 == 0 else Ticked()
            hub.deliver(ROOM, [log.commit(ROOM, event, counts=number % 2 == 0)])
            await asyncio.sleep(0.1)
        await asyncio.sleep(BUMP_S)
        bumps = ada.bumps(ROOM)
        assert 5 <= len(bumps) <= 7
        assert bumps[-1]["s"] == 50
        assert bumps[-1]["n"] == 25
        assert bumps[-1]["e"] == {"kind": "ticked", "opens": "48"}
        assert all(earlier["s"] < later["s"] for earlier, later in pairwise(bumps))

    simulate(scenario())


def test_a_signal_goes_to_those_who_look_and_costs_nothing_when_nobody_does(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        _log, hub = stage()
        ada, bea, cem = (Listener(hub, name) for name in ("ada", "bea", "cem"))
        for socket in (ada, bea, cem):
            await hub.watch(socket, {ROOM: MEMBER})
        for socket in (ada, bea):
            await hub.follow(socket, ROOM, None)
        hub.show(ROOM, Ticked(), but=ada)
        hub.show("user:cem", Ticked())
        hub.show(ROOM, Ticked(opens="wide"), wide=True)
        assert [len(socket.heard) for socket in (ada, bea, cem)] == [1, 2, 2]
        monkeypatch.setattr("fachwerk.core.sync.hub.signal_text", None)
        hub.show("user:ada", Ticked(), but=ada)
        hub.show("room:nobody", Ticked())

    simulate(scenario())


def test_the_end_of_a_session_closes_its_sockets() -> None:
    async def scenario() -> None:
        log, hub = stage()
        ada, bea = Listener(hub, "ada"), Listener(hub, "bea")
        for socket in (ada, bea):
            await hub.follow(socket, f"user:{socket.actor.id}", None)
        event = log.commit("user:ada", SessionEnded(session_id="another"))
        hub.deliver("user:ada", [event])
        assert ada.transport.closed_with == 0
        hub.deliver("user:ada", [log.commit("user:ada", SessionEnded(session_id="session-ada"))])
        assert (ada.transport.closed_with, bea.transport.closed_with) == (4401, 0)

    simulate(scenario())


class SessionEnded(Event, tag="session.ended", frozen=True):
    session_id: str


def test_a_log_that_never_fills_is_given_up_with_its_last_socket() -> None:
    async def scenario() -> None:
        log, hub = stage()
        ada = Listener(hub, "ada")
        await hub.watch(ada, {ROOM: MEMBER})
        await hub.follow(ada, ROOM, None)
        log.commit(ROOM)
        hub.deliver(ROOM, [log.commit(ROOM)])
        log.events[ROOM] = []
        await asyncio.sleep(1)
        hub.detach(ada)
        await asyncio.sleep(1)
        reads = log.reads
        await asyncio.sleep(10)
        assert log.reads == reads

    simulate(scenario())
