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

A column that is named like an attribute of people that is taken over (settings) has their values, parted by `|`.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator

from .org import CELLS, OPTIONAL, REQUIRED, Fault, Org, OrgRefused, Row, cell_of, org_of
from .state import Role
from .words import SentenceName, say

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


def read_org(content: bytes, attributes: Collection[str] = ()) -> Org:
    """Read a file. attributes: what may have columns beside the usual ones. Raises OrgRefused with all its faults."""
    faults: list[Fault] = []
    return org_of(list(_rows(content, attributes, faults)), faults)


def write_org(org: Org) -> str:
    """The file that asks for this, parted by `;`; `read_org` makes the same of it."""
    to = io.StringIO()
    table = csv.writer(to, delimiter=";", lineterminator="\n")
    attributes = sorted({name for who in org.people for name in who.attributes})
    table.writerow((*REQUIRED, *OPTIONAL, *attributes))
    none = ("",) * len(attributes)
    for department in org.departments:
        table.writerow(
            map(_shown, ("department", department.key, department.name, "", department.parent or "", "", "", *none))
        )
    for who in org.people:
        cells = ("person", who.login, who.name, who.given_name)
        has = [cell_of(who.attributes.get(name, ())) for name in attributes]
        for key, role in who.departments.items() or NOWHERE:
            table.writerow(map(_shown, (*cells, key, who.email or "", CELLS[role], *has)))
    return to.getvalue()


def _shown(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def _meant(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def _fault(line: int, name: SentenceName, **about: object) -> Fault:
    return Fault(line, f"line {line}", say(name, **about))


def _rows(content: bytes, attributes: Collection[str], faults: list[Fault]) -> Iterator[Row]:
    """Rows with all their columns."""
    lines = _lines(_text(content), faults)
    reader = csv.reader(lines, delimiter=";" if lines and ";" in lines[0] else ",", strict=True)
    try:
        columns = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise OrgRefused([_fault(1, "no_table", error=error)]) from error
    doubles = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    wrong = [_fault(1, "column_missing", column=name) for name in REQUIRED if name not in columns]
    known = (*REQUIRED, *OPTIONAL, *attributes)
    wrong += [_fault(1, "column_unknown", column=name) for name in columns if name not in known]
    wrong += [_fault(1, "column_twice", column=name) for name in doubles]
    if wrong:
        raise OrgRefused(wrong)
    try:
        for cells in reader:
            line = reader.line_num
            if len(cells) == len(columns):
                given = dict(zip(columns, map(_meant, cells), strict=True))
                if any(given.values()):
                    yield Row(line, f"line {line}", dict.fromkeys(OPTIONAL, "") | given)
            elif any(cell.strip() for cell in cells):
                faults.append(_fault(line, "wrong_columns", count=len(cells), wanted=len(columns)))
    except csv.Error as error:
        faults.append(_fault(reader.line_num, "no_table", error=error))


def _lines(text: str, faults: list[Fault]) -> list[str]:
    """Lines as an editor counts them. Those that are too long are told and left empty, so that the others count on."""
    lines = [line.rstrip("\n") for line in io.StringIO(text, newline=None)]
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX_CHARS:
            lines[number - 1] = ""
            faults.append(_fault(number, "too_long", limit=LINE_MAX_CHARS))
    if len(lines) > LINES_MAX:
        faults.append(_fault(LINES_MAX + 1, "too_many_lines", limit=LINES_MAX))
    return lines[:LINES_MAX]


def _text(content: bytes) -> str:
    if len(content) > FILE_MAX_BYTES:
        raise OrgRefused([_fault(1, "too_large", limit=FILE_MAX_BYTES)])
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise OrgRefused([_fault(1, "encoding_utf16")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
    if UTF8_LETTER.search(content):
        raise OrgRefused([_fault(line, "encoding_mixed")])
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise OrgRefused([_fault(line, "encoding_unknown")]) from error
