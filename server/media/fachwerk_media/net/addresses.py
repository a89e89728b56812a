# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Which addresses a browser may be told to send to.

A non-loopback address is always among them: Firefox gathers no loopback candidate while the machine has another
interface, pairs 127.0.0.1 with none of its own and gives up at once. Loopback is only an addition, for one machine.
"""

from __future__ import annotations

import ipaddress

import ifaddr

LOOPBACK = "127.0.0.1"
ADDRESSES_LIMIT = 8
"""Candidates in every offer; more only slow down connecting."""


def usable(address: str) -> bool:
    """Whether an address of this host can be reached from another machine: not loopback, link-local or multicast."""
    ip = ipaddress.ip_address(address)
    return not (ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified)


def of_this_host() -> list[str]:
    """The host's own usable addresses, IPv4 first, at most ADDRESSES_LIMIT."""
    found = [
        address.ip if isinstance(address.ip, str) else address.ip[0]
        for adapter in ifaddr.get_adapters()
        for address in adapter.ips
    ]
    unique = [address for address in dict.fromkeys(found) if usable(address)]
    return sorted(unique, key=lambda address: ipaddress.ip_address(address).version)[:ADDRESSES_LIMIT]


def to_bind(configured: tuple[str, ...]) -> list[str]:
    """The addresses to listen on: those configured, else the host's own; loopback is added last.

    Only loopback is left on a host without a network; the caller says so.
    """
    return list(dict.fromkeys([*(configured or of_this_host()), LOOPBACK]))
