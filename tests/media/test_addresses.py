# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Which addresses browsers are told."""

import asyncio
import errno
import socket

import pytest
from aioice import stun

from fachwerk_media.dtls import Identity
from fachwerk_media.metrics import Counters
from fachwerk_media.net import addresses
from fachwerk_media.net.mux import Mux
from fachwerk_media.net.tcp import TcpListener
from fachwerk_media.transport import Transport
from tests.media.stage import Owner


def test_loopback_is_only_an_addition() -> None:
    assert addresses.to_bind(("192.0.2.1",)) == ["192.0.2.1", "127.0.0.1"]
    assert addresses.to_bind(("127.0.0.1",)) == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("address", "usable"),
    [
        ("192.0.2.1", True),
        ("fd00::1", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("169.254.1.1", False),
        ("fe80::1", False),
        ("224.0.0.1", False),
    ],
)
def test_what_another_machine_cannot_reach_is_not_offered(address: str, usable: bool) -> None:
    assert addresses.usable(address) is usable


def test_a_host_without_a_network_serves_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "of_this_host", list)
    assert addresses.to_bind(()) == ["127.0.0.1"]


def test_own_addresses_are_found_ipv4_first() -> None:
    own = addresses.of_this_host()
    assert all(addresses.usable(address) for address in own)
    versions = [":" in address for address in own]
    assert versions == sorted(versions)


async def test_every_address_has_the_same_port_and_a_candidate() -> None:
    mux = Mux(["127.0.0.1", "127.0.0.2"], Counters(), announced=("198.51.100.7",))
    await mux.open(0, 0)
    try:
        ports = {socket.port for socket in mux.udp}
        assert len(ports) == 1
        udp = [line.split() for line in mux.candidates() if " udp " in line]
        tcp = [line.split() for line in mux.candidates() if " tcp " in line]
        assert [words[4] for words in udp] == ["198.51.100.7", "127.0.0.1", "127.0.0.2"]
        assert [words[4] for words in tcp] == ["198.51.100.7", "127.0.0.1", "127.0.0.2"]
        assert all(words[-2:] == ["tcptype", "passive"] for words in tcp)
        priorities = [int(words[3]) for words in udp]
        assert priorities == sorted(priorities, reverse=True)
    finally:
        await mux.close()


async def test_a_taken_port_is_an_error() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        mux = Mux(["127.0.0.1"], Counters())
        with pytest.raises(OSError, match="in use"):
            await mux.open(holder.getsockname()[1], 0)
    await asyncio.sleep(0)


async def test_an_answer_leaves_from_the_address_that_was_asked() -> None:
    counters = Counters()
    mux = Mux(["127.0.0.1", "127.0.0.2"], counters)
    await mux.open(0, 0)
    transport = Transport(mux.agent, Identity(), counters, Owner())
    loop = asyncio.get_running_loop()
    try:
        for server in mux.udp:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.setblocking(False)
                client.connect((server.address, server.port))  # takes nothing from another address
                check = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
                check.attributes["USERNAME"] = f"{transport.credentials.ufrag}:x"
                check.add_message_integrity(transport.credentials.key)
                client.send(bytes(check))
                answer = stun.parse_message(await asyncio.wait_for(loop.sock_recv(client, 2048), 5))
                assert answer.attributes["XOR-MAPPED-ADDRESS"] == client.getsockname()
    finally:
        transport.close()
        await mux.close()


def test_a_free_port_is_free_on_every_address(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[str, int]] = []
    listen = TcpListener.start

    async def start(listener: TcpListener, port: int) -> None:
        tried.append((listener.address, port))
        if len(tried) == 2:
            raise OSError(errno.EADDRINUSE, "somebody has it on the second address")
        await listen(listener, port)

    async def run() -> None:
        mux = Mux(["127.0.0.1", "127.0.0.2"], Counters())
        await mux.open(0, 0)
        try:
            assert len({(kind, socket.port) for kind in ("udp", "tcp") for socket in getattr(mux, kind)}) == 2
            assert [address for address, _ in tried] == ["127.0.0.1", "127.0.0.2"] * 2
            assert len(mux.udp) == len(mux.tcp) == 2
        finally:
            await mux.close()
        tried.clear()
        with pytest.raises(OSError, match="somebody has it"):  # a number that was asked for is taken or not
            await mux.open(mux.udp[0].port, mux.tcp[0].port)

    monkeypatch.setattr(TcpListener, "start", start)
    asyncio.run(run())
