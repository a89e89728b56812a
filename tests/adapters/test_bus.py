# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What two processes tell each other, over each of the buses; and what only a NATS server can do to us."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fachwerk.adapters.bus_memory import MemoryBus
from fachwerk.adapters.bus_nats import NatsBus
from fachwerk.core.sync import Bus, BusSettings, Hub, Relay
from fachwerk.core.sync.relay import MESSAGE_MAX_BYTES, QUEUE_MAX_BYTES
from fachwerk.kernel.clock import SystemClock
from fachwerk.kernel.metrics import BUS_DROPPED
from tests.core.sync.cast import MEMBER, Listener, MemoryLog, Ticked
from tests.stack.component import Nats

pytestmark = pytest.mark.anyio
ROOM = f"room:{uuid.uuid4()}"
WAIT_S = 20.0
TLS_HANDSHAKE = 22
"""The first byte of a record (RFC 8446, section 5.1)."""
NewBus = Callable[[], Bus]


@dataclass
class Process:
    """What of a process has to do with the bus."""

    hub: Hub
    relay: Relay
    bus: Bus
    listener: Listener

    def commit(self, log: MemoryLog, event: Ticked | None = None) -> None:
        """Something happened in the room."""
        self.relay.deliver(ROOM, [log.commit(ROOM, event)])

    async def until_heard(self, seq: int) -> None:
        """Wait until the listener has heard everything up to this number, once and in order."""
        await _until(lambda: len(self.listener.seqs(ROOM)) >= seq)
        assert self.listener.seqs(ROOM) == list(range(1, seq + 1))


@pytest.fixture(params=["memory", "nats"])
def new_bus(request: pytest.FixtureRequest) -> NewBus:
    """Each call: the bus of one more process."""
    if request.param == "memory":
        joined: set[MemoryBus] = set()
        return lambda: MemoryBus(joined)
    server: Nats = request.getfixturevalue("nats")
    settings = BusSettings.model_validate(server.access(f"fachwerk.{uuid.uuid4()}"))
    return lambda: NatsBus(settings)


@pytest.fixture
def log() -> MemoryLog:
    """The database that the processes share."""
    return MemoryLog()


async def test_what_one_commits_all_hear_once_and_in_order(new_bus: NewBus, log: MemoryLog) -> None:
    async with _process(new_bus(), log) as one, _process(new_bus(), log) as other, _process(new_bus(), log) as third:
        await _until(lambda: one.relay.open and other.relay.open and third.relay.open)
        for number in range(300):
            (one, other)[number % 2].commit(log)
            if number % 50 == 0:
                await asyncio.sleep(0)
        for process in (one, other, third):
            await process.until_heard(300)


async def test_signals_reach_whoever_looks_and_what_is_wide_everybody(new_bus: NewBus, log: MemoryLog) -> None:
    async with _two(new_bus, log) as (one, other):
        watcher = Listener(other.hub, "cem")
        await other.hub.watch(watcher, {ROOM: MEMBER})
        one.relay.signal(ROOM, Ticked(opens="typing"), but=one.listener)
        one.relay.signal(ROOM, Ticked(opens="wide"), wide=True)
        one.relay.signal("user:cem", Ticked(opens="mine"))
        await _until(lambda: len(watcher.heard) == 2 and len(other.listener.heard) == 2)
        assert [frame["e"]["opens"] for frame in watcher.heard] == ["wide", "mine"]
        assert [frame["e"]["opens"] for frame in other.listener.heard] == ["typing", "wide"]
        assert [frame["e"]["opens"] for frame in one.listener.heard] == ["wide"]
        other.hub.detach(watcher)


async def test_a_large_event_is_read_from_the_database(new_bus: NewBus, log: MemoryLog) -> None:
    async with _two(new_bus, log) as (one, other), _ear(new_bus) as heard:
        one.commit(log, Ticked(opens="x" * (MESSAGE_MAX_BYTES + 1)))
        one.commit(log)
        await other.until_heard(2)
        await _until(lambda: b'"s":2,' in b"".join(heard))
        assert f'{{"a":"{ROOM}","s":1}}'.encode() in b"".join(heard)
        assert max(map(len, heard)) <= MESSAGE_MAX_BYTES


async def test_many_events_share_messages_of_a_bounded_size(new_bus: NewBus, log: MemoryLog) -> None:
    async with _two(new_bus, log) as (one, other), _ear(new_bus) as heard:
        for _ in range(200):
            one.commit(log, Ticked(opens="x" * 500))
        await other.until_heard(200)
        assert 200 * 500 / MESSAGE_MAX_BYTES < len(heard) < 50
        assert max(map(len, heard)) <= MESSAGE_MAX_BYTES + 100


async def test_whoever_was_away_looks_into_the_database_at_once(new_bus: NewBus, log: MemoryLog) -> None:
    async with _process(new_bus(), log) as one:
        async with _process(new_bus(), log) as other:
            await _until(lambda: one.relay.open and other.relay.open)
            one.commit(log)
            await other.until_heard(1)
        hub, listener = other.hub, other.listener
        one.commit(log)
        async with _joined(hub, Relay(hub, new_bus(), SystemClock())):
            await _until(lambda: listener.seqs(ROOM) == [1, 2])


async def test_what_did_not_fit_the_queue_is_asked_for(new_bus: NewBus, log: MemoryLog) -> None:
    async with _two(new_bus, log) as (one, other):
        dropped = BUS_DROPPED.labels("full")._value.get()
        text = "x" * (MESSAGE_MAX_BYTES - 200)
        count = QUEUE_MAX_BYTES // MESSAGE_MAX_BYTES + 50
        for _ in range(count):  # without a pause, so that nothing can be sent meanwhile
            one.commit(log, Ticked(opens=text))
        assert BUS_DROPPED.labels("full")._value.get() > dropped
        await other.until_heard(count)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x00\xff\xfe",
        b"{}",
        b"[1]",
        b"[" * 100_000,
        b'[{"a":"ROOM","s":-1,"e":{"kind":"x"}}]',
        b'[{"a":"ROOM","s":9223372036854775808,"e":{"kind":"x"}}]',
        b'[{"a":"ROOM","s":1,"n":1.5,"e":{"kind":"x"}}]',
        b'[{"a":"ROOM","s":1,"e":null}]',
        b'[{"a":"ROOM","s":1,"e":{"kind":1}}]',
        b'[{"a":"ROOM","s":1,"e":{"kind":"\xff"}}]',
        b'[{"a":"ROOM","s":1,"e":{"kind":"x","y":"\xff"}}]',
        b'[{"a":"ROOM","s":1,"e":{"kind":"x","y":' + b"[" * 5000 + b"]" * 5000 + b"}}]",
        b'[{"a":"ROOM","s":1,"n":1,"e":{"kind":"ticked"}},{"a":"ROOM","s":2',
    ],
    ids=range(14),
)
async def test_what_cannot_be_read_does_no_harm(new_bus: NewBus, log: MemoryLog, payload: bytes) -> None:
    async with _two(new_bus, log) as (one, other):
        before = BUS_DROPPED.labels("malformed")._value.get()
        await one.bus.publish(payload.replace(b"ROOM", ROOM.encode()))
        await _until(lambda: BUS_DROPPED.labels("malformed")._value.get() == before + 1)
        one.commit(log)
        await other.until_heard(1)
        assert len(other.listener.heard) == 1


async def test_numbers_that_never_were_are_forgotten(
    new_bus: NewBus, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fachwerk.core.sync.hub.HOLE_MAX_S", 0.2)
    async with _two(new_bus, log) as (one, other):
        await one.bus.publish(f'[{{"a":"{ROOM}","s":900,"e":{{"kind":"ticked"}}}},{{"a":"{ROOM}","s":901}}]'.encode())
        await _until(lambda: log.reads > 10)
        await _until(lambda: not other.hub._tasks)
        for _ in range(3):
            one.commit(log)
        await other.until_heard(3)


async def test_nats_killed_and_back(nats: Nats, log: MemoryLog) -> None:
    settings = BusSettings.model_validate(nats.access(f"fachwerk.{uuid.uuid4()}"))
    async with _two(lambda: NatsBus(settings), log) as (one, other):
        await asyncio.to_thread(nats.crash)
        await _until(lambda: not one.relay.open and not other.relay.open)
        one.commit(log)
        assert one.listener.seqs(ROOM) == []
        await asyncio.sleep(0.1)
        assert one.listener.seqs(ROOM) == [1], "one's own people need no bus"
        await asyncio.to_thread(nats.start)
        await other.until_heard(1)
        await _until(lambda: one.relay.open and other.relay.open)
        other.commit(log)
        await one.until_heard(2)


async def test_nats_hangs_and_nobody_waits(nats: Nats, log: MemoryLog) -> None:
    settings = BusSettings.model_validate(nats.access(f"fachwerk.{uuid.uuid4()}"))
    async with _two(lambda: NatsBus(settings), log) as (one, other):
        with nats.hanging():
            began = asyncio.get_running_loop().time()
            for _ in range(2000):
                one.commit(log, Ticked(opens="x" * 5000))
            assert asyncio.get_running_loop().time() - began < 5
            await _until(lambda: not one.relay.open and not other.relay.open)
        await other.until_heard(2000)


async def test_nats_refuses_a_wrong_password(
    nats: Nats, log: MemoryLog, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wrong = tmp_path_factory.mktemp("wrong") / "password"
    wrong.write_text("guessed")
    access = nats.access() | {"password_file": str(wrong)}
    bus = NatsBus(BusSettings.model_validate(access))
    async with _process(bus, log) as one:
        await _until(lambda: "AuthorizationError" in bus._noted or "Error" in bus._noted)
        one.commit(log)
        await one.until_heard(1)
        assert not one.relay.open


async def test_nats_over_tls(log: MemoryLog, tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path)
    with Nats(certificate, key) as server:
        settings = BusSettings.model_validate(server.access() | {"ca_file": str(certificate)})
        assert settings.urls[0].startswith("tls://")
        async with _two(lambda: NatsBus(settings), log) as (one, other):
            one.commit(log)
            await other.until_heard(1)

        stranger = NatsBus(settings.model_copy(update={"ca_file": None}))
        async with _process(stranger, log):
            await _until(lambda: "SSLCertVerificationError" in stranger._noted)


async def test_nothing_is_said_in_clear_where_tls_was_asked_for(log: MemoryLog, nats: Nats) -> None:
    """Whoever answers without TLS, and says that it needs none, does not learn the password."""
    heard = bytearray()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"tls_required":false,"max_payload":1048576}\r\n')
        heard.extend(await reader.read(4096))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        access = nats.access() | {"url": f"tls://127.0.0.1:{port}"}
        async with _process(NatsBus(BusSettings.model_validate(access)), log):
            await _until(lambda: bool(heard))
    assert heard[0] == TLS_HANDSHAKE
    assert b"CONNECT" not in heard


def test_what_cannot_be_used_is_refused_at_the_start(tmp_path: Path) -> None:
    settings = BusSettings(url="tls://nats.example:4222", ca_file=tmp_path / "none")
    with pytest.raises(SystemExit, match="cannot read the certificates"):
        NatsBus(settings)
    with pytest.raises(SystemExit, match="cannot read the secret"):
        NatsBus(BusSettings(url="tls://nats.example:4222", token_file=tmp_path / "none"))


def _certificate(folder: Path) -> tuple[Path, Path]:
    """(certificate, key) of 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nats")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "nats.pem", folder / "nats.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@asynccontextmanager
async def _process(bus: Bus, log: MemoryLog) -> AsyncIterator[Process]:
    hub = Hub(log, SystemClock())
    relay = Relay(hub, bus, SystemClock())
    listener = Listener(hub, "ada")
    await hub.watch(listener, {ROOM: MEMBER})
    await hub.follow(listener, ROOM, 0)
    listener.heard.clear()
    async with _joined(hub, relay):
        yield Process(hub, relay, bus, listener)


@asynccontextmanager
async def _joined(hub: Hub, relay: Relay) -> AsyncIterator[None]:
    """On the bus, and looking into the database only when told to."""
    async with relay.running():
        watching = asyncio.create_task(hub.watch_database(lambda: 3600.0))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])


@asynccontextmanager
async def _two(new_bus: NewBus, log: MemoryLog) -> AsyncIterator[tuple[Process, Process]]:
    async with _process(new_bus(), log) as one, _process(new_bus(), log) as other:
        await _until(lambda: one.relay.open and other.relay.open)
        yield one, other


@asynccontextmanager
async def _ear(new_bus: NewBus) -> AsyncIterator[list[bytes]]:
    """What goes over the bus."""
    heard: list[bytes] = []
    opened: list[bool] = []
    listening = asyncio.create_task(new_bus().run(heard.append, opened.append))
    await _until(lambda: bool(opened))
    yield heard
    listening.cancel()
    await asyncio.wait([listening])


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 -- of other tasks and servers
            await asyncio.sleep(0.01)
