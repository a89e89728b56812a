# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Every kind of record has words in the web client."""

import re
from pathlib import Path

from fachwerk.app import MODULES
from fachwerk.features.own_data.service import kinds

TEXTS = Path(__file__).parents[3] / "clients/web/src/features/own-data/texts.ts"


def test_every_kind_has_words_in_both_languages() -> None:
    german, english = TEXTS.read_text().split("\n  en: {")
    for language in (german, english):
        words = re.findall(r"^      (\w+): \"", language, re.MULTILINE)
        assert sorted(words) == sorted(kinds(MODULES))
