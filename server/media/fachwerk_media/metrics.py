# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Numbers for operators, in Prometheus' text format. Nothing here names a room, a person or an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COUNTERS = {
    "received": "Media packets from publishers",
    "sent": "Media packets to subscribers",
    "dropped": "Media packets that could not be sent to one subscriber",
    "late": "Packets too late to be forwarded in order",
    "unauthentic": "Packets that failed SRTP authentication or were not well formed",
    "strangers": "Datagrams from addresses that proved nothing",
    "checks": "ICE checks answered",
    "checks_refused": "ICE checks that proved nothing",
    "send_failed": "STUN, DTLS and RTCP datagrams the kernel refused",
    "receive_failed": "Socket errors while reading",
    "tcp_ended": "ICE-TCP connections that ended",
    "handshakes": "DTLS handshakes completed",
    "handshakes_failed": "DTLS handshakes that failed, fingerprints that did not fit included",
    "retransmitted": "Packets sent again on request",
    "key_frame_requests": "Key frames asked for",
    "probes": "Bandwidth probes",
    "messages": "Data messages forwarded",
    "messages_dropped": "Data messages dropped because a receiver was too slow or the message not well formed",
    "joins": "Participants that joined",
    "joins_refused": "Joins refused: token, grant, origin, limit or form",
    "kicks": "Participants removed by an administrator",
    "signals_dropped": "Signalling connections closed because they were too slow",
    "webhooks": "Webhook calls delivered",
    "webhooks_failed": "Webhook events given up",
}


class Counters:
    """Plain integers: the packet path cannot afford a lock each."""

    __slots__ = tuple(COUNTERS)

    received: int
    sent: int
    dropped: int
    late: int
    unauthentic: int
    strangers: int
    checks: int
    checks_refused: int
    send_failed: int
    receive_failed: int
    tcp_ended: int
    handshakes: int
    handshakes_failed: int
    retransmitted: int
    key_frame_requests: int
    probes: int
    messages: int
    messages_dropped: int
    joins: int
    joins_refused: int
    kicks: int
    signals_dropped: int
    webhooks: int
    webhooks_failed: int

    def __init__(self) -> None:
        for name in COUNTERS:
            setattr(self, name, 0)


class _Reading(Collector):
    def __init__(self, counters: Counters, gauges: Callable[[], dict[str, tuple[str, float]]]) -> None:
        self._counters = counters
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for name, meaning in COUNTERS.items():
            yield CounterMetricFamily(f"fachwerk_media_{name}", meaning, value=getattr(self._counters, name))
        for name, (meaning, value) in self._gauges().items():
            yield GaugeMetricFamily(f"fachwerk_media_{name}", meaning, value=value)


class Exposition:
    """The page a Prometheus server reads."""

    def __init__(self, counters: Counters, gauges: Callable[[], dict[str, tuple[str, float]]]) -> None:
        """gauges: name -> (meaning, value now)."""
        self._registry = CollectorRegistry()
        self._registry.register(_Reading(counters, gauges))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """All metrics now."""
        return generate_latest(self._registry)
