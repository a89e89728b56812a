# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Redundant audio: earlier Opus payloads in front of the new one, so that a lost packet is repaired by the next.

Made here and not by the publisher: it costs no uplink and follows each receiver's loss. Source: RFC 2198 section 3.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

AGE_LIMIT = 1 << 14
"""Timestamp offset field, samples."""
LENGTH_LIMIT = 1 << 10
"""Block length field, bytes."""
PAYLOAD_LIMIT_BYTES = 1150
"""With headers and the SRTP tag a packet stays below the usual path limit of 1,200 bytes."""
_BLOCK_HEADER = struct.Struct("!I").pack


def encode(earlier: Sequence[tuple[int, bytes]], timestamp: int, payload: bytes, payload_type: int) -> bytes:
    """One RED payload.

    earlier: (timestamp, payload), oldest first; those too old, too long or too much are left out.
    payload_type: of every block, 7 bit.
    """
    headers = blocks = b""
    for then, block in earlier:
        age = (timestamp - then) & 0xFFFFFFFF
        if not 0 < age < AGE_LIMIT or len(block) >= LENGTH_LIMIT:
            continue
        if len(headers) + len(blocks) + len(block) + len(payload) + 5 > PAYLOAD_LIMIT_BYTES:
            continue
        headers += _BLOCK_HEADER(0x80000000 | payload_type << 24 | age << 10 | len(block))
        blocks += block
    return headers + bytes((payload_type,)) + blocks + payload
