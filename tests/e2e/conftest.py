# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One ministry for all end-to-end tests, one browser for each file of them."""

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.e2e.ministry import Ministry
from tests.e2e.office import Office
from tests.e2e.whole_stack import WholeStack
from tests.media.e2e.chromium import chromium

PASSED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def ministry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministry]:
    attributes = '[{"name": "standort", "de": "Standort", "en": "Place of work", "rules": "owners"}]'
    with Ministry(tmp_path_factory.mktemp("ministry"), FACHWERK_IDENTITY__ATTRIBUTES=attributes) as running:
        yield running


@pytest.fixture(scope="session")
def whole_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeStack]:
    """A ministry on the components of production; the first test of it waits about a minute."""
    with WholeStack(tmp_path_factory.mktemp("whole-stack")) as running:
        yield running


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def office(request: pytest.FixtureRequest, browser: Browser, ministry: Ministry) -> AsyncIterator[Office]:
    """Nobody's console may show a fault; what they saw is kept when the test fails."""
    office = Office(browser, ministry)
    yield office
    faults = office.faults()
    if faults or not request.node.stash.get(PASSED, False):
        await office.keep_evidence(request.node.name)
    await office.close()
    assert faults == {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


@pytest.fixture
def big_file(tmp_path: Path) -> Path:
    """200 MiB that do not compress."""
    path = tmp_path / "Gutachten 2026.bin"
    with path.open("wb") as file, Path("/dev/urandom").open("rb") as noise:
        for _ in range(200):
            file.write(noise.read(1 << 20))
    return path
