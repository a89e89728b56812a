# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Departments and people from groups that the provider has already: another source of the same statements as a file.

Groups do not say who leads, and not always how a department is called in full: that stays as it is here.
"""

from collections.abc import Iterator, Sequence

from fachwerk.core.identity import GroupThere

from .org import CELLS, OPTIONAL, REQUIRED, Org, Row, org_of
from .state import Place, State


def org_of_groups(groups: Sequence[GroupThere], state: State) -> Org:
    """What a tree of groups asks for. Disabled accounts are nobody. Raises OrgRefused with all faults."""
    return org_of(list(_rows(groups, state)), [])


def _rows(groups: Sequence[GroupThere], state: State) -> Iterator[Row]:
    keys = {group.path: group.name for group in groups}
    for order, group in enumerate(groups):
        there, parent = state.departments.get(group.name), keys.get(group.above, "")
        name = group.title or (there.name if there else group.name)
        yield _row(order, f"group {group.path}", kind="department", key=group.name, name=name, parent=parent)
    places = [(login, group.name) for group in groups for login in group.members]
    for order, (login, key) in enumerate(places, len(groups)):
        who = state.accounts.get(login)
        if who is None or not who.enabled:
            continue
        yield _row(
            order,
            f"account {login}",
            kind="person",
            key=login,
            name=who.name,
            given_name=who.given_name,
            email=who.email or "",
            parent=key,
            lead=CELLS[state.places.get(Place(login, key), "member")],
        )


def _row(order: int, where: str, **cells: str) -> Row:
    stripped = {name: cell.strip() for name, cell in cells.items()}
    return Row(order, where, dict.fromkeys((*REQUIRED, *OPTIONAL), "") | stripped)
