# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The unmodified livekit-client in Chromium against both media servers, over both generations of signalling."""

from functools import partial

import pytest

from tests.media.e2e.chromium import chromium
from tests.media.e2e.scenario import STEPS, Scenario
from tests.media.e2e.site import Site
from tests.media.process import KEY, SECRET, MediaProcess, access_token
from tests.stack.component import LiveKit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("dual", [0, 1], ids=["single", "dual"])
async def test_all_steps_pass(site: Site, media: MediaProcess, dual: int) -> None:
    async with chromium() as browser:
        scenario = Scenario(browser, site, media.ws, KEY, SECRET, access_token, dual=dual)
        await scenario.run()
        assert len(scenario.passed) == STEPS


@pytest.mark.parametrize("dual", [0, 1], ids=["single", "dual"])
async def test_all_steps_pass_on_livekit(site: Site, livekit: LiveKit, dual: int) -> None:
    key, secret = livekit.credentials
    token = partial(access_token, key=key, secret=secret)
    async with chromium() as browser:
        scenario = Scenario(browser, site, livekit.address, key, secret, token, dual=dual)
        await scenario.run()
        assert len(scenario.passed) == STEPS
