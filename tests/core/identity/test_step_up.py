# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What needs a stronger sign-in asks for one, and only a stronger one will do."""

from collections.abc import AsyncIterator

import pytest
from pydantic import ValidationError

from fachwerk.core.identity import IdentitySettings, strengths
from fachwerk.kernel.errors import StepUpNeeded
from fachwerk.kernel.policy import Actor, Facts, Policy, Rule, signed_in
from tests.core.identity.door import Browser, Door, open_door, query_of
from tests.core.identity.lying import LyingProvider
from tests.core.identity.test_login import refused

SETTINGS = IdentitySettings(acr_order=("basic", "mfa", "card"), acr="basic", step_up={"session.end": "mfa"})


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    async with open_door(database_url, LyingProvider, SETTINGS) as door:
        yield door


@pytest.fixture
def liar(door: Door) -> LyingProvider:
    assert isinstance(door.demo, LyingProvider)
    door.demo.lies = {"acr": "basic"}
    return door.demo


@pytest.fixture
def browser(door: Door, liar: LyingProvider) -> Browser:
    return door.browser()


async def own_session(browser: Browser) -> str:
    items = (await browser.get("/api/v1/me/sessions")).json()["items"]
    return str(next(item["id"] for item in items if item["current"]))


async def end(browser: Browser, session: str) -> tuple[int, dict[str, object]]:
    headers = {"Origin": browser.origin}
    response = await browser._send("DELETE", f"/api/v1/me/sessions/{session}", headers=headers)
    return response.status_code, response.json() if response.content else {}


async def test_a_weak_sign_in_is_told_what_it_lacks_and_a_stronger_one_may(
    browser: Browser, liar: LyingProvider
) -> None:
    await browser.sign_in()
    first = await own_session(browser)
    status, problem = await end(browser, first)
    assert (status, problem["type"], problem["data"]) == (403, "urn:fachwerk:problem:step-up-needed", {"acr": "mfa"})
    assert (await browser.me()).status_code == 200, "the rest goes on"
    liar.lies = {"acr": "mfa"}
    await browser.sign_in(acr="mfa", return_path="/verwaltung")
    second = await own_session(browser)
    assert second != first, "a stronger sign-in is a new session"
    assert (await end(browser, second))[0] == 204


async def test_a_stronger_sign_in_than_needed_will_do(browser: Browser, liar: LyingProvider) -> None:
    liar.lies = {"acr": "card"}
    await browser.sign_in()
    assert (await end(browser, await own_session(browser)))[0] == 204


async def test_a_provider_that_asks_for_less_than_we_wanted_brings_nobody_further(browser: Browser) -> None:
    assert query_of(await browser.authorize_url(acr="mfa"))["acr_values"] == "mfa"
    assert await refused(browser, await browser.callback_url(acr="mfa")) == "acr"
    await browser.sign_in()
    assert (await end(browser, await own_session(browser)))[0] == 403


@pytest.mark.parametrize("acr", ["basic", "card", "gold", "mfa basic", ""])
async def test_only_what_something_here_needs_can_be_asked_for(browser: Browser, acr: str) -> None:
    response = await browser.get(f"/auth/login?acr={acr}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/acr"


async def test_a_sign_in_of_unknown_strength_is_the_weakest(browser: Browser, liar: LyingProvider) -> None:
    liar.lies = {"acr": "something-new"}
    assert await refused(browser, await browser.callback_url()) == "acr"


def test_labels_need_what_is_said_of_them() -> None:
    policy = Policy([Rule("room.read", (signed_in,))], {"label:confidential": ("mfa", "card")})
    secret = Facts(role="member", label="confidential")
    for acr in ("mfa", "card"):
        policy.require(Actor("ada", "s", acr), "room.read", secret)
    policy.require(Actor("ada", "s"), "room.read", Facts(role="member", label="internal"))
    for weaker in ("basic", None):
        with pytest.raises(StepUpNeeded) as needed:
            policy.require(Actor("ada", "s", weaker), "room.read", secret)
        assert needed.value.data == {"acr": "mfa"}


def test_machines_do_not_sign_in() -> None:
    policy = Policy([Rule("bridge.send", (signed_in,))], {"bridge.send": ("mfa",)})
    policy.require(Actor("bridge", only=frozenset({"bridge.send"})), "bridge.send", Facts())


def test_whoever_may_not_is_refused_as_ever() -> None:
    policy = Policy([Rule("admin.read", ())], {"admin.read": ("mfa",)})
    with pytest.raises(Exception, match="You may not do this"):
        policy.require(Actor("ada", "s"), "admin.read", Facts())


def test_many_actions_are_named_by_how_they_begin() -> None:
    settings = IdentitySettings(acr_order=("basic", "mfa", "card"), step_up={"admin.*": "mfa", "admin.end": "card"})
    known = {"admin.read", "admin.end", "room.read"}
    assert strengths(settings, known) == {"admin.read": ("mfa", "card"), "admin.end": ("card",)}


@pytest.mark.parametrize("step_up", [{"admin.reed": "mfa"}, {"label:secret": "mfa"}, {"": "mfa"}])
def test_a_name_that_nothing_has_stops_the_start(step_up: dict[str, str]) -> None:
    with pytest.raises(SystemExit, match="STEP_UP"):
        strengths(IdentitySettings(step_up=step_up), {"admin.read", "label:confidential"})


def test_two_strengths_that_nothing_orders_cannot_both_be_met() -> None:
    settings = IdentitySettings(step_up={"admin.*": "mfa", "admin.read": "card"})
    with pytest.raises(SystemExit, match="no sign-in can meet"):
        strengths(settings, {"admin.read"})


@pytest.mark.parametrize("settings", [{"acr": "gold"}, {"step_up": {"admin.read": "gold"}}])
def test_a_strength_that_the_order_does_not_know_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="not in acr_order: gold"):
        IdentitySettings.model_validate({"acr_order": ("basic", "mfa"), **settings})
