# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Large files pass through; they are never held."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.core.files.depot import BYTES, open_depot, process
from tests.stack.component import free_ports

MIB = 1024 * 1024
SIZE_MIB = 200
GROWTH_MAX = 64 * MIB


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_two_hundred_mebibytes_up_and_down_in_little_memory(database_url: str, tmp_path: Path) -> None:
    url, port = database_url, free_ports(1)
    block, digest = random.Random(1).randbytes(MIB), hashlib.sha256()

    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(SIZE_MIB):
            yield block

    for _ in range(SIZE_MIB):
        digest.update(block)
    async with open_depot(url, tmp_path) as depot:
        ada = replace(depot["ada"], base=f"http://127.0.0.1:{port}")
    async with process(url, tmp_path, port) as server, httpx2.AsyncClient(trust_env=False, timeout=120) as client:
        ada = replace(ada, http=client)
        await ada.upload(block)
        watched = psutil.Process(server.pid)
        before = peak = watched.memory_info().rss

        async def watch() -> None:
            nonlocal peak
            while True:
                peak = max(peak, watched.memory_info().rss)
                await asyncio.sleep(0.02)

        watching = asyncio.create_task(watch())
        path = await ada.begin(SIZE_MIB * MIB)
        headers = ada.headers(Upload_Offset="0", Content_Type=BYTES, Content_Length=str(SIZE_MIB * MIB))
        assert (await client.patch(ada.base + path, headers=headers, content=blocks())).status_code == 204
        done = await ada.finish(path, digest.hexdigest())
        assert done.status_code == 201
        got = hashlib.sha256()
        content = f"{ada.base}/api/v1/files/{done.json()['id']}/content"
        async with client.stream("GET", content, headers=ada.headers()) as coming:
            async for piece in coming.aiter_bytes():
                got.update(piece)
        watching.cancel()
    assert got.hexdigest() == digest.hexdigest()
    assert peak - before < GROWTH_MAX, f"{(peak - before) / MIB:.0f} MiB"
