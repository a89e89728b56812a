# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk org` against a real Keycloak, as an operator says it."""

import os
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from keycloak import KeycloakAdmin
from typer.testing import CliRunner, Result

from fachwerk.cli import app
from tests.stack.component import Keycloak, Slapd

HEAD = "kind;key;name;given_name;parent;email;lead\n"
FILE = (
    HEAD + "department;A;Abteilung A;;;;\n"
    "department;A 1;Referat A 1;;A;;\n"
    "person;ada;Körner;Ada;A 1;ada@ministerium.example;x\n"
    "person;cem;Aydın;Cem;A 1;cem@ministerium.example;\n"
    "person;cem;Aydın;Cem;A;cem@ministerium.example;\n"
)


@dataclass
class Office:
    """An installation without a server, and the realm of its people."""

    environment: dict[str, str]
    password_file: Path
    realm: KeycloakAdmin
    database: Path
    file: Path

    def say(self, *words: str, content: str = FILE) -> Result:
        """`plan` and `apply` get a file of this content, if any."""
        self.file.write_text(content)
        file = [str(self.file)] if words[0] in {"plan", "apply"} and content else []
        password = [] if words[0] == "history" else ["--admin-password-file", str(self.password_file)]
        return CliRunner().invoke(app, ["org", words[0], *file, *password, *words[1:]], env=self.environment)

    def ask(self, sql: str) -> list[tuple[str, ...]]:
        with sqlite3.connect(self.database) as connection:
            return sorted(connection.execute(sql).fetchall())

    def places(self) -> list[tuple[str, ...]]:
        return self.ask(
            "SELECT p.name, d.short, m.role FROM department_member m "
            "JOIN person p ON p.id = m.person_id JOIN department d ON d.id = m.department_id"
        )

    def groups_of(self, login: str) -> list[str]:
        subject = self.realm.get_user_id(login)
        assert subject
        return sorted(group["path"] for group in self.realm.get_user_groups(subject))


@pytest.fixture
def office(keycloak: Keycloak, sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    name = f"o{uuid.uuid4().hex[:12]}"
    environment = {
        "FACHWERK_DATABASE_URL": sqlite_url,
        "FACHWERK_FILES__MASTER_KEY_FILE": str(tmp_path / "master.key"),
        "FACHWERK_FILES__BLOBS_DIR": str(tmp_path / "blobs"),
        "FACHWERK_CALLS__API_SECRET_FILE": str(tmp_path / "media.secret"),
        "FACHWERK_IDENTITY__PROVIDER": "oidc",
        "FACHWERK_IDENTITY__ISSUER": f"{keycloak.address}/realms/{name}",
        "FACHWERK_IDENTITY__CLIENT_SECRET_FILE": str(tmp_path / "client.secret"),
        "FACHWERK_IDENTITY__ADMIN_CLIENT_SECRET_FILE": str(tmp_path / "directory.secret"),
    }
    setup = ["idp", "setup", "--admin-password-file", str(keycloak.password_file)]
    done = CliRunner().invoke(app, setup, env=environment)
    assert done.exit_code == 0, done.output
    realm = keycloak.realm(name)
    database = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    yield Office(environment, keycloak.password_file, realm, database, tmp_path / "org.csv")
    realm.delete_realm(name)


def test_a_house_is_planned_made_and_then_left_alone(office: Office) -> None:
    planned = office.say("plan")
    assert planned.exit_code == 0, planned.output
    assert "+ account ada (Ada Körner <ada@ministerium.example>)" in planned.stdout
    assert office.ask("SELECT short FROM department") == [], "a plan changes nothing"
    assert office.realm.get_users({}) == []

    done = office.say("apply")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(planned.stdout)
    assert office.places() == [
        ("Ada Körner", "A 1", "lead"), ("Cem Aydın", "A", "member"), ("Cem Aydın", "A 1", "member"),
    ]  # fmt: skip
    assert office.groups_of("cem") == ["/departments/A", "/departments/A/A 1"]
    assert office.ask(
        "SELECT r.name, p.name, m.role FROM member m "
        "JOIN room r ON r.id = m.room_id JOIN person p ON p.id = m.person_id"
    ) == [
        ("Abteilung A", "Cem Aydın", "member"),
        ("Abteilung A – Ankündigungen", "Cem Aydın", "reader"),
        ("Referat A 1", "Ada Körner", "moderator"),
        ("Referat A 1", "Cem Aydın", "member"),
        ("Referat A 1 – Ankündigungen", "Ada Körner", "moderator"),
        ("Referat A 1 – Ankündigungen", "Cem Aydın", "reader"),
    ]

    assert office.say("apply").stdout == "nothing to do\n"
    assert office.say("plan", "--json").stdout == '{"steps":[],"notes":[]}\n'


def test_a_reorganisation_moves_departments_people_and_rooms(office: Office) -> None:
    assert office.say("apply").exit_code == 0
    changed = (
        HEAD + "department;A;Abteilung Alpha;;;;\n"
        "department;A 1;Referat A 1;;;;\n"
        "person;ada;Körner-Roth;Ada;A 1;ada@ministerium.example;\n"
        "person;cem;Aydın;Cem;A;cem@ministerium.example;x\n"
    )
    planned = office.say("plan", "--json", content=changed)
    assert planned.exit_code == 3
    steps = msgspec.json.decode(planned.stdout)["steps"]
    assert [step["kind"] for step in steps] == ["department", "department", "account", "place", "place", "place"]
    refused = office.say("apply", content=changed)
    assert refused.exit_code == 3
    assert "this would remove 1 of 3 memberships, which is more than 5 %" in refused.output
    done = office.say("apply", "--max-removals", "50", content=changed)
    assert done.exit_code == 0, done.output
    assert office.places() == [("Ada Körner-Roth", "A 1", "member"), ("Cem Aydın", "A", "lead")]
    assert office.ask("SELECT name FROM room") == [
        ("Abteilung Alpha",), ("Abteilung Alpha – Ankündigungen",),
        ("Referat A 1",), ("Referat A 1 – Ankündigungen",),
    ]  # fmt: skip
    assert office.groups_of("cem") == ["/departments/A"]
    again = office.say("apply", content=changed)
    assert again.stdout == "nothing to do\n", again.stdout

    undone = office.say("undo", "2")
    assert undone.exit_code == 0, undone.output
    assert office.places() == [
        ("Ada Körner", "A 1", "lead"), ("Cem Aydın", "A", "member"), ("Cem Aydın", "A 1", "member"),
    ]  # fmt: skip
    assert office.groups_of("cem") == ["/departments/A", "/departments/A/A 1"]
    assert office.say("apply").stdout == "nothing to do\n"
    assert [line.split("  ")[-1] for line in office.say("history").stdout.splitlines()] == [
        "undo of 2", "org.csv", "org.csv",
    ]  # fmt: skip


def test_what_was_interrupted_is_finished_by_saying_it_again(office: Office) -> None:
    assert office.say("apply").exit_code == 0
    cem = office.realm.get_user_id("cem")
    assert cem
    office.realm.delete_user(cem)
    done = office.say("apply")
    assert done.exit_code == 0, done.output
    assert "+ account cem (Cem Aydın <cem@ministerium.example>)" in done.stdout
    assert office.groups_of("cem") == ["/departments/A", "/departments/A/A 1"]
    assert office.say("apply").stdout == "nothing to do\n"


def test_a_faulty_file_changes_nothing(office: Office) -> None:
    refused = office.say("apply", content=FILE + "department;B;Abteilung B;;C;;\nperson;ada;Lenz;Ada;;;\n")
    assert refused.exit_code == 1
    assert "line 7: there is no department C" in refused.output
    assert "line 8: ada has another name or address than in line 4" in refused.output
    assert office.ask("SELECT short FROM department") == []
    assert office.realm.get_users({}) == []


def test_a_wrong_password_is_said(office: Office, tmp_path: Path) -> None:
    office.password_file = tmp_path / "wrong"
    office.password_file.write_text("wrong")
    refused = office.say("plan")
    assert refused.exit_code == 1
    assert refused.output.startswith("Keycloak refused or does not answer: ")


def test_what_is_exported_asks_for_nothing(office: Office, tmp_path: Path) -> None:
    assert office.say("apply").exit_code == 0
    written = tmp_path / "written.csv"
    said = office.say("export", str(written))
    assert said.output.startswith("2 departments and 2 people are in ")
    assert office.say("plan", "--complete", content=written.read_text("utf-8-sig")).stdout == "nothing to do\n"


def test_who_is_not_in_a_complete_file_is_disabled_and_comes_back_by_undo(office: Office) -> None:
    assert office.say("apply").exit_code == 0
    rest = "".join(line for line in FILE.splitlines(keepends=True) if ";cem;" not in line)
    assert office.say("plan", "--complete", content=rest).exit_code == 3
    done = office.say("apply", "--complete", "--max-removals", "100", content=rest)
    assert done.exit_code == 0, done.output
    assert office.realm.get_user(office.realm.get_user_id("cem") or "")["enabled"] is False
    assert office.groups_of("cem") == []
    assert office.ask("SELECT name FROM person WHERE NOT active") == [("Cem Aydın",)]
    assert office.say("apply", "--complete", content=rest).stdout == "nothing to do\n"
    assert office.say("undo", "2").exit_code == 0
    assert office.groups_of("cem") == ["/departments/A", "/departments/A/A 1"]
    assert office.ask("SELECT name FROM person WHERE NOT active") == []
    assert office.say("undo", "1").exit_code == 0
    assert office.realm.get_users({}) == []
    assert office.ask("SELECT short FROM department") == []


def test_an_address_is_taken_away_by_undo_alone(office: Office) -> None:
    assert office.say("apply", content=FILE.replace("cem@ministerium.example", "")).exit_code == 0
    assert office.say("apply").exit_code == 0
    assert office.say("undo", "2").exit_code == 0
    assert "email" not in office.realm.get_user(office.realm.get_user_id("cem") or "")


def test_a_house_comes_from_a_directory(office: Office, slapd: Slapd) -> None:
    base = f"o={uuid.uuid4().hex},{slapd.suffix}"
    slapd.add(
        f"dn: {base}\nobjectClass: organization\no: {base[2:34]}\n\n"
        f"dn: ou=A,{base}\nobjectClass: organizationalUnit\nou: A\ndescription: Abteilung A\n\n"
        f"dn: uid=ada,ou=A,{base}\nobjectClass: inetOrgPerson\nuid: ada\ncn: Ada\ngivenName: Ada\nsn: Roth\n"
    )
    office.environment |= {
        f"FACHWERK_LDAP__{name.upper()}": str(value) for name, value in slapd.access(base=base).items()
    }
    assert "say one of a file, --ldap and --keycloak GROUP" in office.say("plan", "--ldap").output
    done = office.say("apply", "--ldap", content="")
    assert done.exit_code == 0, done.output
    assert office.places() == [("Ada Roth", "A", "member")]
    assert office.say("plan", "--ldap", "--complete", content="").stdout == "nothing to do\n"
    slapd.clear(f"uid=ada,ou=A,{base}")
    assert office.say("apply", "--ldap", "--complete", content="").exit_code == 3
    assert office.places() == [("Ada Roth", "A", "member")]


@pytest.mark.parametrize("root", ["haus", "departments"])
def test_groups_that_somebody_made_become_departments(office: Office, root: str) -> None:
    """Also those below our own group, which are then the departments' groups themselves."""
    realm = office.realm
    top = realm.get_group_by_path("/departments")["id"] if root == "departments" else realm.create_group({"name": root})
    upper = realm.create_group({"name": "A", "description": "Abteilung A"}, parent=top)
    lower = realm.create_group({"name": "A 1"}, parent=upper)
    assert lower
    words = {"username": "ada", "firstName": "Ada", "lastName": "Roth", "enabled": True}
    realm.group_user_add(realm.create_user(words), lower)
    realm.create_user({"username": "fremd", "enabled": True})

    done = office.say("apply", "--keycloak", f"/{root}", content="")
    assert done.exit_code == 0, done.output
    assert office.ask("SELECT short, name FROM department") == [("A", "Abteilung A"), ("A 1", "A 1")]
    assert office.places() == [("Ada Roth", "A 1", "member")]
    assert office.groups_of("ada") == sorted({"/departments/A/A 1", f"/{root}/A/A 1"})
    assert office.say("plan", "--keycloak", f"/{root}", content="").stdout == "nothing to do\n"
    absent = office.say("plan", "--keycloak", "/nichts", content="")
    assert absent.exit_code == 1
    assert "Keycloak has no group /nichts" in absent.output


@pytest.mark.parametrize("after", [0, 2])
def test_an_apply_that_is_killed_is_finished_by_resume(office: Office, after: int) -> None:
    """after: so many batches are done when it is killed, wherever it is in the next one."""
    people = "".join(f"person;p{n};Probe;P;A;;\n" for n in range(60))
    office.file.write_text(FILE + people)
    words = ["org", "apply", str(office.file), "--admin-password-file", str(office.password_file)]
    with subprocess.Popen(
        [sys.executable, "-m", "fachwerk", *words],
        env=os.environ | office.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as apply:
        assert apply.stdout
        assert apply.stderr
        assert apply.stdout.readline().startswith("+ department A")
        for _ in range(after):
            assert apply.stderr.readline().endswith("steps\n")
        while not after and not office.ask("SELECT number FROM provisioning_plan"):
            time.sleep(0.02)
        apply.kill()
    assert office.ask("SELECT number FROM provisioning_plan WHERE ended_ms IS NULL")
    refused = office.say("apply")
    assert "plan 1 is not finished" in refused.output
    resumed = office.say("resume")
    assert resumed.exit_code == 0, resumed.output
    assert resumed.stdout.startswith("done: plan 1, the last ")
    assert office.say("plan", content=FILE + people).stdout == "nothing to do\n"
    assert len(office.ask("SELECT room_id FROM member")) == 2 * 63, "the room of each place, and that of announcements"
    assert office.say("resume").stdout == "nothing to do\n"
