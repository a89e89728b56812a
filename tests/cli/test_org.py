# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk org` as an operator says it, with a provider in memory; with a real one in tests/adapters."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from fachwerk.cli import app
from fachwerk.core.identity import GroupThere, GroupWanted, Profile, RealmRefused, Registered
from fachwerk.features.provisioning.execute import leased
from tests.cli.realm import MemoryRealm
from tests.features.provisioning.office import HEAD, open_desk

FILE = (
    "department;A;Abteilung A;;;;\n"
    "person;ada;Körner;Ada;A;ada@ministerium.example;x\n"
    "person;cem;Aydın;Cem;A;cem@ministerium.example;\n"
)
RENAMED = FILE.replace("Abteilung A", "Abteilung Alpha")


@dataclass
class Console:
    """An installation without a server. environment: its settings."""

    environment: dict[str, str]
    realm: MemoryRealm
    folder: Path

    def say(self, *words: str, rows: str | None = FILE) -> Result:
        """rows: of the file that `plan` and `apply` get, if any."""
        (self.folder / "org.csv").write_text(HEAD + (rows or ""))
        file = [str(self.folder / "org.csv")] if words[0] in {"plan", "apply"} and rows is not None else []
        password = [] if words[0] == "history" else ["--admin-password-file", str(self.folder / "password")]
        return CliRunner().invoke(app, ["org", words[0], *file, *password, *words[1:]], env=self.environment)


@pytest.fixture
def console(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Console:
    realm = MemoryRealm()
    (tmp_path / "password").write_text("not asked for")
    monkeypatch.setattr(sys.modules["fachwerk.cli.org"], "KeycloakRealm", lambda _admin, _attributes: realm)
    environment = {
        "FACHWERK_DATABASE_URL": sqlite_url,
        "FACHWERK_IDENTITY__PROVIDER": "oidc",
        "FACHWERK_IDENTITY__ISSUER": "https://login.example/realms/ministry",
        "FACHWERK_IDENTITY__CLIENT_SECRET_FILE": str(tmp_path / "client.secret"),
    }
    return Console(environment, realm, tmp_path)


def test_a_plan_is_shown_for_people_and_for_programs(console: Console) -> None:
    assert console.say("plan").stdout == (
        "+ department A (Abteilung A)\n"
        "+ room of A\n"
        "+ room of announcements of A\n"
        "+ account ada (Ada Körner <ada@ministerium.example>)\n"
        "+ account cem (Cem Aydın <cem@ministerium.example>)\n"
        "+ ada in A as its lead\n"
        "+ cem in A\n"
    )
    first, *_, last = msgspec.json.decode(console.say("plan", "--json").stdout)["steps"]
    assert first["after"].pop("id")
    assert first == {
        "kind": "department", "target": "A", "before": None, "after": {"name": "Abteilung A", "parent": None},
    }  # fmt: skip
    assert last == {"kind": "place", "target": "cem A", "before": None, "after": "member"}
    assert console.realm.calls == []


def test_what_was_done_is_listed_and_taken_back(console: Console) -> None:
    assert console.say("apply").stdout.endswith("done: plan 1, 7 steps\n")
    assert console.say("apply", rows=RENAMED).stdout == (
        "~ department A: Abteilung A is Abteilung Alpha\ndone: plan 2, 1 steps\n"
    )
    assert console.say("undo", "2").stdout == (
        "~ department A: Abteilung Alpha is Abteilung A\ndone: plan 3, 1 steps\n"
    )
    listed = msgspec.json.decode(console.say("history", "--json").stdout)
    assert [(one["number"], one["source"], one["undoes"], one["steps"], one["left"]) for one in listed] == [
        (3, "undo of 2", 2, 1, 0), (2, "org.csv", None, 1, 0), (1, "org.csv", None, 7, 0),
    ]  # fmt: skip
    assert console.say("history").stdout.splitlines()[0].endswith("UTC  1 steps  undo of 2")
    refused = console.say("undo", "7")
    assert (refused.exit_code, refused.output) == (
        1, "there is no plan 7; `fachwerk org history` lists them\nNothing was changed.\n",
    )  # fmt: skip


def test_too_many_removals_stop_with_an_exit_code_of_their_own(console: Console) -> None:
    assert console.say("apply").exit_code == 0
    rows = "".join(line for line in FILE.splitlines(keepends=True) if "cem" not in line)
    for verb in ("plan", "apply"):
        stopped = console.say(verb, "--complete", rows=rows)
        assert stopped.exit_code == 3
        assert stopped.stderr == (
            "this would remove 1 of 2 people, which is more than 5 %\n"
            "this would remove 1 of 2 memberships, which is more than 5 %\n"
            "Nothing was changed. If this is meant, say so with --max-removals PERCENT.\n"
        )
    assert console.realm.found["cem"].enabled
    assert console.say("apply", "--complete", "--max-removals", "50", rows=rows).exit_code == 0
    assert not console.realm.found["cem"].enabled


def test_an_interrupted_apply_is_told_and_finished(console: Console) -> None:
    console.realm.fails_after = 1
    stopped = console.say("apply")
    assert stopped.exit_code == 1
    assert stopped.output.endswith(
        "the sign-in service does not answer\nWhat an apply has done stays; `fachwerk org resume` does the rest.\n"
    )
    console.realm.fails_after = None
    assert "3 left" not in console.say("history").stdout
    assert ", 4 left  org.csv" in console.say("history").stdout
    assert console.say("plan").output.startswith("plan 1 is not finished: ")
    assert console.say("resume").stdout == "done: plan 1, the last 4 steps\n"
    assert console.say("resume").stdout == "nothing to do\n"


def test_another_apply_at_work_is_told(console: Console) -> None:
    async def at_work() -> Result:
        async with open_desk(console.environment["FACHWERK_DATABASE_URL"]) as desk, leased(desk.database, "other"):
            return await asyncio.to_thread(console.say, "apply")

    assert asyncio.run(at_work()).output.endswith("another apply is at work; nothing was done by this one\n")


def test_what_is_said_wrongly_is_told(console: Console) -> None:
    assert console.say("plan", rows=None).output == "say one of a file, --ldap and --keycloak GROUP\n"
    assert console.say("plan", "--ldap").output == "say one of a file, --ldap and --keycloak GROUP\n"
    assert console.say("plan", "--ldap", rows=None).output.startswith("set FACHWERK_LDAP__URL ")
    many = console.say("plan", rows="team;A;x;;;;\n" * 150).output.splitlines()
    assert many[0].endswith("org.csv cannot be used, nothing was changed:")
    assert many[1] == "line 2: kind is 'team' instead of department or person"
    assert many[-1] == "and 50 more"
    console.environment["FACHWERK_IDENTITY__PROVIDER"] = "demo"
    assert console.say("plan").output.startswith("the demo provider's people are fixed")


def test_a_provider_that_refuses_is_told(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> dict[str, GroupWanted]:
        raise RealmRefused("Keycloak refused or does not answer: 401")

    monkeypatch.setattr(console.realm, "groups", refuse)
    assert console.say("plan").output.startswith("Keycloak refused or does not answer: 401\n")


def test_groups_that_are_there_already_are_a_source(console: Console) -> None:
    profile = Profile("ada", "Ada", "Körner", "ada@ministerium.example")
    console.realm.found["ada"] = Registered("s1", profile, enabled=True, departments=frozenset())
    console.realm.trees["/haus"] = [GroupThere("/haus/A", "/haus", "A", "Abteilung A", ("ada",))]
    planned = console.say("plan", "--keycloak", "haus", rows=None)
    assert planned.stdout == (
        "+ department A (Abteilung A)\n+ room of A\n+ room of announcements of A\n+ ada in A\n"
    ), planned.output
    assert console.say("apply", "--keycloak", "/haus/", rows=None).stdout.endswith("done: plan 1, 4 steps\n")
    assert console.say("apply", "--keycloak", "/haus", rows=None).stdout == "nothing to do\n"
    assert [one["source"] for one in msgspec.json.decode(console.say("history", "--json").stdout)] == ["/haus"]

    console.realm.found["ada"] = Registered("s1", Profile("ada", "", "", None), enabled=True, departments=frozenset())
    refused = console.say("plan", "--keycloak", "/haus", rows=None)
    assert refused.exit_code == 1
    assert "the tree of /haus cannot be used, nothing was changed:\naccount ada: name is empty" in refused.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--keycloak", "/nichts"), "there is no group /nichts"),
        (("--keycloak", "/"), "--keycloak needs a group"),
        (("--keycloak", "/haus", "--ldap"), "say one of a file, --ldap and --keycloak GROUP"),
        ((), "say one of a file, --ldap and --keycloak GROUP"),
    ],
)
def test_a_source_is_one_that_is_there(console: Console, words: tuple[str, ...], said: str) -> None:
    refused = console.say("plan", *words, rows=None)
    assert refused.exit_code == 1
    assert said in refused.output
