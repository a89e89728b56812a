# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The file that describes a house: a table of departments and people, every fault told by its line.

UTF-8, with or without a byte order mark; columns parted by `;` or `,`, named in the first line:

    kind;key;name;given_name;parent;email;lead
    department;A;Abteilung A;;;;
    department;A 1;Referat A 1;;A;;
    person;ada.koerner;Körner;Ada;A 1;ada.koerner@ministerium.example;x

A department's key is its short name; `parent` is the one it belongs to. A person's key is what they sign in
with; `parent` is a department of theirs, `lead` says that they lead it. Who belongs to several has a line for each.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

FILE_MAX_BYTES = 32 << 20
LINES_MAX = 200_000
FAULTS_SHOWN = 100
"""More are only counted: the first ones are usually the cause of the others."""
CELL_MAX_CHARS = 200
REQUIRED = ("kind", "key", "name", "given_name", "parent", "email")
OPTIONAL = ("lead",)
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+")
YES, NO = frozenset({"x", "1", "ja", "yes"}), frozenset({"", "0", "nein", "no"})


class Fault(NamedTuple):
    """line: as an editor counts them."""

    line: int
    text: str


class OrgFileRefused(Exception):
    """The file cannot be used; nothing was changed. faults: in order of their lines. total: how many there are."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(f"line {line}: {text}" for line, text in faults[:FAULTS_SHOWN]))
        self.faults, self.total = tuple(faults[:FAULTS_SHOWN]), len(faults)


@dataclass(frozen=True, slots=True)
class OrgDepartment:
    """key: the short name. parent: another key."""

    key: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class OrgPerson:
    """departments: by key, whether they lead it."""

    login: str
    given_name: str
    name: str
    email: str | None
    departments: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Org:
    """What a file asks for. departments: each after the one that it belongs to."""

    departments: tuple[OrgDepartment, ...]
    people: tuple[OrgPerson, ...]


class _Row(NamedTuple):
    line: int
    cells: dict[str, str]


def read_org(content: bytes) -> Org:
    """Read a file. Raises OrgFileRefused with all its faults."""
    faults: list[Fault] = []
    rows = list(_rows(content, faults))
    departments = _departments([row for row in rows if row.cells["kind"] == "department"], faults)
    people = _people([row for row in rows if row.cells["kind"] == "person"], frozenset(departments), faults)
    if not rows and not faults:
        faults.append(Fault(1, "there is nothing but the column names"))
    if faults:
        raise OrgFileRefused(sorted(faults))
    return Org(_parents_first(departments), tuple(people.values()))


def _rows(content: bytes, faults: list[Fault]) -> Iterator[_Row]:
    """Rows of a known kind with all their cells, clean and of a sound length."""
    if len(content) > FILE_MAX_BYTES:
        raise OrgFileRefused([Fault(1, f"the file is larger than {FILE_MAX_BYTES} bytes")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise OrgFileRefused([Fault(line, "this is not UTF-8; save the file as UTF-8")]) from error
    first, _, _ = text.partition("\n")
    reader = csv.reader(text.splitlines(), delimiter=";" if ";" in first else ",", strict=True)
    columns = [cell.strip() for cell in next(reader, [])]
    wrong = [f"the column {name} is missing" for name in REQUIRED if name not in columns]
    wrong += [f"unknown column {name!r}" for name in columns if name not in (*REQUIRED, *OPTIONAL)]
    wrong += [f"the column {name} is there twice" for name in set(columns) if columns.count(name) > 1]
    if wrong:
        raise OrgFileRefused([Fault(1, text) for text in wrong])
    try:
        for cells in reader:
            if reader.line_num > LINES_MAX:
                faults.append(Fault(reader.line_num, f"there are more than {LINES_MAX} lines"))
                return
            if any(cell.strip() for cell in cells) and (row := _row(reader.line_num, columns, cells, faults)):
                yield row
    except csv.Error as error:
        faults.append(Fault(reader.line_num, f"this is no table any more: {error}"))


def _row(line: int, columns: list[str], cells: list[str], faults: list[Fault]) -> _Row | None:
    if len(cells) != len(columns):
        faults.append(Fault(line, f"{len(cells)} columns instead of {len(columns)}"))
        return None
    named = dict.fromkeys(OPTIONAL, "") | dict(zip(columns, (cell.strip() for cell in cells), strict=True))
    wrong = [
        Fault(line, f"{name} has signs that cannot be printed or more than {CELL_MAX_CHARS}")
        for name, cell in named.items()
        if not cell.isprintable() or len(cell) > CELL_MAX_CHARS
    ]
    if named["kind"] not in {"department", "person"}:
        wrong.append(Fault(line, f"kind is {named['kind']!r} instead of department or person"))
    wrong += [Fault(line, f"{name} is empty") for name in ("key", "name") if not named[name]]
    faults += wrong
    return None if wrong else _Row(line, named)


# ---- departments


def _departments(rows: list[_Row], faults: list[Fault]) -> dict[str, OrgDepartment]:
    found: dict[str, OrgDepartment] = {}
    lines: dict[str, int] = {}
    for line, cells in rows:
        key = cells["key"]
        if "/" in key:
            faults.append(Fault(line, f"the short name {key} has a slash"))
        if key in found:
            faults.append(Fault(line, f"the department {key} was in line {lines[key]} already"))
            continue
        found[key], lines[key] = OrgDepartment(key, cells["name"], cells["parent"] or None), line
    for key, department in found.items():
        if department.parent is not None and department.parent not in found:
            faults.append(Fault(lines[key], f"there is no department {department.parent}"))
    for ring in _rings(found):
        at = min(ring, key=lines.__getitem__)
        faults.append(Fault(lines[at], "these departments belong to each other in a ring: " + ", ".join(ring)))
    return found


def _rings(found: Mapping[str, OrgDepartment]) -> Iterator[list[str]]:
    done: set[str] = set()
    for start in found:
        path: list[str] = []
        here = start
        while here in found and here not in done and here not in path:
            path.append(here)
            here = found[here].parent or ""
        if here in path:
            yield path[path.index(here) :]
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


def _people(rows: list[_Row], departments: frozenset[str], faults: list[Fault]) -> dict[str, OrgPerson]:
    found: dict[str, OrgPerson] = {}
    lines: dict[str, int] = {}
    owners: dict[str, str] = {}
    for line, cells in rows:
        wrong = list(_faults_of_person(cells, departments))
        login, email = cells["key"], cells["email"].lower()
        before = found.get(login)
        who = OrgPerson(
            login, cells["given_name"], cells["name"], email or None, dict(before.departments) if before else {}
        )
        if before is not None and before != who:
            wrong.append(f"{login} has another name or address than in line {lines[login]}")
        if before is not None and cells["parent"] in before.departments:
            wrong.append(f"{login} was put into {cells['parent']} before")
        if email and owners.setdefault(email, login) != login:
            wrong.append(f"the address {email} is {owners[email]}'s")
        if wrong:
            faults += [Fault(line, text) for text in wrong]
            continue
        lines.setdefault(login, line)
        places = dict(who.departments)
        if cells["parent"]:
            places[cells["parent"]] = cells["lead"].lower() in YES
        found[login] = OrgPerson(who.login, who.given_name, who.name, who.email, places)
    return found


def _faults_of_person(cells: Mapping[str, str], departments: frozenset[str]) -> Iterator[str]:
    if not LOGIN.fullmatch(cells["key"]):
        yield f"{cells['key']!r} is no sign-in name: small letters, digits and . _ @ + -"
    if not cells["given_name"]:
        yield "given_name is empty"
    if cells["email"] and not EMAIL.fullmatch(cells["email"]):
        yield f"{cells['email']!r} is no e-mail address"
    if cells["parent"] and cells["parent"] not in departments:
        yield f"there is no department {cells['parent']}"
    if cells["lead"].lower() not in YES | NO:
        yield f"lead is {cells['lead']!r} instead of x or nothing"
    if cells["lead"].lower() in YES and not cells["parent"]:
        yield "lead without a department"
