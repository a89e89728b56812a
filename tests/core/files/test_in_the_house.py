# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Files as people use them: in messages."""

import base64
import hashlib
import random

from fachwerk.kernel.ids import new_id
from tests.house import Client, House

DATA = random.Random(21).randbytes(3_000_000)
TUS = {"Tus-Resumable": "1.0.0"}


async def upload(client: Client, room: str, data: bytes = DATA, name: str = "Lageplan.bin") -> str:
    pairs = {"filename": name, "room": room}
    words = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    headers = TUS | {"Upload-Length": str(len(data)), "Upload-Metadata": words}
    begun = await client.http.post("/api/v1/uploads", headers=headers)
    assert begun.status_code == 201, begun.text
    path = begun.headers["location"]
    headers = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert (await client.http.patch(path, headers=headers, content=data)).status_code == 204
    done = await client.http.post(f"{path}/finish", json={"sha256": hashlib.sha256(data).hexdigest()})
    assert done.status_code == 201, done.text
    return str(done.json()["id"])


async def test_a_file_reaches_those_who_get_its_message(house: House, ada: Client, bea: Client, dora: Client) -> None:
    file_id = await upload(ada, house.room)
    assert (await bea.http.get(f"/api/v1/files/{file_id}")).status_code == 404
    sent = {"client_id": new_id(), "text": "Der Lageplan", "file_ids": [file_id]}
    async with house.verify(bea, house.room):
        message = await ada.call("POST", f"/rooms/{house.room}/messages", sent, status=201)
    assert message["files"] == [
        {
            "id": file_id,
            "name": "Lageplan.bin",
            "size_bytes": len(DATA),
            "media_type": "application/octet-stream",
            "sha256": hashlib.sha256(DATA).hexdigest(),
        }
    ]
    assert (await bea.http.get(f"/api/v1/files/{file_id}/content")).content == DATA
    assert (await dora.http.get(f"/api/v1/files/{file_id}/content")).status_code == 404


async def test_a_message_with_files_may_be_sent_again(house: House, ada: Client) -> None:
    sent = {"client_id": new_id(), "text": "", "file_ids": [await upload(ada, house.room)]}
    first = await ada.call("POST", f"/rooms/{house.room}/messages", sent, status=201)
    again = await ada.call("POST", f"/rooms/{house.room}/messages", sent, status=201)
    assert again == first


async def test_a_file_is_sent_once(house: House, ada: Client) -> None:
    file_id = await upload(ada, house.room)
    sent = {"client_id": new_id(), "text": "", "file_ids": [file_id]}
    await ada.call("POST", f"/rooms/{house.room}/messages", sent, status=201)
    status, slug = await ada.refused("POST", f"/rooms/{house.room}/messages", sent | {"client_id": new_id()})
    assert (status, slug) == (422, "invalid")


async def test_with_the_message_goes_the_file(house: House, ada: Client, bea: Client) -> None:
    file_id = await upload(ada, house.room)
    sent = {"client_id": new_id(), "text": "", "file_ids": [file_id]}
    message = await ada.call("POST", f"/rooms/{house.room}/messages", sent, status=201)
    await ada.call("DELETE", f"/messages/{message['id']}", status=204)
    for client in (ada, bea):
        assert (await client.http.get(f"/api/v1/files/{file_id}")).status_code == 404
