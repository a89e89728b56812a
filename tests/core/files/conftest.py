# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A depot for each test, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.core.files.depot import Depot, open_depot


@pytest.fixture
async def depot(database_url: str, tmp_path: Path) -> AsyncIterator[Depot]:
    async with open_depot(database_url, tmp_path) as depot:
        yield depot
