# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Every policy and each of its values has words in the web client: where it is set, where it refuses, in the trail."""

import re
from pathlib import Path

import pytest

from fachwerk.app import MODULES
from fachwerk.core.policies import known
from fachwerk.core.policies.service import INHERITED
from fachwerk.kernel.module import DepartmentPolicy

WEB = Path(__file__).parents[3] / "clients/web/src"
KINDS = known(MODULES)


def languages(path: str) -> list[str]:
    texts = (WEB / path).read_text()
    return texts.split("\n  en: {") if "\n  en: {" in texts else [texts]


def test_policies_have_names_of_their_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS) >= 2


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_policy_has_words_in_both_languages(kind: DepartmentPolicy) -> None:
    for words in languages("features/admin/policies.ts"):
        own = re.search(rf"^      {kind.name}: {{\n.*?^        values: {{(.*?)}}", words, re.MULTILINE | re.DOTALL)
        assert own
        assert re.findall(r"(\w+): \"", own[1]) == list(kind.values)
    for words in (*languages("state/texts/de.ts"), *languages("state/texts/en.ts")):
        said = words.split("policy_says: {")[1].split("\n  },")[0]
        assert f"\n    {kind.name}: (" in said
    for words in languages("features/audit/texts.ts"):
        values = re.findall(r"^      (\w+): \"", words.split("    values: {")[1], re.MULTILINE)
        assert {kind.name, INHERITED, *kind.values} <= set(values)
