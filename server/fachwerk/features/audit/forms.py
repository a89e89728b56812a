# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Entries as lines of text: JSON, which can be verified again, and syslog (RFC 5424)."""

import re

import msgspec

from fachwerk.kernel.audit import Entry

PRIORITY = 13 * 8 + 5
"""Facility "log audit", severity "notice" (RFC 5424, section 6.2.1)."""
SD_NUMBER = 32473
"""We have no enterprise number of our own; this one stands for those who have none (RFC 5612)."""
HOST_MAX_CHARS, MSGID_MAX_CHARS, NAME_MAX_CHARS = 255, 32, 32
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_NO_NAME = re.compile(r'[^!-~]|[=\]"]')
_NOT_PRINTABLE = re.compile(r"[^!-~]")

_decoder = msgspec.json.Decoder(Entry)


def json_line(entry: Entry) -> bytes:
    """One line of JSON with all that verifying needs, its end included."""
    return msgspec.json.encode(entry) + b"\n"


def read_entry(line: bytes) -> Entry | None:
    """The entry in such a line. None if it is none."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def syslog_line(entry: Entry, host: str) -> bytes:
    """One syslog message without text, its end included; everything is structured data (RFC 5424, section 6)."""
    said = {
        "number": str(entry.number),
        "id": entry.id,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "previous": entry.previous,
        "hash": entry.hash,
    }
    head = f"<{PRIORITY}>1 {_token(entry.at, 64)} {_token(host, HOST_MAX_CHARS)} fachwerk - "
    data = _element("audit", said) + (_element("detail", entry.detail) if entry.detail else "")
    return f"{head}{_token(entry.action, MSGID_MAX_CHARS)} {data}\n".encode(errors="replace")


def _token(value: str, max_chars: int) -> str:
    return _NOT_PRINTABLE.sub("?", value)[:max_chars] or "-"


def _element(name: str, values: dict[str, str]) -> str:
    params = (f' {_name(key)}="{_value(value)}"' for key, value in values.items())
    return f"[{name}@{SD_NUMBER}{''.join(params)}]"


def _name(key: str) -> str:
    return _NO_NAME.sub("_", key)[:NAME_MAX_CHARS] or "_"


def _value(value: str) -> str:
    """Escaped as section 6.3.3 says; no line can end inside."""
    return re.sub(r'(["\\\]])', r"\\\1", _CONTROLS.sub("?", value))
