# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The two people that an investigation needs."""

import pytest

from fachwerk.core import identity
from tests.features.investigations.case import employ
from tests.house import Client, House


@pytest.fixture
async def ivo(house: House) -> Client:
    """Asks."""
    return await employ(house, "ivo", [identity.INVESTIGATOR])


@pytest.fixture
async def gus(house: House) -> Client:
    """Decides."""
    return await employ(house, "gus", [identity.GUARDIAN])
