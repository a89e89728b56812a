# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings of a directory server that departments and people are read from."""

from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from fachwerk.core.identity import ATTRIBUTES_MAX
from fachwerk.kernel.settings import Folder, Section

AttributeName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]
"""Of an entry (RFC 4512, section 1.4), without options: nothing that could mean something in a filter."""


class Dialect(NamedTuple):
    """How a kind of server calls things. lead: attribute of a department that names its lead by DN."""

    departments: str
    people: str
    login: str
    lead: str | None


DIALECTS = {
    "ad": Dialect(
        "(objectClass=organizationalUnit)",
        # not the machines, which are users there, and not whose account is disabled (bit 2)
        "(&(objectClass=user)(!(objectClass=computer))(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
        "sAMAccountName",
        "managedBy",
    ),
    "openldap": Dialect("(objectClass=organizationalUnit)", "(objectClass=inetOrgPerson)", "uid", None),
}


class LdapSettings(Section):
    """A directory (RFC 4511). What is not said follows from `kind`."""

    url: str | None = Field(default=None, description="ldaps://HOST, or ldap://HOST, which is then made TLS (StartTLS)")
    kind: Literal["ad", "openldap"] = "ad"
    ca_file: Folder | None = Field(default=None, description="PEM; whom to trust instead of the system's authorities")
    bind_dn: str | None = Field(default=None, description="who reads")
    password_file: Folder | None = None
    base: str = Field(default="", description="DN below which departments and people are")
    department_filter: str | None = None
    person_filter: str | None = None
    group: str | None = Field(default=None, description="DN; only people whose memberOf it is")
    department_key: AttributeName = Field(default="ou", description="short name")
    department_name: AttributeName = Field(default="description", description="none there: the short name")
    department_lead: AttributeName | None = Field(default=None, description="DN of who leads it")
    department_deputy: AttributeName | None = Field(default=None, description="DNs of its deputies")
    login: AttributeName | None = None
    given_name: AttributeName = "givenName"
    name: AttributeName = "sn"
    email: AttributeName = "mail"
    place: AttributeName | None = Field(
        default=None, description="of a person: the short names of their departments; none: the one they lie below"
    )
    attributes: dict[str, AttributeName] = Field(
        default={}, max_length=ATTRIBUTES_MAX, description="of a person, by the name of one of identity.attributes"
    )
    page: int = Field(default=500, ge=1, le=1000, description="entries asked for at once; AD gives at most 1000")
    timeout_s: int = Field(default=30, gt=0, description="for one answer")

    @model_validator(mode="after")
    def _complete(self) -> "LdapSettings":
        if self.url is None:
            return self
        parts = urlsplit(self.url)
        if parts.scheme not in {"ldap", "ldaps"} or not parts.hostname or parts.path.strip("/") or parts.username:
            msg = "the url of the directory is ldaps://HOST[:PORT] or ldap://HOST[:PORT]"
            raise ValueError(msg)
        if not (self.base and self.bind_dn and self.password_file):
            msg = "a directory needs base, bind_dn and password_file"
            raise ValueError(msg)
        return self

    @property
    def dialect(self) -> Dialect:
        """The names that hold."""
        usual = DIALECTS[self.kind]
        return Dialect(
            self.department_filter or usual.departments,
            self.person_filter or usual.people,
            self.login or usual.login,
            self.department_lead or usual.lead,
        )
