# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Every act that the server notes has words in the web client."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
NOTED = re.compile(r'work\.audit\(\s*[^,()]+(?:\([^()]*\))?,\s*"([a-z_]+\.[a-z_]+)"')


def test_every_act_has_words_in_both_languages() -> None:
    sources = [path.read_text() for path in (ROOT / "server/fachwerk").rglob("*.py")]
    noted = {action for source in sources for action in NOTED.findall(source)}
    assert sum(len(NOTED.findall(source)) for source in sources) == sum(
        source.count("work.audit(") for source in sources
    )
    texts = (ROOT / "clients/web/src/features/audit/texts.ts").read_text()
    for language in texts.split("\n  en: {"):
        assert noted - set(re.findall(r'^      "([a-z_.]+)": "', language, re.MULTILINE)) == set()
