# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is said about sources and plans. Each sentence has a name, so that a client says it in its own language.

The words here are the command line's.
"""

from typing import Literal

import msgspec

SentenceName = Literal[
    "address_ring",
    "address_taken",
    "address_twice",
    "bad_attribute",
    "bad_cell",
    "bad_email",
    "bad_kind",
    "bad_lead",
    "bad_login",
    "changed",
    "column_missing",
    "column_twice",
    "column_unknown",
    "department_twice",
    "disabled",
    "empty_cell",
    "empty_file",
    "encoding_mixed",
    "encoding_unknown",
    "encoding_utf16",
    "lead_nowhere",
    "left_alone_departments",
    "left_alone_people",
    "left_out",
    "no_department",
    "no_plan",
    "no_table",
    "not_text",
    "other_attribute",
    "other_issuer",
    "other_person",
    "place_twice",
    "refused",
    "removes_attributes",
    "removes_departments",
    "removes_memberships",
    "removes_people",
    "ring",
    "slash",
    "too_large",
    "too_long",
    "too_many_lines",
    "unfinished",
    "wrong_columns",
]

SENTENCES: dict[SentenceName, str] = {
    "address_ring": "these exchange their addresses, which takes two files, one after the other: {logins}",
    "address_taken": "the address {email} of {login} is that of the account {owner}",
    "address_twice": "the address {email} is {login}'s",
    "bad_attribute": "{column} has more than {most} values, or one of more than {limit} signs",
    "bad_cell": "{column} has signs that cannot be printed or more than {limit}",
    "bad_email": "{value!r} is no e-mail address",
    "bad_kind": "kind is {value!r} instead of department or person",
    "bad_lead": "lead is {value!r} instead of x, v or nothing",
    "bad_login": "{value!r} is no sign-in name: small letters, digits and . _ @ + -",
    "changed": "has changed since: {step}",
    "column_missing": "the column {column} is missing",
    "column_twice": "the column {column} is there twice",
    "column_unknown": "unknown column {column!r}",
    "department_twice": "the department {key} was in {where} already",
    "disabled": "{login} is disabled in the sign-in service and stays so",
    "empty_cell": "{column} is empty",
    "empty_file": "there is nothing but the column names",
    "encoding_mixed": "this is not UTF-8, though other lines are; save the file as UTF-8",
    "encoding_unknown": "this is neither UTF-8 nor Windows-1252; save the file as UTF-8",
    "encoding_utf16": "this is UTF-16; save the file as UTF-8",
    "lead_nowhere": "lead without a department",
    "left_alone_departments": "{count} departments are not named and stay as they are (--complete removes them)",
    "left_alone_people": "{count} people are not named and stay as they are (--complete removes them)",
    "left_out": "{login} cannot sign in and is left out",
    "no_department": "there is no department {key}",
    "no_plan": "there is no plan {number}; `fachwerk org history` lists them",
    "no_table": "this is no table any more: {error}",
    "not_text": "an attribute is no text",
    "other_attribute": "{login} has another {column} than in {where}",
    "other_issuer": "plan {number} was for the people of {issuer}",
    "other_person": "{login} has another name or address than in {where}",
    "place_twice": "{login} was put into {key} before",
    "refused": "{text}",
    "removes_attributes": "this would remove {lost} of {total} attributes of people, which is more than {percent} %",
    "removes_departments": "this would remove {lost} of {total} departments, which is more than {percent} %",
    "removes_memberships": "this would remove {lost} of {total} memberships, which is more than {percent} %",
    "removes_people": "this would remove {lost} of {total} people, which is more than {percent} %",
    "ring": "these departments belong to each other in a ring: {keys}",
    "slash": "the short name {key} has a slash",
    "too_large": "the file is larger than {limit} bytes",
    "too_long": "there are more than {limit} signs in this line",
    "too_many_lines": "there are more than {limit} lines",
    "unfinished": (
        "plan {number} is not finished: `fachwerk org resume` does the rest, `fachwerk org undo {number}` takes it back"
    ),
    "wrong_columns": "{count} columns instead of {wanted}",
}


class Sentence(msgspec.Struct, frozen=True):
    """about: what fills it; short names, logins, addresses, numbers."""

    name: SentenceName
    about: dict[str, str]

    def __str__(self) -> str:
        return SENTENCES[self.name].format(**self.about)


def say(name: SentenceName, **about: object) -> Sentence:
    """A sentence about these."""
    return Sentence(name, {key: str(value) for key, value in about.items()})
