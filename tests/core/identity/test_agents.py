# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is kept of a User-Agent."""

import pytest
from hypothesis import given
from hypothesis.strategies import text

from fachwerk.core.identity.agents import BROWSERS, SYSTEMS, agent_of

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (f"{WINDOWS} {WEBKIT} Chrome/130.0.0.0 Safari/537.36", ("Chrome", "Windows")),
        (f"{WINDOWS} {WEBKIT} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.2849.46", ("Edge", "Windows")),
        (f"{WINDOWS} {WEBKIT} Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0", ("Opera", "Windows")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", ("Firefox", "Linux")),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.0 Safari/605.1.15", ("Safari", "macOS")),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) {WEBKIT} CriOS/130.0.6723.37 Safari/604.1", ("Chrome", "iOS")),
        (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/130.0.0.0 Mobile Safari/537.36", ("Chrome", "Android")),
        ("curl/8.10.1", (None, None)),
        ("", (None, None)),
    ],
)
def test_a_browser_is_known_by_its_own_name(said: str, meant: tuple[str | None, str | None]) -> None:
    assert agent_of(said) == meant


@given(text())
def test_nothing_of_the_text_itself_is_kept(said: str) -> None:
    agent = agent_of(said)
    assert agent.browser in {None, *(name for _, name in BROWSERS)}
    assert agent.system in {None, *(name for _, name in SYSTEMS)}
