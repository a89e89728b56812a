# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings of investigations."""

from pydantic import Field

from fachwerk.kernel.settings import Section


class InvestigationSettings(Section):
    """How far an investigation may go. Who takes part in one is said by two roles of the installation."""

    max_hours: int = Field(default=72, ge=1, le=336, description="an approved one is open for so long at most")
    max_days: int = Field(default=92, ge=1, le=366, description="and its range has so many days at most")
    tell_after_days: int = Field(
        default=0, ge=0, le=180, description="the person is told so long after its end, for a procedure that is running"
    )
