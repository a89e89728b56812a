# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One spelling for names that people type in many ways."""

import re
import unicodedata

_NOT_DECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "a", "œ": "o", "\u0131": "i"})
_UMLAUT = re.compile("([aou])e")


def clean(name: str) -> str:
    """A name on one line: single spaces, no control characters and nothing that turns the direction of writing."""
    return "".join(c for c in " ".join(name.split()) if c.isprintable())


def fold(name: str) -> str:
    """A name as search compares it: Müller, Mueller and MULLER are all "muller".

    Case is folded (ß becomes ss), marks are dropped, ae, oe and ue lose their e, white space is single.
    Applied to names and to what is looked for alike, so "Bauer" is still found by "Bauer".
    """
    # decomposing comes first too: some letters (U+1D54A) only then have a case
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", clean(name)).casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c)).translate(_NOT_DECOMPOSED)
    return " ".join(_UMLAUT.sub(r"\1", plain).split())
