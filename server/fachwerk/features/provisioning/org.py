# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a source asks for: departments and people, checked as a whole, whatever they were read from."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from fachwerk.core.identity import VALUE_MAX_CHARS, VALUES_MAX, Attributes

from .state import Role
from .words import Sentence, SentenceName, say

FAULTS_SHOWN = 100
"""More are only counted: the first ones are usually the cause of the others."""
CELL_MAX_CHARS = 200
REQUIRED = ("kind", "key", "name", "given_name", "parent", "email")
OPTIONAL = ("lead",)
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
COLUMNS = frozenset((*REQUIRED, *OPTIONAL))
"""Others are attributes."""
SEVERAL = "|"
"""Between the values of an attribute. After a backslash, a sign is meant as it is."""
VALUE = re.compile(r"(?:[^|\\]|\\.)+")
EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+")
ROLES: dict[str, Role] = {
    **dict.fromkeys(("x", "1", "ja", "yes"), "lead"),
    **dict.fromkeys(("v", "vertretung", "deputy"), "deputy"),
    **dict.fromkeys(("", "0", "nein", "no"), "member"),
}
"""What may stand in `lead`, in small letters."""
CELLS: dict[Role, str] = {"lead": "x", "deputy": "v", "member": ""}
"""What is written there."""


class Fault(NamedTuple):
    """order: of its place in the source. where: that place as people find it, such as `line 7`."""

    order: int
    where: str
    sentence: Sentence

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}"


class OrgRefused(Exception):
    """The source cannot be used; nothing was changed. faults: in order of their places. total: how many there are."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        shown = sorted(faults, key=lambda fault: fault.order)[:FAULTS_SHOWN]
        super().__init__("\n".join(map(str, shown)))
        self.faults, self.total = tuple(shown), len(faults)


@dataclass(frozen=True, slots=True)
class OrgDepartment:
    """key: the short name. parent: another key."""

    key: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class OrgPerson:
    """departments: by key, what they are there. attributes: those of which the source says something."""

    login: str
    given_name: str
    name: str
    email: str | None
    departments: Mapping[str, Role]
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Org:
    """What a source asks for. departments: each after the one that it belongs to."""

    departments: tuple[OrgDepartment, ...]
    people: tuple[OrgPerson, ...]


class Row(NamedTuple):
    """One statement of a source. cells: by the columns' names, all of them, without blanks around.

    Beyond the columns that every source has, there is one for each attribute that it knows (`cell_of`).
    """

    order: int
    where: str
    cells: Mapping[str, str]

    def fault(self, name: SentenceName, **about: object) -> Fault:
        """What is wrong here."""
        return Fault(self.order, self.where, say(name, **about))


def cell_of(values: Iterable[str]) -> str:
    """All values of an attribute in one cell."""
    return SEVERAL.join(re.sub(r"[|\\]", r"\\\g<0>", value) for value in values)


def _attributes(row: Row) -> dict[str, tuple[str, ...]]:
    said = {name: cell for name, cell in row.cells.items() if name not in COLUMNS}
    return {
        name: tuple(sorted({re.sub(r"\\(.)", r"\1", value).strip() for value in VALUE.findall(cell)} - {""}))
        for name, cell in said.items()
    }


def org_of(rows: Sequence[Row], faults: list[Fault]) -> Org:
    """Put statements together. faults: those found so far. Raises OrgRefused with all of them."""
    sound = [row for row in rows if not _told(row, faults)]
    departments = _departments([row for row in sound if row.cells["kind"] == "department"], faults)
    people = _people([row for row in sound if row.cells["kind"] == "person"], frozenset(departments), faults)
    if not rows and not faults:
        faults.append(Fault(1, "line 1", say("empty_file")))
    if faults:
        raise OrgRefused(faults)
    return Org(_parents_first(departments), tuple(people.values()))


def _told(row: Row, faults: list[Fault]) -> bool:
    """Tell what is wrong with a row alone; whether anything is."""
    cells = row.cells
    wrong = [
        row.fault("bad_cell", column=name, limit=CELL_MAX_CHARS)
        for name, cell in cells.items()
        if not cell.isprintable() or (len(cell) > CELL_MAX_CHARS and name in COLUMNS)
    ]
    wrong += [
        row.fault("bad_attribute", column=name, most=VALUES_MAX, limit=VALUE_MAX_CHARS)
        for name, values in _attributes(row).items()
        if len(values) > VALUES_MAX or any(len(value) > VALUE_MAX_CHARS for value in values)
    ]
    if cells["kind"] not in {"department", "person"}:
        wrong.append(row.fault("bad_kind", value=cells["kind"][:CELL_MAX_CHARS]))
    wrong += [row.fault("empty_cell", column=name) for name in ("key", "name") if not cells[name]]
    faults += wrong
    return bool(wrong)


# ---- departments


def _departments(rows: list[Row], faults: list[Fault]) -> dict[str, OrgDepartment]:
    found: dict[str, OrgDepartment] = {}
    at: dict[str, Row] = {}
    for row in rows:
        key = row.cells["key"]
        if "/" in key:
            faults.append(row.fault("slash", key=key))
        if key in found:
            faults.append(row.fault("department_twice", key=key, where=at[key].where))
            continue
        found[key], at[key] = OrgDepartment(key, row.cells["name"], row.cells["parent"] or None), row
    for key, department in found.items():
        if department.parent is not None and department.parent not in found:
            faults.append(at[key].fault("no_department", key=department.parent))
    for ring in _rings(found):
        first = min((at[key] for key in ring), key=lambda row: row.order)
        faults.append(first.fault("ring", keys=", ".join(ring)))
    return found


def _rings(found: Mapping[str, OrgDepartment]) -> Iterator[list[str]]:
    done: set[str] = set()
    for start in found:
        path: dict[str, None] = {}
        here = start
        while here in found and here not in done and here not in path:
            path[here] = None
            here = found[here].parent or ""
        if here in path:
            way = list(path)
            yield way[way.index(here) :]
        done.update(path)


def _parents_first(found: Mapping[str, OrgDepartment]) -> tuple[OrgDepartment, ...]:
    below: dict[str | None, list[OrgDepartment]] = defaultdict(list)
    for department in found.values():
        below[department.parent].append(department)
    ordered: list[OrgDepartment] = []
    waiting = below[None][::-1]
    while waiting:
        department = waiting.pop()
        ordered.append(department)
        waiting += below[department.key][::-1]
    return tuple(ordered)


# ---- people


def _people(rows: list[Row], departments: frozenset[str], faults: list[Fault]) -> dict[str, OrgPerson]:
    found: dict[str, OrgPerson] = {}
    at: dict[str, Row] = {}
    owners: dict[str, str] = {}
    for row in rows:
        cells = row.cells
        wrong = list(_faults_of_person(row, departments))
        login, email = cells["key"], cells["email"].lower()
        before = found.get(login)
        places = dict(before.departments) if before else {}
        who = OrgPerson(login, cells["given_name"], cells["name"], email or None, places, _attributes(row))
        if before is not None and before != who:
            other = next((name for name in who.attributes if who.attributes[name] != before.attributes[name]), None)
            if replace(who, attributes=before.attributes) != before or other is None:
                wrong.append(row.fault("other_person", login=login, where=at[login].where))
            else:
                wrong.append(row.fault("other_attribute", login=login, column=other, where=at[login].where))
        if before is not None and cells["parent"] in before.departments:
            wrong.append(row.fault("place_twice", login=login, key=cells["parent"]))
        if email and owners.setdefault(email, login) != login:
            wrong.append(row.fault("address_twice", email=email, login=owners[email]))
        if wrong:
            faults += wrong
            continue
        at.setdefault(login, row)
        if cells["parent"]:
            places[cells["parent"]] = ROLES[cells["lead"].lower()]
        found[login] = who
    return found


def _faults_of_person(row: Row, departments: frozenset[str]) -> Iterator[Fault]:
    cells = row.cells
    if not LOGIN.fullmatch(cells["key"]):
        yield row.fault("bad_login", value=cells["key"])
    if not cells["given_name"]:
        yield row.fault("empty_cell", column="given_name")
    if cells["email"] and not EMAIL.fullmatch(cells["email"]):
        yield row.fault("bad_email", value=cells["email"])
    if cells["parent"] and cells["parent"] not in departments:
        yield row.fault("no_department", key=cells["parent"])
    if cells["lead"].lower() not in ROLES:
        yield row.fault("bad_lead", value=cells["lead"])
    elif ROLES[cells["lead"].lower()] != "member" and not cells["parent"]:
        yield row.fault("lead_nowhere")
