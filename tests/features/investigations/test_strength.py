# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""An operator can ask for stronger sign-ins of the two, and a label asks for one here as everywhere."""

from pathlib import Path
from typing import Any

import pytest

from fachwerk.core import identity
from tests.features.investigations.case import ask, decide, employ, listed, read, refused, say
from tests.house import open_house

pytestmark = pytest.mark.anyio
WEAK = (403, "step-up-needed")


def demanding(*what: str) -> dict[str, Any]:
    return {"acr_order": ["basic", "mfa"], "step_up": dict.fromkeys(what, "mfa")}


async def test_all_steps_can_ask_for_a_stronger_sign_in(tmp_path: Path, database_url: str) -> None:
    async with open_house(tmp_path, database_url, identity=demanding("investigation.*")) as house:
        await house.settle()
        for name, role in (("ivo", identity.INVESTIGATOR), ("gus", identity.GUARDIAN)):
            await employ(house, name, [role])
        weak, ivo, gus = [await house.device(*who) for who in (("ivo", "basic"), ("ivo", "mfa"), ("gus", "mfa"))]
        assert await weak.refused("GET", "/investigations") == WEAK
        row = await ask(house, ivo, house.people["ada"])
        await decide(gus, row)
        assert await refused(weak, row) == WEAK
        await read(ivo, row)


async def test_a_room_whose_label_asks_for_one_does_so_of_who_investigates(tmp_path: Path, database_url: str) -> None:
    async with open_house(tmp_path, database_url, identity=demanding("label:confidential")) as house:
        await house.settle()
        for name, role in (("ivo", identity.INVESTIGATOR), ("gus", identity.GUARDIAN)):
            await employ(house, name, [role])
        ada = await house.device("ada", "mfa")
        bea = await house.device("bea", "mfa")
        await bea.call("PUT", f"/rooms/{house.room}/label", {"label": "confidential"})
        await say(ada, house.room, "vertraulich")
        weak, strong = await house.device("ivo", "basic"), await house.device("ivo", "mfa")
        row = await ask(house, weak, ada.id)
        await decide(await house.client("gus"), row)
        assert await refused(weak, row) == WEAK
        assert (await listed(weak))[0]["pages"] == 0, "what was refused was not read"
        assert [one["text"] for one in (await read(strong, row))["items"]] == ["vertraulich"]
