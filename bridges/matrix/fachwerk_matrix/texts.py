# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the bridge itself says in a room, in the language of the house."""

MB = 1_000_000


def file_too_large(name: str, size_bytes: int) -> str:
    """A file that is not carried is named."""
    return f"[Die Datei „{name}“ ({size_bytes / MB:.0f} MB) ist zu groß für die Übertragung.]"


def file_unreachable(name: str) -> str:
    """A file that could not be had."""
    return f"[Die Datei „{name}“ konnte nicht übertragen werden.]"


TEXT_FILE = "Nachricht.txt"
"""Holds the whole of a text that is too long for a message."""
