# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The file of departments and people: what is understood, and how faults are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk.features.provisioning import Org, OrgRefused, read_org, write_org
from fachwerk.features.provisioning.org import FAULTS_SHOWN, OrgDepartment, OrgPerson
from fachwerk.features.provisioning.orgfile import LINE_MAX_CHARS, LINES_MAX

HEAD = "kind;key;name;given_name;parent;email;lead\n"
HOUSE = (
    HEAD + "department;A 1;Referat A 1;;A;;\n"
    "department;A;Abteilung A;;;;\n"
    "person;ada.koerner;Körner;Ada;A 1;Ada.Koerner@ministerium.example;x\n"
    "person;cem;Aydın;Cem;A;;\n"
    "\n"
    "person;ada.koerner;Körner;Ada;A;Ada.Koerner@ministerium.example;V\n"
)


def faults(text: str | bytes) -> list[str]:
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(OrgRefused) as refused:
        read_org(content)
    return str(refused.value).split("\n")


def test_a_house_is_read_parents_first() -> None:
    assert read_org(HOUSE.encode()) == Org(
        (OrgDepartment("A", "Abteilung A", None), OrgDepartment("A 1", "Referat A 1", "A")),
        (
            OrgPerson(
                "ada.koerner", "Ada", "Körner", "ada.koerner@ministerium.example", {"A 1": "lead", "A": "deputy"}
            ),
            OrgPerson("cem", "Cem", "Aydın", None, {"A": "member"}),
        ),
    )


def test_commas_marks_and_other_line_ends_change_nothing() -> None:
    assert read_org(HOUSE.replace(";", ",").encode()) == read_org(HOUSE.encode())
    assert read_org(HOUSE.encode("utf-8-sig")) == read_org(HOUSE.encode())
    assert read_org(HOUSE.replace("\n", "\r\n").encode()) == read_org(HOUSE.encode())


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("department;A;x;;B;;\ndepartment;B;y;;A;;", "line 2: these departments belong to each other in a ring: A, B"),
        ("department;A;x;;A;;", "line 2: these departments belong to each other in a ring: A"),
        ("department;A;x;;;;\ndepartment;A;y;;;;", "line 3: the department A was in line 2 already"),
        ("department;A;x;;B;;", "line 2: there is no department B"),
        ("department;A/1;x;;;;", "line 2: the short name A/1 has a slash"),
        ("department;A;;;;;", "line 2: name is empty"),
        ("team;A;x;;;;", "line 2: kind is 'team' instead of department or person"),
        ("department;A;x", "line 2: 3 columns instead of 7"),
        ("department;A;x\u202ey;;;;", "line 2: name has signs that cannot be printed or more than 200"),
        ("person;ada;K;Ada;Z;;", "line 2: there is no department Z"),
        ("person;Ada K;K;Ada;;;", "line 2: 'Ada K' is no sign-in name: small letters, digits and . _ @ + -"),
        ("person;ada;K;;;;", "line 2: given_name is empty"),
        ("person;ada;K;Ada;;post;", "line 2: 'post' is no e-mail address"),
        ("person;ada;K;Ada;;;y", "line 2: lead is 'y' instead of x, v or nothing"),
        ("person;ada;K;Ada;;;x", "line 2: lead without a department"),
        ("person;ada;K;Ada;;;\nperson;ada;L;Ada;;;", "line 3: ada has another name or address than in line 2"),
        ("person;ada;K;Ada;;a@b.de;\nperson;bea;K;Bea;;A@b.de;", "line 3: the address a@b.de is ada's"),
        ('person;"ada;K;Ada;;;', "line 2: this is no table any more: unexpected end of data"),
    ],
)
def test_a_fault_is_told_by_its_line(rows: str, said: str) -> None:
    assert faults(HEAD + rows + "\n") == [said]


def test_twice_in_the_same_department_is_a_fault() -> None:
    rows = "department;A;x;;;;\nperson;ada;K;Ada;A;;\nperson;ada;K;Ada;A;;\n"
    assert faults(HEAD + rows) == ["line 4: ada was put into A before"]


def test_faults_of_the_whole_file_are_told_together() -> None:
    rows = "department;A;x;;B;;\nteam;A;x;;;;\nperson;ada;K;Ada;Z;;\n"
    assert [line.partition(":")[0] for line in faults(HEAD + rows)] == ["line 2", "line 3", "line 4"]
    many = faults(HEAD + "team;A;x;;;;\n" * (FAULTS_SHOWN + 7))
    assert len(many) == FAULTS_SHOWN


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: the column kind is missing"),
        (b'"', "line 1: this is no table any more: unexpected end of data"),
        (HEAD.encode(), "line 1: there is nothing but the column names"),
        (HEAD.replace("email", "mail").encode(), "line 1: the column email is missing"),
        (HEAD.replace("lead", "lead;lead").encode(), "line 1: the column lead is there twice"),
        (
            HEAD.encode() + "department;A;Büro;;;;\n".encode() + "department;B;Büro;;;;".encode("cp1252"),
            "line 3: this is not UTF-8, though other lines are; save the file as UTF-8",
        ),
        (
            HEAD.encode() + b"department;A;B\xfcro;;;;\ndepartment;B;B\x81ro;;;;",
            "line 3: this is neither UTF-8 nor Windows-1252; save the file as UTF-8",
        ),
        (HEAD.encode("utf-16"), "line 1: this is UTF-16; save the file as UTF-8"),
        (b"\x00" * 100, "line 1: the column kind is missing"),
        (b"x" * (33 << 20), "line 1: the file is larger than 33554432 bytes"),
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes, said: str) -> None:
    assert faults(content)[0] == said


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from(["", *"ABCDE"])), max_size=8))
def test_whatever_belongs_to_whatever_ends_and_parents_come_first(pairs: list[tuple[str, str]]) -> None:
    rows = "".join(f"department;{key};x;;{parent};;\n" for key, parent in pairs)
    parents = dict(pairs)
    sound = bool(pairs) and len(parents) == len(pairs) and all(_ends(key, parents) for key in parents)
    if not sound:
        with pytest.raises(OrgRefused):
            read_org((HEAD + rows).encode())
        return
    seen: set[str | None] = {None}
    for department in read_org((HEAD + rows).encode()).departments:
        assert department.parent in seen
        seen.add(department.key)
    assert len(seen) == len(pairs) + 1


def _ends(key: str, parents: dict[str, str]) -> bool:
    """Whether the way up from a department reaches the top over departments that exist."""
    for _ in parents:
        if key == "":
            return True
        if key not in parents:
            return False
        key = parents[key]
    return key == ""


def test_windows_1252_is_understood() -> None:
    text = HOUSE.replace("Aydın", "Šimić–Øre").replace("ć", "c")
    assert read_org(text.encode("cp1252")) == read_org(text.encode())
    assert read_org(text.encode("cp1252")).people[1].name == "Šimic–Øre"


def test_a_line_of_10_mb_is_told_beside_the_other_faults() -> None:
    long = 'department;A;"' + "x" * (10 << 20) + '";;;;\n'
    assert faults(HEAD + "team;B;x;;;;\n" + long + "department;C;x;;D;;\n") == [
        "line 2: kind is 'team' instead of department or person",
        f"line 3: there are more than {LINE_MAX_CHARS} signs in this line",
        "line 4: there is no department D",
    ]


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(OrgRefused) as refused:
        read_org((HEAD + "department;A;x;;;;\n" * (LINES_MAX + 5)).encode())
    assert refused.value.total == LINES_MAX - 1, "each double, and the first line that is too many"


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x0b", "\x85", "\u2028", "\u202e", "\u200b"])
def test_signs_that_cannot_be_seen_are_told_by_the_line_that_an_editor_shows(sign: str) -> None:
    assert faults(HEAD + f"\r\ndepartment;A;Abtei{sign}lung;;;;\r\n".replace("\r\n", "\n")) == [
        "line 3: name has signs that cannot be printed or more than 200"
    ]


def test_what_a_spreadsheet_would_calculate_is_written_with_an_apostrophe() -> None:
    names = ("=1+1", "+49", "-x", "@SUM(A1)", "'=1", "''=1", "'s", "O'Neill", "x=1")
    people = tuple(OrgPerson(f"p{n}", name, name, None, {}) for n, name in enumerate(names))
    written = write_org(Org((), people))
    assert read_org(written.encode()).people == people
    assert [line.split(";")[2] for line in written.splitlines()[1:]] == [
        "'=1+1", "'+49", "'-x", "'@SUM(A1)", "''=1", "'''=1", "'s", "O'Neill", "x=1",
    ]  # fmt: skip
    for hidden in ("\t=1", "\r=1"):
        assert f"'{hidden}" in write_org(Org((), (OrgPerson("p", hidden, "x", None, {}),)))


TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=20)


@given(TEXT, TEXT)
def test_whatever_can_be_read_is_written_so_that_it_is_read_again(name: str, given_name: str) -> None:
    org = Org((OrgDepartment(name.replace("/", "-"), name, None),), (OrgPerson("a", given_name, name, None, {}),))
    assert read_org(write_org(org).encode()) == org
