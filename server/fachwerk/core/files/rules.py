# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may do what with files, and which bytes a request asks for."""

import re
from typing import NamedTuple

from fachwerk.core import rooms
from fachwerk.kernel.errors import Problem
from fachwerk.kernel.policy import Rule, room_role

RULES = [
    Rule("file.upload", (room_role(*rooms.WRITERS),), hide=True),
    Rule("file.read", (room_role(*rooms.MEMBERS),), hide=True),
]

_ONE_RANGE = re.compile(r"bytes=[ \t]*(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})[ \t]*", re.IGNORECASE)


class RangeOutside(Problem):
    """The range begins behind the end."""

    slug, title, status = "range", "The file is shorter than that", 416


class Span(NamedTuple):
    """Bytes [start, end)."""

    start: int
    end: int


def one_range(header: str | None, size_bytes: int) -> Span | None:
    """What a Range header asks for (RFC 9110, section 14.1.2); None for the whole file.

    One range of bytes only: several, another unit or nonsense mean the whole file, as the RFC allows,
    since answering thousands of small ranges is a known way to kill a server. Raises RangeOutside.
    """
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None or match["first"] == match["last"] == "":
        return None
    if match["first"] == "":  # the last so many
        start, end = max(size_bytes - int(match["last"]), 0), size_bytes
    else:
        start = int(match["first"])
        last = int(match["last"]) if match["last"] else size_bytes
        if last < start:
            return None
        end = min(last + 1, size_bytes)
    if start >= end:
        outside = RangeOutside(size_bytes=size_bytes)
        outside.headers["Content-Range"] = f"bytes */{size_bytes}"
        raise outside
    return Span(start, end)
