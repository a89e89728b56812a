# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings of rooms."""

from pydantic import Field

from fachwerk.kernel.settings import Section


class RoomSettings(Section):
    """What holds for places in rooms."""

    longest_place_days: int = Field(
        default=1830, gt=0, le=36_500, description="a place that ends does so within this time; what lasts has no end"
    )
    rule_moves_unasked: int = Field(
        default=50, ge=0, description="a rule that lets more people than this come or go has to be confirmed"
    )
