# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How names are spelled for searching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk.core.identity import fold


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Müller", "muller"),
        ("MUELLER", "muller"),
        ("Mu\u0308ller", "muller"),
        ("Strauß", "strauss"),
        ("Yıldız", "yildiz"),
        ("Ćosić  Đorđe", "cosic dorde"),
        ("Łukasz", "lukasz"),
        ("Søren\tÆrø", "soren aro"),
        ("Goethe", "gothe"),
        ("Ada\x00\u202e\nLenz", "ada lenz"),
        ("  ", ""),
    ],
)
def test_spellings_of_a_name_are_one(name: str, key: str) -> None:
    assert fold(name) == key


@given(st.text(max_size=20))
def test_a_folded_name_has_single_spaces_and_no_capitals(name: str) -> None:
    key = fold(name)
    assert key == " ".join(key.split())
    assert key == key.lower()
