# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Departments and people of a real slapd."""

import uuid
from pathlib import Path
from typing import Any, Protocol

import pytest
from pydantic import ValidationError

from fachwerk.features.provisioning import LdapRefused, Org, OrgRefused, read_ldap
from fachwerk.features.provisioning.ldap import _people_filter
from fachwerk.features.provisioning.org import OrgDepartment, OrgPerson
from fachwerk.features.provisioning.settings import LdapSettings
from fachwerk.features.provisioning.state import Role
from tests.stack.component import Slapd


class Fill(Protocol):
    def __call__(self, ldif: str, **more: Any) -> LdapSettings: ...


HOUSE = """
dn: ou=A,{base}
objectClass: organizationalUnit
ou: A
description: Abteilung A
seeAlso: uid=cem,cn=a folder,ou=A,{base}

dn: ou=A 1,ou=A,{base}
objectClass: organizationalUnit
ou: A 1
description: Referat A 1
seeAlso: UID=Ada, OU=A 1, OU=A, {base}

dn: uid=ada,ou=A 1,ou=A,{base}
objectClass: inetOrgPerson
uid: Ada
cn: Ada
givenName: Ada
sn: Körner
mail: Ada@ministerium.example
userPassword: secret

dn: cn=a folder,ou=A,{base}
objectClass: applicationProcess
cn: a folder

dn: uid=cem,cn=a folder,ou=A,{base}
objectClass: inetOrgPerson
uid: cem
cn: Cem
givenName: Cem
sn: Aydın

dn: uid=eva,{base}
objectClass: inetOrgPerson
uid: eva
cn: Eva
givenName: Eva
sn: Roth
departmentNumber: A
departmentNumber: A 1
"""


@pytest.fixture
def fill(slapd: Slapd) -> Fill:
    """Put entries below an entry of this test alone; returns the settings to read it with."""

    def fill(ldif: str, **more: Any) -> LdapSettings:
        base = f"o={uuid.uuid4().hex},{slapd.suffix}"
        slapd.add(f"dn: {base}\nobjectClass: organization\no: {base[2:34]}\n{ldif.format(base=base)}")
        return LdapSettings.model_validate(slapd.access(base=base, **more))

    return fill


def person(login: str, given_name: str, name: str, email: str | None = None, **departments: Role) -> OrgPerson:
    return OrgPerson(login, given_name, name, email, {key.replace("_", " "): role for key, role in departments.items()})


def test_where_people_lie_is_where_they_belong(fill: Fill) -> None:
    assert read_ldap(fill(HOUSE, department_deputy="seeAlso")) == Org(
        (OrgDepartment("A", "Abteilung A", None), OrgDepartment("A 1", "Referat A 1", "A")),
        (
            person("cem", "Cem", "Aydın", A="deputy"),
            person("ada", "Ada", "Körner", "ada@ministerium.example", A_1="deputy"),
            person("eva", "Eva", "Roth"),
        ),
    )


def test_who_leads_is_no_deputy_besides(fill: Fill) -> None:
    read = read_ldap(fill(HOUSE, department_lead="seeAlso", department_deputy="seeAlso"))
    assert {who.login: dict(who.departments) for who in read.people if who.departments} == {
        "cem": {"A": "lead"}, "ada": {"A 1": "lead"},
    }  # fmt: skip


def test_an_attribute_can_say_where_people_belong(fill: Fill) -> None:
    read = read_ldap(fill(HOUSE, place="departmentNumber", person_filter="(uid=eva)"))
    assert read.people == (person("eva", "Eva", "Roth", A="member", A_1="member"),)


def test_attributes_of_people_come_from_attributes_of_entries(fill: Fill) -> None:
    settings = fill(HOUSE, attributes={"zimmer": "departmentNumber"}, person_filter="(|(uid=eva)(uid=cem))")
    read = read_ldap(settings)
    assert {who.login: dict(who.attributes) for who in read.people} == {
        "eva": {"zimmer": ("A", "A 1")}, "cem": {"zimmer": ()},
    }  # fmt: skip


def test_active_directory_is_understood_without_further_settings(fill: Fill) -> None:
    ldif = """
dn: ou=A,{base}
objectClass: organizationalUnit
objectClass: extensibleObject
ou: A
managedBy: cn=Ada Körner,ou=A,{base}

dn: cn=Ada Körner,ou=A,{base}
objectClass: user
objectClass: extensibleObject
cn: Ada Körner
instanceType: 4
nTSecurityDescriptor: x
objectCategory: cn=Person
sAMAccountName: Ada.Koerner
userAccountControl: 512
givenName: Ada
sn: Körner
mail: ada@ministerium.example

dn: cn=Cem,ou=A,{base}
objectClass: user
objectClass: extensibleObject
cn: Cem
instanceType: 4
nTSecurityDescriptor: x
objectCategory: cn=Person
sAMAccountName: cem
userAccountControl: 514
givenName: Cem
sn: Aydın

dn: cn=PC1,ou=A,{base}
objectClass: computer
objectClass: extensibleObject
cn: PC1
sn: PC1
instanceType: 4
nTSecurityDescriptor: x
objectCategory: cn=Computer
sAMAccountName: PC1$
userAccountControl: 4096
"""
    assert read_ldap(fill(ldif, kind="ad")) == Org(
        (OrgDepartment("A", "A", None),), (person("ada.koerner", "Ada", "Körner", "ada@ministerium.example", A="lead"),)
    ), "who is disabled is not there, and a machine is nobody"


def test_more_than_the_server_gives_at_once_is_read_by_pages(fill: Fill) -> None:
    people = "".join(
        f"\ndn: uid=p{n},{{base}}\nobjectClass: inetOrgPerson\nuid: p{n}\ncn: P\ngivenName: P\nsn: Q\n"
        for n in range(250)
    )
    settings = fill(people, page=90)
    assert len(read_ldap(settings).people) == 250, "slapd gives 100 at most to who does not page"


@pytest.mark.parametrize("secure", [True, False])
def test_a_certificate_of_somebody_else_is_refused(slapd: Slapd, fill: Fill, tmp_path: Path, *, secure: bool) -> None:
    settings = fill(HOUSE)
    scheme, port = ("ldaps", slapd.port + 1) if secure else ("ldap", slapd.port)
    good = settings.model_copy(update={"url": f"{scheme}://localhost:{port}"})
    assert len(read_ldap(good).people) == 3
    for wrong in (
        {"ca_file": None},
        {"url": f"{scheme}://localhost.localdomain:{port}"},
        {"url": f"{scheme}://127.0.0.2:{port}"},
    ):
        with pytest.raises(LdapRefused, match="refused or does not answer"):
            read_ldap(good.model_copy(update=wrong))


def test_a_wrong_password_and_a_server_that_is_down_are_told(fill: Fill, tmp_path: Path) -> None:
    settings = fill(HOUSE)
    (tmp_path / "wrong").write_text("wrong")
    with pytest.raises(LdapRefused, match="invalidCredentials"):
        read_ldap(settings.model_copy(update={"password_file": tmp_path / "wrong"}))
    with pytest.raises(LdapRefused, match=r"ldap://localhost:1 refused or does not answer"):
        read_ldap(settings.model_copy(update={"url": "ldap://localhost:1"}))
    with pytest.raises(LdapRefused, match="noSuchObject"):
        read_ldap(settings.model_copy(update={"base": "o=nobody,dc=ministerium,dc=example"}))
    with pytest.raises(LdapRefused, match="there is nothing below"):
        read_ldap(settings.model_copy(update={"department_filter": "(ou=Z)", "person_filter": "(uid=nobody)"}))
    with pytest.raises(LdapRefused, match="invalid filter"):
        read_ldap(settings.model_copy(update={"person_filter": "(uid=*"}))


def test_faults_are_told_by_the_entry(fill: Fill) -> None:
    twice = HOUSE + "\ndn: ou=B,{base}\nobjectClass: organizationalUnit\nou: B\nou: A\n"
    nameless = "\ndn: uid=x y,{base}\nobjectClass: inetOrgPerson\nuid: x y\ncn: X\nsn: X\n"
    settings = fill(twice.replace("ou: B\nou: A", "ou: B") + nameless, department_key="st")
    with pytest.raises(OrgRefused) as refused:
        read_ldap(settings)
    assert f"ou=A,{settings.base}: key is empty" in str(refused.value)
    with pytest.raises(OrgRefused) as refused:
        read_ldap(settings.model_copy(update={"department_key": "ou"}))
    assert str(refused.value).splitlines() == [
        f"uid=x y,{settings.base}: 'x y' is no sign-in name: small letters, digits and . _ @ + -",
        f"uid=x y,{settings.base}: given_name is empty",
    ]


def test_a_name_is_no_part_of_a_filter() -> None:
    hostile = LdapSettings(kind="openldap", group="cn=*)(uid=*")
    assert _people_filter(hostile) == "(&(objectClass=inetOrgPerson)(memberOf=cn=\\2a\\29\\28uid=\\2a))"
    for name in ("uid)(a=b", "uid=*", "", "1uid", "uid;binary"):
        with pytest.raises(ValidationError):
            LdapSettings(login=name)


def test_a_directory_without_what_it_needs_is_refused() -> None:
    for wrong in ({"url": "http://x"}, {"url": "ldaps://a/b"}, {"url": "ldaps://a"}):
        with pytest.raises(ValidationError):
            LdapSettings.model_validate(wrong)
