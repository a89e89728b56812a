# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The way to one peer: which socket, which address. Media, DTLS and STUN answers leave the way the check came in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fachwerk_media.net.burst import address

if TYPE_CHECKING:
    from fachwerk_media.net.burst import Burst
    from fachwerk_media.transport import Transport

Send = Callable[[bytes, Any], object]
"""(datagram, address); raises OSError when the kernel refuses."""
Peers = dict[Any, "Transport"]
"""Peer address -> its transport; one table per socket."""


@dataclass(frozen=True, slots=True)
class Path:
    """One way to a peer. Two are the same if they are to the same address from the same one of ours."""

    local: str
    """Our own address."""
    address: Any
    """What `send` wants beside the datagram, and the key in `peers`."""
    remote: tuple[str, int] = field(compare=False)
    """Host and port as the peer's own address is told back to it."""
    send: Send = field(compare=False)
    peers: Peers = field(compare=False)
    burst: Burst | None = field(compare=False, default=None)
    """The way out for many at once, None if there is none (TCP)."""

    def target(self) -> Any:
        """What the fan-out needs to send there: an address for `burst`, else a function that takes a datagram."""
        if self.burst is not None:
            return address(self.address)
        send, peer = self.send, self.address
        return lambda datagram: send(datagram, peer)
