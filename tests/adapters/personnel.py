# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A ministry as its personnel office knows it: the table that it hands in, and the same as entries of a directory."""

import base64
import csv
import io
from typing import NamedTuple

LDAP_LEAD = "seeAlso"
"""Attribute of a department that names its lead."""
GIVEN_NAMES = ("Änne", "Jörg", "Linh", "Cem", "Zoë", "Uwe", "Özlem", "Paul")


class Part(NamedTuple):
    """A department. parent: the short name of the one above it; empty at the top."""

    short: str
    name: str
    parent: str = ""


class Employee(NamedTuple):
    """places: short names of departments. leads: the first of these."""

    login: str
    given_name: str
    name: str
    places: tuple[str, ...]
    leads: bool = False

    @property
    def email(self) -> str:
        return f"{self.login}@ministerium.example"


class Ministry(NamedTuple):
    """parts: those above first."""

    parts: tuple[Part, ...]
    people: tuple[Employee, ...]

    def at(self, short: str) -> list[Employee]:
        """Who belongs to a department itself."""
        return [who for who in self.people if short in who.places]


def ministry(units: int, people: int) -> Ministry:
    """A house, three divisions, and so many units, over which the people are spread evenly; each unit has a lead."""
    divisions = ("I", "II", "III")
    parts = [Part("Haus", "Ministerium für Digitales")]
    parts += [Part(division, f"Abteilung {division} – Grundsätze", "Haus") for division in divisions]
    shorts = [f"{divisions[n % 3]} {n // 3 + 1}" for n in range(units)]
    parts += [Part(short, f"Referat {short}", short.partition(" ")[0]) for short in shorts]
    employees = [
        Employee(f"p{n:04}", GIVEN_NAMES[n % len(GIVEN_NAMES)], f"Müßig-{n:04}", (shorts[n % units],), leads=n < units)
        for n in range(people)
    ]
    return Ministry(tuple(parts), tuple(employees))


def table(house: Ministry) -> bytes:
    """As a spreadsheet of an office writes it: semicolons, Windows-1252."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, delimiter=";")
    rows.writerow(("kind", "key", "name", "given_name", "parent", "email", "lead"))
    rows.writerows(("department", part.short, part.name, "", part.parent, "", "") for part in house.parts)
    for who in house.people:
        for place in who.places:
            lead = "x" if who.leads and place == who.places[0] else ""
            rows.writerow(("person", who.login, who.name, who.given_name, place, who.email, lead))
    return text.getvalue().encode("cp1252")


def entries(house: Ministry, base: str) -> str:
    """As LDIF below an entry: units lie in units, people in their first department; the others are told beside."""
    above = {part.short: part.parent for part in house.parts}

    def dn(short: str) -> str:
        return f"ou={short},{dn(above[short])}" if short else base

    leads = {who.places[0]: who for who in house.people if who.leads}
    units = [
        f"dn: {dn(part.short)}\nobjectClass: organizationalUnit\nou: {part.short}\n"
        + _said("description", part.name)
        + (f"{LDAP_LEAD}: uid={leads[part.short].login},{dn(part.short)}\n" if part.short in leads else "")
        for part in house.parts
    ]
    people = [
        f"dn: uid={who.login},{dn(who.places[0])}\nobjectClass: inetOrgPerson\nuid: {who.login}\ncn: {who.login}\n"
        f"{_said('givenName', who.given_name)}{_said('sn', who.name)}mail: {who.email}\n"
        + "".join(f"departmentNumber: {place}\n" for place in who.places)
        for who in house.people
    ]
    return "\n".join(units + people)


def _said(attribute: str, value: str) -> str:
    """Letters beyond ASCII as the format wants them (RFC 2849)."""
    return f"{attribute}:: {base64.b64encode(value.encode()).decode()}\n"
