# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""ICE-lite: answer the checks of those who know a transport's password. Nobody else gets an address here.

Source: RFC 8445 section 2.5 and 7.3 (lite agent), RFC 8489 (STUN), RFC 7675 (consent).
"""

from __future__ import annotations

import secrets
import struct
from typing import TYPE_CHECKING

from aioice import stun

if TYPE_CHECKING:
    from fachwerk_media.metrics import Counters
    from fachwerk_media.net.path import Path
    from fachwerk_media.transport import Transport


class Credentials:
    """User fragment and password of one ICE session."""

    def __init__(self) -> None:
        self.ufrag = secrets.token_hex(4)
        self.password = secrets.token_hex(12)
        self.key = self.password.encode()


class Agent:
    """All transports by their user fragment, and the answer to every check."""

    def __init__(self, counters: Counters) -> None:
        self.transports: dict[str, Transport] = {}
        self._counters = counters

    def check(self, datagram: bytes, path: Path, now: float) -> bool:
        """Answer a connectivity check that came in on `path`; False if it proves nothing."""
        try:
            request = stun.parse_message(datagram)
        except (ValueError, struct.error):  # the parser trusts the lengths of some attributes
            request = None
        transport = self._addressee(request)
        if request is None or transport is None:
            self._counters.checks_refused += 1
            return False
        self._counters.checks += 1
        response = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.RESPONSE,
            transaction_id=request.transaction_id,
            attributes={"XOR-MAPPED-ADDRESS": path.remote},
        )
        response.add_message_integrity(transport.credentials.key)
        try:
            path.send(bytes(response), path.address)
        except OSError:
            self._counters.send_failed += 1
            return False
        transport.checked(path, now, nominated="USE-CANDIDATE" in request.attributes)
        return True

    def _addressee(self, request: stun.Message | None) -> Transport | None:
        """The transport whose password the check was signed with."""
        if (
            request is None
            or request.message_class != stun.Class.REQUEST
            or request.message_method != stun.Method.BINDING
        ):
            return None
        name = request.attributes.get("USERNAME", "")
        transport = self.transports.get(name.split(":")[0])
        if transport is None or not request.check_message_integrity(transport.credentials.key):
            return None
        return transport
