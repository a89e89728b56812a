# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings of SCIM. Without a token's file it is off."""

from pydantic import Field

from fachwerk.kernel.settings import Folder, Section, machine_token


class ScimSettings(Section):
    """How the system that pushes people shows who it is."""

    token_file: Folder | None = Field(default=None, description="the pushing system's token; none: SCIM is off")

    def token(self) -> str | None:
        """Its token. Raises SystemExit with a sentence if it cannot be read or could be guessed."""
        return machine_token(self.token_file, "the SCIM client") if self.token_file else None
