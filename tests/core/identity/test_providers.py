# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Several providers: each speaks for its own people, and for nobody else's."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from joserfc import jws
from pydantic import ValidationError

from fachwerk.adapters.idp_demo import DemoPerson
from fachwerk.core.identity import IdentitySettings
from fachwerk.core.identity.holding import ask_again
from tests.core.identity.door import Browser, Door, open_door, query_of, with_query
from tests.core.identity.lying import LyingProvider
from tests.core.identity.refreshing import NAME, OtherHouse, other_house
from tests.core.identity.test_login import refused

ADA_THERE = DemoPerson(
    "ada", "Ada aus der Nachbarschaft", "Amt", None, ("/departments/Abteilung/R2",), ("fachwerk-admin",)
)


@pytest.fixture
async def other() -> AsyncIterator[OtherHouse]:
    async with other_house(ADA_THERE) as other:
        yield other


@pytest.fixture
async def door(database_url: str, other: OtherHouse) -> AsyncIterator[Door]:
    async with open_door(database_url, LyingProvider, further=other.client) as door:
        yield door


@pytest.fixture
def browser(door: Door) -> Browser:
    return door.browser()


async def test_the_same_name_at_another_provider_is_somebody_else(door: Door, browser: Browser) -> None:
    await browser.sign_in("ada")
    neighbour = door.browser()
    await neighbour.sign_in("ada", "/r/7", provider=NAME)
    here, there = (await browser.me()).json(), (await neighbour.me()).json()
    assert here["person"]["id"] != there["person"]["id"]
    assert there["person"]["name"] == "Ada aus der Nachbarschaft"
    assert [department["short"] for department in there["departments"]] == ["R2"]


async def test_only_the_house_s_own_gives_roles_of_the_whole_installation(door: Door, browser: Browser) -> None:
    await browser.sign_in("ada", provider=NAME)
    assert (await browser.me()).json()["roles"] == []
    door.clock.ahead_s += IdentitySettings().ask_again_s + 1
    await ask_again(door.context, {})
    assert (await browser.me()).json()["roles"] == []


async def test_each_is_asked_at_its_own_address_and_comes_back_to_one(
    door: Door, browser: Browser, other: OtherHouse
) -> None:
    url = await browser.authorize_url(provider=NAME)
    assert url.startswith(other.issuer)
    assert query_of(url)["redirect_uri"] == f"{door.origin}/auth/callback/{NAME}"
    assert query_of(await browser.authorize_url())["redirect_uri"] == f"{door.origin}/auth/callback"


async def test_an_answer_at_the_address_of_another_provider_is_refused(door: Door, browser: Browser) -> None:
    """A mix-up: the code of one is brought to the other's door, to be redeemed at the wrong place."""
    url = await browser.callback_url("ada", provider=NAME)
    assert await refused(browser, url.replace(f"/auth/callback/{NAME}", "/auth/callback")) == "issuer"
    own = await browser.callback_url("ada")
    assert await refused(browser, own.replace("/auth/callback", f"/auth/callback/{NAME}")) == "issuer"


async def test_the_issuer_of_another_provider_is_refused(door: Door, browser: Browser, other: OtherHouse) -> None:
    assert await refused(browser, with_query(await browser.callback_url("ada"), iss=other.issuer)) == "issuer"
    there = await browser.callback_url("ada", provider=NAME)
    assert await refused(browser, with_query(there, iss=door.demo.issuer)) == "issuer"


async def test_a_token_that_another_provider_signed_is_refused(door: Door, browser: Browser, other: OtherHouse) -> None:
    assert isinstance(door.demo, LyingProvider)
    door.demo.forge = lambda token: other.sign(msgspec.json.decode(jws.extract_compact(token.encode()).payload))
    assert await refused(browser, await browser.callback_url("ada")) == "token"
    other.lies = {"iss": door.demo.issuer}
    assert await refused(browser, await browser.callback_url("ada", provider=NAME)) == "token"


async def test_one_cannot_sign_out_the_people_of_the_other(door: Door, other: OtherHouse) -> None:
    here, there = door.browser(), door.browser()
    await here.sign_in("ada")
    await there.sign_in("ada", provider=NAME)
    now_s = door.clock.now_ms() // 1000
    event: dict[str, dict[str, str]] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    claims = {"iss": other.issuer, "aud": "fachwerk", "iat": now_s, "exp": now_s + 60, "jti": "1", "sub": "ada"}
    raw = other.sign(claims | {"events": event})
    wrong = await door.http.post(door.origin + "/auth/backchannel-logout", data={"logout_token": raw})
    assert wrong.status_code == 400
    right = await door.http.post(f"{door.origin}/auth/backchannel-logout/{NAME}", data={"logout_token": raw})
    assert right.status_code == 200, right.text
    assert (await here.me()).status_code == 200
    assert (await there.me()).status_code == 401


async def test_signing_out_leads_to_the_provider_one_came_from(browser: Browser, other: OtherHouse) -> None:
    await browser.sign_in("ada", provider=NAME)
    redirect = (await browser.post("/api/v1/logout")).json()["redirect"]
    assert redirect.startswith(other.issuer + "/logout?")


@pytest.mark.parametrize("path", ["/auth/login?provider=nobody", "/auth/callback/nobody?code=1&state=1"])
async def test_a_provider_that_nobody_named_is_not_there(browser: Browser, path: str) -> None:
    assert (await browser.get(path)).status_code == 404


async def test_a_provider_that_is_not_named_any_more_keeps_nobody_in(
    door: Door, browser: Browser, other: OtherHouse
) -> None:
    await browser.sign_in("ada", provider=NAME)
    door.clock.ahead_s += IdentitySettings().ask_again_s + 1
    other.ended.add("ada")
    await ask_again(door.context, {})
    assert (await browser.me()).status_code == 401


@pytest.mark.parametrize(
    ("further", "fault"),
    [
        ([{"name": "A b"}], "pattern"),
        ([{"issuer": "http://login.example"}], "https"),
        ([{}, {"issuer": "https://other.example"}], "same name"),
        ([{}, {"name": "other"}], "same issuer"),
        ([{"issuer": "https://house.example"}], "same issuer"),
        ([{"colour": "red"}], "colour"),
    ],
)
def test_settings_that_cannot_be_are_refused(further: list[dict[str, str]], fault: str) -> None:
    one = {"name": "nachbarn", "title": "Nachbarn", "issuer": "https://login.example", "client_secret_file": "/s"}
    with pytest.raises(ValidationError, match=fault):
        IdentitySettings.model_validate(
            {
                "provider": "oidc",
                "issuer": "https://house.example",
                "client_secret_file": "/geheim",
                "further": [one | changes for changes in further],
            }
        )
