# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Policies as clients see them. Their names and values are those of the modules that follow them."""

from typing import Annotated

import msgspec

from fachwerk.kernel.wire import Body, Query, Wire

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class NewValue(Body):
    """What is to hold from now on."""

    value: Word


class Would(Query):
    """value: what would be set; none to leave it to the place above."""

    value: Word | None = None


class PolicyKind(Wire):
    """A policy. values: the widest first; it holds where nothing is set."""

    name: str
    values: list[str]


ABOVE = "above"
"""In place of a department's id: one above those that are shown."""


class PolicyStanding(Wire):
    """A policy at a place. own: what is set at the place itself. set_at: the place whose value holds, None for none.

    ABOVE for one that is not shown. beyond: how many rooms of the place itself go further than `value` allows.
    delegated: what is set at the place was set by somebody who administers the department. choices: what the caller
    may set there; empty where they may set nothing, nor take back what is set.
    """

    policy: str
    value: str
    own: str | None
    set_at: str | None
    beyond: int
    delegated: bool
    choices: list[str]


class PolicyPlace(Wire):
    """A department; or EVERYWHERE, which has no name, with the rooms that belong to no department."""

    id: str
    parent_id: str | None
    name: str
    short: str
    policies: list[PolicyStanding]


class PolicyTree(Wire):
    """EVERYWHERE and all departments, each after the one that it belongs to. The policies of each are in order.

    Who administers departments sees these and all below them only.
    """

    policies: list[PolicyKind]
    places: list[PolicyPlace]


class PolicyPreview(Wire):
    """What a change would do. value: what would hold at the place. departments: in how many it would be another one.

    rooms: how many of these would go further than it allows. They stay as they are.
    """

    value: str
    departments: int
    rooms: int


class PolicyRuling(Wire):
    """A value that holds. department: the name of the one that has set it; None for the whole house, or nobody."""

    policy: str
    value: str
    department: str | None


class PolicyRulings(Wire):
    """What holds, for every policy that there is."""

    items: list[PolicyRuling]
