# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the relay makes of whatever comes by the bus, and of a bus that fails. Time is simulated."""

import asyncio
from collections.abc import Callable

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fachwerk.core.sync import Relay
from fachwerk.core.sync.relay import PUBLISH_S
from fachwerk.kernel.clock import SystemClock
from fachwerk.kernel.metrics import BUS_DROPPED
from tests.core.sync.cast import MEMBER, Listener, Ticked, stage
from tests.simulation.loop import simulate

ROOM = "room:one"
GOOD = (
    b'[{"a":"room:one","s":1,"n":1,"e":{"kind":"ticked","x":"\xc3\xbc\\u00fc"}},'
    b'{"a":"room:one","e":{"kind":"t"},"w":true}]'
)


class FailingBus:
    """Takes what it is told to take."""

    alone = False

    def __init__(self) -> None:
        self.took: list[bytes] = []
        self.fails: Callable[[], None] | None = None
        self.hangs_s = 0.0
        self.hear: Callable[[bytes], None] = ignore
        self.turned: Callable[[bool], None] = ignore

    async def publish(self, payload: bytes) -> None:
        await asyncio.sleep(self.hangs_s)
        if self.fails:
            self.fails()
        self.took.append(payload)

    async def run(self, hear: Callable[[bytes], None], turned: Callable[[bool], None]) -> None:
        self.hear, self.turned = hear, turned
        turned(True)
        await asyncio.get_running_loop().create_future()


def refuse() -> None:
    raise ConnectionError("away")


def ignore(_heard: object) -> None:
    """Not joined."""


def damage(at: int, by: bytes) -> bytes:
    return GOOD[:at] + by + GOOD[at + len(by) :]


damaged = st.builds(damage, st.integers(0, len(GOOD)), st.binary(min_size=1, max_size=4))


@given(st.binary(max_size=200) | damaged)
def test_nothing_that_comes_by_the_bus_breaks_a_socket(payload: bytes) -> None:
    """The listener reads every frame as a browser would: text in UTF-8 that is JSON."""

    async def scenario() -> None:
        log, hub = stage()
        relay = Relay(hub, FailingBus(), SystemClock())
        ada = Listener(hub, "ada")
        await hub.watch(ada, {ROOM: MEMBER})
        await hub.follow(ada, ROOM, None)
        relay._hear(payload)
        await asyncio.sleep(20)
        log.commit(ROOM)
        log.commit(ROOM)
        await hub.reconcile()
        await asyncio.sleep(20)
        hub.detach(ada)
        assert all("a" in frame for frame in ada.heard)
        assert not hub._tasks

    simulate(scenario())


def test_what_was_lost_on_the_way_out_is_told_when_the_bus_is_back() -> None:
    async def scenario() -> None:
        log, hub = stage()
        bus = FailingBus()
        relay = Relay(hub, bus, SystemClock())
        async with relay.running():
            await asyncio.sleep(1)
            bus.fails = refuse
            relay.deliver(ROOM, [log.commit(ROOM), log.commit(ROOM)])
            await asyncio.sleep(1)
            bus.turned(False)
            relay.deliver(ROOM, [log.commit(ROOM)])
            await asyncio.sleep(1)
            bus.fails = None
            assert bus.took == []
            bus.turned(True)
            await asyncio.sleep(1)
            assert msgspec.json.decode(bus.took[0]) == [{"a": ""}]
            relay.signal(ROOM, Ticked())
            await asyncio.sleep(1)
            assert len(bus.took) == 2, "said once"

    simulate(scenario())


def test_a_bus_that_hangs_costs_its_messages_and_nothing_else() -> None:
    async def scenario() -> None:
        log, hub = stage()
        bus = FailingBus()
        relay = Relay(hub, bus, SystemClock())
        ada = Listener(hub, "ada")
        await hub.watch(ada, {ROOM: MEMBER})
        await hub.follow(ada, ROOM, None)
        before = BUS_DROPPED.labels("away")._value.get()
        async with relay.running():
            bus.hangs_s = PUBLISH_S * 2
            relay.deliver(ROOM, [log.commit(ROOM)])
            await asyncio.sleep(0.1)
            assert ada.seqs(ROOM) == [1]
            await asyncio.sleep(PUBLISH_S)
            assert BUS_DROPPED.labels("away")._value.get() == before + 1
        hub.detach(ada)

    simulate(scenario())


def test_the_last_words_of_a_process_are_waited_for_but_not_for_long() -> None:
    async def scenario() -> None:
        log, hub = stage()
        bus = FailingBus()
        relay = Relay(hub, bus, SystemClock())
        async with relay.running():
            await asyncio.sleep(0)
            relay.deliver(ROOM, [log.commit(ROOM)])
        assert len(bus.took) == 1
        began = asyncio.get_running_loop().time()
        async with relay.running():
            await asyncio.sleep(0)
            bus.hangs_s = 100.0
            for _ in range(3):
                relay.deliver(ROOM, [log.commit(ROOM, Ticked(opens="x" * 8000))])
        assert asyncio.get_running_loop().time() - began < 2

    simulate(scenario())
