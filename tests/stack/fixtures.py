# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Components as fixtures, one instance a session; one that does not start fails the tests that ask for it."""

from collections.abc import Iterator

import pytest

from tests.stack.component import Keycloak, LiveKit, Nats, Postgres, Slapd
from tests.stack.object_store import ObjectStore


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for all tests of the session; data is thrown away, so nothing is synced to disk."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """Name of the database that every test's own one is a copy of: the empty one, unless overridden."""
    return "template1"


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """Address (postgresql://...) of a database that belongs to this test alone."""
    name = postgres.create_database(postgres_template)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def nats() -> Iterator[Nats]:
    """A NATS server for all tests of the session; each talks under a subject of its own. Whoever stops it starts it."""
    with Nats() as server:
        yield server


@pytest.fixture(scope="session")
def keycloak() -> Iterator[Keycloak]:
    """A Keycloak for all tests of the session; each makes a realm of its own."""
    with Keycloak() as server:
        yield server


@pytest.fixture(scope="session")
def slapd() -> Iterator[Slapd]:
    """An LDAP server for all tests of the session; each keeps its entries below an entry of its own."""
    with Slapd() as server:
        yield server


@pytest.fixture(scope="session")
def minio() -> Iterator[ObjectStore]:
    """A MinIO for all tests of the session."""
    with ObjectStore("minio") as server:
        yield server


@pytest.fixture(scope="session")
def versitygw() -> Iterator[ObjectStore]:
    """An S3 server of another make."""
    with ObjectStore("versitygw") as server:
        yield server


@pytest.fixture(params=["minio", "versitygw"])
def object_store(request: pytest.FixtureRequest) -> ObjectStore:
    """Each of them in turn. Whoever stops it starts it again."""
    server: ObjectStore = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def livekit() -> Iterator[LiveKit]:
    """A LiveKit server of this test alone; it starts in no time."""
    with LiveKit() as server:
        yield server
