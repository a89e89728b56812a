# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""SRTP towards one peer, also in place. Source: RFC 3711.

pylibsrtp copies each packet into a buffer of its own and back; half of the time of an encryption is spent there. The
fan-out encrypts where the packet is sent from, with the same library's own function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]  # compiled, without types

if TYPE_CHECKING:
    from pylibsrtp import Session

TRAILER_BYTES = 144
"""What an encrypted packet may be longer by (SRTP_MAX_TRAILER_LEN)."""
PLAIN_LIMIT_BYTES = 1500 - TRAILER_BYTES
"""No longer packet is sent. Browsers send 1,200."""

protect: Any = lib.srtp_protect
"""(context, memory, length) -> 0 if it was done. length: an `int[1]`, bytes before and afterwards."""
length: Any = ffi.new("int[1]")
"""For the third parameter."""


class Outbound:
    """What leaves for one peer."""

    __slots__ = ("context", "protect", "protect_rtcp")

    def __init__(self, session: Session) -> None:
        self.protect = session.protect
        self.protect_rtcp = session.protect_rtcp
        self.context: Any = ffi.gc(session._srtp[0], lambda _: session)  # noqa: SLF001  # the session lives as long
        """For `protect`."""
