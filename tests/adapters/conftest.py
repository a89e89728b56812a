# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A ministry whose people are in a real Keycloak."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.ministry import Ministry, open_ministry
from tests.stack.component import Keycloak


@pytest.fixture
async def ministry(tmp_path: Path, database_url: str, keycloak: Keycloak) -> AsyncIterator[Ministry]:
    """A server, its worker, and a realm of this test alone."""
    async with open_ministry(tmp_path, database_url, keycloak) as ministry:
        yield ministry
