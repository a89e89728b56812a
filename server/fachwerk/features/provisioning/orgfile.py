# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The file that describes a house: a table of departments and people, every fault told by its line.

UTF-8 (with or without a byte order mark) or Windows-1252; columns parted by `;` or `,`, named in the first line:

    kind;key;name;given_name;parent;email;lead
    department;A;Abteilung A;;;;
    department;A 1;Referat A 1;;A;;
    person;ada.koerner;Körner;Ada;A 1;ada.koerner@ministerium.example;x

A department's key is its short name; `parent` is the one it belongs to. A person's key is what they sign in
with; `parent` is a department of theirs, `lead` says that they lead it (`x`) or are deputy (`v`). Who belongs to
several has a line for each.
"""

import csv
import io
import re
from collections.abc import Iterator

from .org import CELLS, OPTIONAL, REQUIRED, Fault, Org, OrgRefused, Row, org_of
from .state import Role

FILE_MAX_BYTES = 32 << 20
LINES_MAX = 200_000
LINE_MAX_CHARS = 4_000
FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet would calculate instead of showing it. Written with an apostrophe before it, which is taken off
again when it is read; one that was there already gets a second one."""
UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
"""In Windows-1252 these are pairs such as `Ã¶`, which no name has."""

NOWHERE: list[tuple[str, Role]] = [("", "member")]
"""In place of the departments of somebody who belongs to none."""


def read_org(content: bytes) -> Org:
    """Read a file. Raises OrgRefused with all its faults."""
    faults: list[Fault] = []
    return org_of(list(_rows(content, faults)), faults)


def write_org(org: Org) -> str:
    """The file that asks for this, parted by `;`; `read_org` makes the same of it."""
    to = io.StringIO()
    table = csv.writer(to, delimiter=";", lineterminator="\n")
    table.writerow((*REQUIRED, *OPTIONAL))
    for department in org.departments:
        table.writerow(
            map(_shown, ("department", department.key, department.name, "", department.parent or "", "", ""))
        )
    for who in org.people:
        cells = ("person", who.login, who.name, who.given_name)
        for key, role in who.departments.items() or NOWHERE:
            table.writerow(map(_shown, (*cells, key, who.email or "", CELLS[role])))
    return to.getvalue()


def _shown(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def _meant(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def _refuse(line: int, text: str) -> OrgRefused:
    return OrgRefused([Fault(line, f"line {line}", text)])


def _rows(content: bytes, faults: list[Fault]) -> Iterator[Row]:
    """Rows with all their columns."""
    lines = _lines(_text(content), faults)
    reader = csv.reader(lines, delimiter=";" if lines and ";" in lines[0] else ",", strict=True)
    columns = [cell.strip() for cell in next(reader, [])]
    wrong = [f"the column {name} is missing" for name in REQUIRED if name not in columns]
    wrong += [f"unknown column {name!r}" for name in columns if name not in (*REQUIRED, *OPTIONAL)]
    wrong += [f"the column {name} is there twice" for name in dict.fromkeys(columns) if columns.count(name) > 1]
    if wrong:
        raise OrgRefused([Fault(1, "line 1", text) for text in wrong])
    try:
        for cells in reader:
            line = reader.line_num
            where = f"line {line}"
            if len(cells) == len(columns):
                given = dict(zip(columns, map(_meant, cells), strict=True))
                if any(given.values()):
                    yield Row(line, where, dict.fromkeys(OPTIONAL, "") | given)
            elif any(cell.strip() for cell in cells):
                faults.append(Fault(line, where, f"{len(cells)} columns instead of {len(columns)}"))
    except csv.Error as error:
        faults.append(Fault(reader.line_num, f"line {reader.line_num}", f"this is no table any more: {error}"))


def _lines(text: str, faults: list[Fault]) -> list[str]:
    """Lines as an editor counts them. Those that are too long are told and left empty, so that the others count on."""
    lines = [line.rstrip("\n") for line in io.StringIO(text, newline=None)]
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX_CHARS:
            lines[number - 1] = ""
            faults.append(Fault(number, f"line {number}", f"there are more than {LINE_MAX_CHARS} signs in this line"))
    if len(lines) > LINES_MAX:
        faults.append(Fault(LINES_MAX + 1, f"line {LINES_MAX + 1}", f"there are more than {LINES_MAX} lines"))
    return lines[:LINES_MAX]


def _text(content: bytes) -> str:
    if len(content) > FILE_MAX_BYTES:
        raise _refuse(1, f"the file is larger than {FILE_MAX_BYTES} bytes")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refuse(1, "this is UTF-16; save the file as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
    if UTF8_LETTER.search(content):
        raise _refuse(line, "this is not UTF-8, though other lines are; save the file as UTF-8")
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refuse(line, "this is neither UTF-8 nor Windows-1252; save the file as UTF-8") from error
