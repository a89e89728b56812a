# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who sets policies."""

import pytest

from fachwerk.core import identity
from tests.house import Client, House
from tests.house.house import NAMESPACE


@pytest.fixture
async def ulf(house: House) -> Client:
    """The administrator, of no department."""
    async with house.context.database.work() as work:
        person = await identity.upsert_person(work, NAMESPACE, "ulf", "Ulf", None, [identity.ADMIN])
        house.people["ulf"] = person.id
    return await house.client("ulf")
