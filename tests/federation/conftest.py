# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Two ministries for all tests of federation; each test has a room of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import async_url
from tests.federation.ministry import Ministry
from tests.federation.talk import Talk, open_room
from tests.stack.component import Postgres, Synapse


@pytest.fixture(scope="session")
def synapses(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[Synapse, Synapse]:
    """Two homeservers below one authority, not yet started: they must know their bridges first."""
    authority = tmp_path_factory.mktemp("authority")
    first, second = (
        Synapse(f"{name}.localhost", postgres.url(f"synapse_{name}"), authority) for name in ("nord", "sued")
    )
    return first, second


@pytest.fixture(scope="session")
async def ministries(
    synapses: tuple[Synapse, Synapse], postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Ministry, Ministry]]:
    """One on SQLite, one on PostgreSQL; both run."""
    folders = [tmp_path_factory.mktemp(key) for key in ("nord", "sued")]
    sqlite = [f"sqlite+aiosqlite:///{folders[0]}/{name}.db" for name in ("fachwerk", "bridge")]
    postgresql = [async_url(postgres.url(postgres.create_database())) for _ in range(2)]
    north = Ministry(folders[0], "nord", synapses[0], *sqlite, "nora", "nils", "claudia.weber")
    south = Ministry(folders[1], "sued", synapses[1], *postgresql, "sara", "sven", "jonas.hartmann")
    north.know(south)
    south.know(north)
    with north.synapse, south.synapse:
        try:
            for ministry in (north, south):
                await ministry.start()
            yield north, south
        finally:
            for ministry in (north, south):
                await ministry.stop()


@pytest.fixture
def north(ministries: tuple[Ministry, Ministry]) -> Ministry:
    return ministries[0]


@pytest.fixture
def south(ministries: tuple[Ministry, Ministry]) -> Ministry:
    return ministries[1]


@pytest.fixture
async def talk(north: Ministry, south: Ministry) -> AsyncIterator[Talk]:
    """A room of Nora's in the north that is open to the south, where it is Sara's."""
    async with open_room(north, south) as talk:
        yield talk
