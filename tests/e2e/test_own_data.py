# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Somebody sees what is stored about them and takes it along, by keys alone."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.e2e.reach import Keyboard, everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ADA, BEN = "Claudia Weber", "Jonas Hartmann"


async def test_own_data_is_seen_and_taken_along(office: Office, tmp_path: Path) -> None:
    ada, ben = await office.colleague(ADA, reduced_motion="reduce"), await office.colleague(BEN)
    room = await office.room(ada, ben)
    for one, text in ((ada, "Das schrieb ich."), (ben, "Das schrieb er.")):
        await one.ask("POST", f"/rooms/{room['id']}/messages", {"client_id": room["id"], "text": text})
    page = ada.page
    keys = Keyboard(page)
    await keys.use(page.get_by_role("button", name=f"Konto {ADA}"))
    await page.get_by_role("menuitem", name="Meine Daten").press("Enter")
    dialog = page.get_by_role("dialog", name="Meine Daten")
    await expect(dialog.get_by_role("row", name="Konto 1")).to_be_visible()
    counted = await dialog.get_by_role("row", name="Nachrichten").get_by_role("cell").inner_text()
    assert await everywhere(page, "own data") == []
    async with page.expect_download() as download:
        await keys.use(dialog.get_by_role("button", name="Archiv herunterladen"))
    await expect(page.get_by_role("region", name="Hinweise")).to_contain_text("Das Archiv ist heruntergeladen.")
    await keys.lands("took it along")
    file = tmp_path / (await download.value).suggested_filename
    assert file.name == "fachwerk.zip"
    await (await download.value).save_as(file)
    with ZipFile(file) as archive:
        texts = [json.loads(line)["text"] for line in archive.read("messages.jsonl").splitlines()]
    assert len(texts) == int(counted.replace(".", ""))
    assert "Das schrieb ich." in texts
    assert "Das schrieb er." not in texts
