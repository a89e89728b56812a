# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Fixtures of the media tests."""

from collections.abc import Iterator

import hypothesis
import pytest

from tests.media.e2e.site import Site
from tests.media.process import MediaProcess

hypothesis.settings.register_profile("busy machine", deadline=None)
hypothesis.settings.load_profile("busy machine")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def site() -> Iterator[Site]:
    """A web origin for pages."""
    with Site() as server:
        yield server


@pytest.fixture
def media(site: Site) -> Iterator[MediaProcess]:
    """A media process that pages of the site may use."""
    with MediaProcess(origins=site.origin) as process:
        yield process
