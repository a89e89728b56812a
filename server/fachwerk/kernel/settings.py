# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What every module's settings are made of. A secret is the path of a file, never a value, and has no default."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


Folder = Annotated[Path, AfterValidator(_absolute)]
"""A path, made absolute when it is read."""


class Section(BaseModel):
    """A group of settings: frozen, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


TOKEN_MIN_CHARS = 32


def machine_token(path: Path, whose: str) -> str:
    """A machine's token from its file. Raises SystemExit with a sentence if it cannot be read or could be guessed."""
    token = secret(path)
    if len(token) < TOKEN_MIN_CHARS or not token.isascii():
        raise SystemExit(f"{whose}'s token needs at least {TOKEN_MIN_CHARS} ASCII characters")
    return token


def secret(path: Path) -> str:
    """The content of a secret's file, without its last line break. Raises SystemExit with a sentence."""
    try:
        text = path.read_text().strip()
    except OSError as error:
        raise SystemExit(f"cannot read the secret {path}: {error.strerror}") from error
    if not text:
        raise SystemExit(f"the secret {path} is empty")
    return text
