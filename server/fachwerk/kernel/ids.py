# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Identifiers: UUID version 7 as text, sortable by time of making (RFC 9562, section 5.7)."""

import uuid
from collections.abc import Callable

from uuid_utils import uuid7

Ids = Callable[[], str]
"""Makes one new identifier per call. Injected, so that tests can foresee them."""


def new_id() -> str:
    """A new identifier, 36 characters; unique without asking anybody."""
    return str(uuid7())


def is_id(text: str) -> bool:
    """Whether this is an identifier in the one spelling that we write: lower case, with hyphens."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
