# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk keys`: the secrets that only this installation knows. None has a default, none is ever printed."""

import secrets
from pathlib import Path

from fachwerk.core.files import make_master_key
from fachwerk.settings import Settings

SECRET_BYTES = 36


def make_keys(settings: Settings) -> list[Path]:
    """Make what the settings name and nobody has made yet. Returns which files those are; existing ones stay."""
    master = settings.files.master_key_file
    media = settings.calls.api_secret_file
    made = [path for path in (master, media) if not path.exists()]
    make_master_key(master)
    make_secret(media, secrets.token_urlsafe(SECRET_BYTES))
    return made


def make_secret(path: Path, value: str) -> None:
    """Write a secret that only its owner can read, unless there is one."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_text(value + "\n")
