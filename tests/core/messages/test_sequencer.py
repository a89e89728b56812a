# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The group commit against a log that is slow, away or refuses. Time is simulated."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk.core.messages import Append, Sequencer, Stored
from fachwerk.core.messages.rules import SameIdOtherBody
from fachwerk.core.messages.sequencer import BATCH, BATCH_BYTES, GATHER_MAX_S, GIVE_UP_S, WAITING
from fachwerk.kernel.clock import SystemClock
from fachwerk.kernel.errors import NotFound, Unavailable
from fachwerk.kernel.events import Change, Numbered
from tests.simulation.loop import simulate


class LoopClock(SystemClock):
    """The simulated loop's time."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class SlowLog:
    """Numbers messages by room. latency_s: of a batch. away: how many batches fail first. poison: a text it refuses."""

    def __init__(self, latency_s: float = 0.001, away: int = 0) -> None:
        self.latency_s, self.away = latency_s, away
        self.batches: list[list[str]] = []
        self.known: dict[tuple[str, str], Stored] = {}
        self.seq: dict[str, int] = {}

    async def append(self, batch: list[Append]) -> list[Stored | None]:
        await asyncio.sleep(self.latency_s)
        if self.away:
            self.away -= 1
            raise ConnectionError
        if any(item.text == "poison" for item in batch):
            raise ValueError("cannot be stored")
        keys = [(item.sender_id, item.client_id) for item in batch]
        assert len(set(keys)) == len(keys), "one send twice in a batch"
        self.batches.append([item.client_id for item in batch])
        return [self._one(item) for item in batch]

    def _one(self, item: Append) -> Stored | None:
        if item.room_id == "closed":
            return None
        key = (item.sender_id, item.client_id)
        if key in self.known:
            return self.known[key]._replace(fresh=False)
        seq = self.seq[item.room_id] = self.seq.get(item.room_id, 0) + 1
        stored = Stored(item.id, item.room_id, seq, seq, item.at_ms, item.body_hash, fresh=True)
        self.known[key] = stored
        return stored

    async def after(self, audience: str, seq: int, limit: int) -> list[Numbered]:
        raise AssertionError("the sequencer only appends", audience, seq, limit)

    async def standings(self, audiences: Sequence[str]) -> list[Change]:
        raise AssertionError("the sequencer only appends", audiences)

    async def changed_since(self, ms: int) -> list[Change]:
        raise AssertionError("the sequencer only appends", ms)


class Desk:
    """A sequencer that runs. delivered: (audience, number) in order."""

    def __init__(self, log: SlowLog) -> None:
        self.delivered: list[tuple[str, int]] = []
        self.sequencer = Sequencer(log, self._deliver, LoopClock())
        self._running = asyncio.ensure_future(self.sequencer.run())

    def post(
        self, client_id: str, *, sender: str = "ada", room: str = "one", text: str = "x"
    ) -> asyncio.Future[Stored]:
        return self.sequencer.post(
            Append(
                id=f"{sender}-{client_id}", room_id=room, sender_id=sender, client_id=client_id,
                body_hash=text[:16].encode(), at_ms=0, text=text, root_id=None, files="[]", file_ids=(),
                event=text.encode(),
            )
        )  # fmt: skip

    async def close(self) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    def _deliver(self, audience: str, events: list[Numbered]) -> None:
        self.delivered += [(audience, event.seq) for event in events]


@given(
    posts=st.lists(
        st.tuples(st.floats(0, 0.02), st.sampled_from("abc"), st.integers(0, 5), st.sampled_from(["one", "two"])),
        max_size=40,
    ),
    latency=st.sampled_from([0.0, 0.0005, 0.003, 0.5]),
    away=st.integers(0, 3),
)
def test_every_send_is_answered_once_and_stored_once(
    posts: list[tuple[float, str, int, str]], latency: float, away: int
) -> None:
    """posts: (pause before it, sender, client id, room)."""

    async def scenario() -> None:
        log = SlowLog(latency, away)
        desk = Desk(log)
        answers = []
        for pause, sender, client_id, room in posts:
            await asyncio.sleep(pause)
            answers.append(desk.post(f"client-{client_id}", sender=sender, room=room))
        async with asyncio.timeout(60):
            found = await asyncio.gather(*answers)
        first: dict[tuple[str, int], Stored] = {}
        for (_, sender, client_id, _), stored in zip(posts, found, strict=True):
            assert first.setdefault((sender, client_id), stored).seq == stored.seq
        for room, last in log.seq.items():
            assert [seq for name, seq in desk.delivered if name == f"room:{room}"] == list(range(1, last + 1))
            mine = [first[who, n].seq for who, n in first if first[who, n].room_id == room]
            assert mine == sorted(mine), "who sent first has the smaller number"
        assert len(desk.delivered) == len(first)
        await desk.close()

    simulate(scenario())


def test_a_lone_message_goes_at_once() -> None:
    async def scenario() -> None:
        desk = Desk(log := SlowLog(0.001))
        for number in range(5):
            began = asyncio.get_running_loop().time()
            await desk.post(f"client-{number}")
            assert asyncio.get_running_loop().time() - began == pytest.approx(log.latency_s)
            await asyncio.sleep(1)
        await desk.close()

    simulate(scenario())


def test_those_who_were_just_answered_are_in_the_next_batch() -> None:
    async def scenario() -> None:
        desk = Desk(log := SlowLog(0.001))

        async def talk(sender: str) -> None:
            for number in range(20):
                await desk.post(f"client-{number}", sender=sender)
                await asyncio.sleep(0.0003)

        async with asyncio.TaskGroup() as group:
            for number in range(8):
                group.create_task(talk(f"sender-{number}"))
                await asyncio.sleep(0.0001)
        sizes = [len(batch) for batch in log.batches]
        assert sizes[4:-4] == [8] * len(sizes[4:-4])
        await desk.close()

    simulate(scenario())


def test_nobody_waits_longer_for_those_who_say_no_more() -> None:
    async def scenario() -> None:
        desk = Desk(SlowLog(0.5))
        first = [desk.post("client-0"), desk.post("client-1")]
        await asyncio.gather(*first)
        began = asyncio.get_running_loop().time()
        await desk.post("client-2")
        assert asyncio.get_running_loop().time() - began <= 0.5 + GATHER_MAX_S + 1e-6
        await desk.close()

    simulate(scenario())


def test_a_batch_is_bounded_in_number_and_size() -> None:
    async def scenario() -> None:
        desk = Desk(log := SlowLog())
        await asyncio.gather(*(desk.post(f"client-{number}") for number in range(BATCH + 1)))
        assert [len(batch) for batch in log.batches] == [BATCH, 1]
        log.batches.clear()
        long = "x" * (BATCH_BYTES // 2)
        await asyncio.gather(*(desk.post(f"long-{number}", text=long) for number in range(5)))
        assert [len(batch) for batch in log.batches] == [2, 2, 1]
        await desk.close()

    simulate(scenario())


def test_what_cannot_be_stored_takes_nobody_with_it() -> None:
    async def scenario() -> None:
        desk = Desk(SlowLog())
        texts = ["gut", "poison", "gut", "poison", "gut"]
        answers = [desk.post(f"client-{number}", text=text) for number, text in enumerate(texts)]
        found = await asyncio.gather(*answers, return_exceptions=True)
        assert [isinstance(one, ValueError) for one in found] == [False, True, False, True, False]
        assert [one.seq for one in found if isinstance(one, Stored)] == [1, 2, 3]
        await desk.close()

    simulate(scenario())


def test_an_outage_that_lasts_is_told_and_the_next_batch_tried() -> None:
    async def scenario() -> None:
        desk = Desk(log := SlowLog(away=10_000))
        began = asyncio.get_running_loop().time()
        with pytest.raises(Unavailable):
            await desk.post("client-0")
        assert GIVE_UP_S <= asyncio.get_running_loop().time() - began <= GIVE_UP_S + 1
        again = desk.post("client-0")
        await asyncio.sleep(1)
        log.away = 0
        assert (await again).seq == 1
        await desk.close()

    simulate(scenario())


def test_a_full_queue_refuses_more() -> None:
    async def scenario() -> None:
        desk = Desk(SlowLog(latency_s=1))
        answers = [desk.post(f"client-{number}") for number in range(WAITING)]
        with pytest.raises(Unavailable):
            desk.post("client-more")
        await asyncio.gather(*answers)
        await desk.close()

    simulate(scenario())


def test_whoever_does_not_wait_any_more_holds_up_nobody() -> None:
    async def scenario() -> None:
        desk = Desk(log := SlowLog())
        gone, stays = desk.post("client-0"), desk.post("client-1")
        gone.cancel()
        assert (await stays).seq == 2
        assert len(log.known) == 2, "it was queued, so it is stored; its client will send it again"
        await desk.close()

    simulate(scenario())


def test_a_foreign_room_and_a_used_id_are_refused() -> None:
    async def scenario() -> None:
        desk = Desk(SlowLog())
        with pytest.raises(NotFound):
            await desk.post("client-0", room="closed")
        first = await desk.post("client-1", text="eins")
        assert (await desk.post("client-1", text="eins")).seq == first.seq
        with pytest.raises(SameIdOtherBody):
            await desk.post("client-1", text="zwei")
        assert desk.delivered == [("room:one", 1)]
        await desk.close()

    simulate(scenario())
