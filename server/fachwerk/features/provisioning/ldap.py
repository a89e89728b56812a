# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Departments and people from a directory server (LDAP, RFC 4511): another source of the same statements as a file.

Always over TLS with a certificate that is checked, the password is sent to nobody else (referrals are not followed),
and an answer that breaks off is no answer: half a directory must not look like everybody's leaving.
"""

import ssl
from collections.abc import Iterator
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from ldap3 import NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException, LDAPStartTLSError
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn

from fachwerk.core.identity import values_of
from fachwerk.kernel.settings import secret

from .org import CELLS, OPTIONAL, REQUIRED, Fault, Org, Row, cell_of, org_of
from .settings import LdapSettings
from .state import Role
from .words import say

ENTRIES_MAX = 200_000
CONNECT_S = 10

Dn = tuple[tuple[str, str], ...]
"""A distinguished name to compare: type and value of each part, the nearest first."""


class LdapRefused(Exception):
    """The directory does not answer or will not do it. The text is a sentence for the operator."""


class _Entry(NamedTuple):
    """values: by attribute, in lower case."""

    dn: str
    at: Dn
    values: dict[str, list[str]]

    def first(self, attribute: str | None) -> str:
        """Its first value without blanks around; empty without one."""
        return next((value.strip() for value in self.values.get((attribute or "").lower(), ())), "")


def read_ldap(settings: LdapSettings) -> Org:
    """Read a directory; blocks. Raises LdapRefused, and OrgRefused with all faults of what is in it."""
    chosen, faults = settings.dialect, list[Fault]()
    wanted = [settings.department_key, settings.department_name, chosen.lead, settings.department_deputy]
    with _Directory(settings, faults) as directory:
        departments = directory.search(chosen.departments, wanted)
        personal: list[str | None] = [chosen.login, settings.given_name, settings.name, settings.email, settings.place]
        personal += settings.attributes.values()
        people = directory.search(_people_filter(settings), personal)
    if not departments and not people and not faults:
        raise LdapRefused(f"there is nothing below {settings.base} for {chosen.departments} and {chosen.people}")
    rows = list(_rows(settings, departments, people))
    return org_of(rows, faults)


def _people_filter(settings: LdapSettings) -> str:
    """Filters are the operator's words; a DN is only a value in one (RFC 4515, section 3)."""
    people = settings.dialect.people
    return f"(&{people}(memberOf={escape_filter_chars(settings.group)}))" if settings.group else people


class _CheckedTls(Tls):
    """TLS as the standard library checks it; the library's own check of names relies on what Python has dropped."""

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:  # noqa: FBT001, FBT002 -- its name
        """Speak TLS from now on. Raises OSError for a certificate of somebody else."""
        context = ssl.create_default_context(cafile=self.ca_certs_file)
        host = connection.server.host
        connection.socket = context.wrap_socket(
            connection.socket, server_hostname=host, do_handshake_on_connect=do_handshake
        )


class _Directory:
    """A connection that was signed in. Every method raises LdapRefused."""

    def __init__(self, settings: LdapSettings, faults: list[Fault]) -> None:
        assert settings.url, "asked for by the command"
        assert settings.password_file, "the settings are checked"
        self._settings, self._faults, self._count = settings, faults, 0
        parts = urlsplit(settings.url)
        assert parts.hostname, "the settings are checked"
        self._secure = parts.scheme == "ldaps"
        server = Server(
            parts.hostname,
            port=parts.port or (636 if self._secure else 389),
            use_ssl=self._secure,
            tls=_CheckedTls(ca_certs_file=str(settings.ca_file) if settings.ca_file else None),
            get_info=NONE,
            connect_timeout=CONNECT_S,
        )
        self._connection = Connection(
            server,
            user=settings.bind_dn,
            password=secret(settings.password_file),
            auto_referrals=False,
            raise_exceptions=True,
            receive_timeout=settings.timeout_s,
            read_only=True,
        )

    def __enter__(self) -> Self:
        try:
            self._connection.open(read_server_info=False)
            if not self._secure and not self._connection.start_tls(read_server_info=False):
                raise LDAPStartTLSError("it does not speak TLS")  # and so is told no password
            self._connection.bind(read_server_info=False)
        except (LDAPException, OSError) as error:
            self._connection.strategy.close()
            raise self._refused(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.unbind()

    def search(self, wanted: str, attributes: list[str | None]) -> list[_Entry]:
        """All entries below the base for which the filter holds, by pages (RFC 2696), in order of where they lie."""
        names = [name for name in attributes if name]
        try:
            found = self._connection.extend.standard.paged_search(
                self._settings.base,
                wanted,
                SUBTREE,
                attributes=names,
                paged_size=self._settings.page,
                paged_criticality=True,
                generator=True,
            )
            entries = [entry for answer in found if (entry := self._entry(answer)) is not None]
        except (LDAPException, OSError) as error:
            raise self._refused(error) from error
        return sorted(entries, key=lambda entry: entry.at[::-1])

    def _entry(self, answer: dict[str, Any]) -> _Entry | None:
        if answer["type"] != "searchResEntry":  # a referral to another server, which is not asked
            return None
        self._count += 1
        if self._count > ENTRIES_MAX:
            raise LdapRefused(f"there are more than {ENTRIES_MAX} entries below {self._settings.base}")
        dn = str(answer["dn"])
        try:
            values = {name.lower(): [value.decode() for value in raw] for name, raw in answer["raw_attributes"].items()}
        except UnicodeDecodeError:
            self._faults.append(Fault(self._count, dn, say("not_text")))
            return None
        return _Entry(dn, _dn(dn), values)

    def _refused(self, error: Exception) -> LdapRefused:
        said = str(error) or type(error).__name__
        return LdapRefused(f"the directory {self._settings.url} refused or does not answer: {said}")


def _dn(text: str) -> Dn:
    return tuple((kind.lower(), value.casefold()) for kind, value, _ in parse_dn(text, strip=True))


def _rows(settings: LdapSettings, departments: list[_Entry], people: list[_Entry]) -> Iterator[Row]:
    """The same statements that a file would have: a row for a department, one for each place of a person."""
    at = {entry.at: entry.first(settings.department_key) for entry in departments}
    roles = {place: CELLS[role] for entry in departments for place, role in _roles(settings, entry)}
    for order, entry in enumerate(departments):
        key = entry.first(settings.department_key)
        name = entry.first(settings.department_name) or key
        yield _row(order, entry, kind="department", key=key, name=name, parent=_above(entry.at, at))
    for order, entry in enumerate(people, len(departments)):
        said = [value.strip() for value in entry.values.get((settings.place or "").lower(), ())]
        places = dict.fromkeys(said if settings.place else [_above(entry.at, at)]) or {"": None}
        attributes = {
            name: cell_of(values_of(entry.values.get(there.lower(), ()))) for name, there in settings.attributes.items()
        }
        for place in places:
            yield _row(
                order,
                entry,
                kind="person",
                key=entry.first(settings.dialect.login).lower(),
                name=entry.first(settings.name),
                given_name=entry.first(settings.given_name),
                email=entry.first(settings.email),
                parent=place,
                lead=roles.get((place, entry.at), ""),
                **attributes,
            )


def _roles(settings: LdapSettings, department: _Entry) -> Iterator[tuple[tuple[str, Dn], Role]]:
    """((short name, whose), what they are there) of those whom a department names. Who is both leads it."""
    named: tuple[tuple[Role, str | None], ...] = (
        ("deputy", settings.department_deputy),
        ("lead", settings.dialect.lead),
    )
    for role, attribute in named:
        for dn in department.values.get((attribute or "").lower(), ()):
            yield (department.first(settings.department_key), _dn(dn)), role


def _above(at: Dn, departments: dict[Dn, str]) -> str:
    """The short name of the nearest department that an entry lies below; empty without one."""
    return next((departments[at[up:]] for up in range(1, len(at)) if at[up:] in departments), "")


def _row(order: int, entry: _Entry, **cells: str) -> Row:
    return Row(order, entry.dn, dict.fromkeys((*REQUIRED, *OPTIONAL), "") | cells)
