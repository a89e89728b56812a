# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Base classes of what travels: one spelling of strictness for everything that comes in."""

from typing import Annotated

import msgspec


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A request body: unknown fields are refused, so that a typo is never silently dropped."""


class Query(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A query string; numbers and truth values are read from text."""


class Frame(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, tag_field="t"):
    """A command on the socket, named by `t`. id: echoed in the answer, so that the client can tell them apart."""

    id: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Wire(msgspec.Struct, kw_only=True):
    """An answer, or a part of one."""


Id = Annotated[str, msgspec.Meta(min_length=36, max_length=36, pattern=r"^[0-9a-f-]{36}$")]
"""An identifier in a body."""
