# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""File names are data: they never reach a file system of ours, but they reach those of our users."""

import re
import unicodedata
from urllib.parse import quote

NAME_MAX_BYTES = 255
"""Of UTF-8: what common file systems can hold."""

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They make `gpj.exe` look like `exe.jpg` (Unicode TR 36, section 3.1)."""
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])\s*(\..*)?", re.IGNORECASE | re.DOTALL)
"""Devices of Windows, with any ending."""
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS"})
_ATTR_CHARS = "!#$&+-.^_`|~"
"""What RFC 8187, section 3.2.1 leaves as it is, beside letters and digits."""


def normal_name(raw: str) -> str:
    """The name in NFC, without blanks around it. Raises ValueError with a sentence for one that cannot be used."""
    name = unicodedata.normalize("NFC", raw).strip()
    if name in {"", ".", ".."}:
        raise ValueError("a file needs a name")
    if "/" in name or "\\" in name:
        raise ValueError("a name is not a path")
    if any(unicodedata.category(char) in _UNSAFE_CATEGORIES for char in name):
        raise ValueError("control characters are not allowed in a name")
    if not _DIRECTION_MARKS.isdisjoint(name):
        raise ValueError("characters that turn the direction of reading are not allowed in a name")
    if _RESERVED.fullmatch(name):
        raise ValueError("Windows keeps this name for a device")
    if len(name.encode()) > NAME_MAX_BYTES:
        raise ValueError(f"a name has at most {NAME_MAX_BYTES} bytes")
    return name


def content_disposition(kind: str, name: str) -> str:
    """The header's value (RFC 6266), with the name in ASCII for old clients and as it is for all others (RFC 8187)."""
    plain = unicodedata.normalize("NFKD", name.translate(_GERMAN)).encode("ascii", "ignore").decode()
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", plain).strip() or "file"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"
