# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings of what an installation says of itself."""

from pydantic import Field

from fachwerk.kernel.settings import Section


class AboutSettings(Section):
    """The name on the door."""

    ministry: str = Field(default="Ministerium für Digitales", description="the name people see")
