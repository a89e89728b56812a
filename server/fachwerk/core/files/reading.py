# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Bytes on their way out: from the parts of a blob, each chunk checked before anybody sees it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from functools import partial

from .blobs import Blobs, Damaged
from .model import Part
from .sealing import CHUNK_BYTES, SEALED_CHUNK_BYTES, Seal, chunks


async def plain(blobs: Blobs, key: bytes, parts: Sequence[Part], start: int, end: int) -> AsyncGenerator[bytes]:
    """The bytes [start, end) of a blob, in pieces of at most CHUNK_BYTES, the next one already under way.

    parts: those that hold the range, in order; more do not harm. Raises Damaged, StoreDown.
    """
    async with aclosing(_chunks(blobs, key, parts, start, end)) as source:
        coming = asyncio.ensure_future(_pull(source))
        try:
            while (piece := await coming) is not None:
                coming = asyncio.ensure_future(_pull(source))
                yield piece
        finally:
            coming.cancel()
            with suppress(asyncio.CancelledError, Exception):  # whoever left does not want to know
                await coming


async def _pull(source: AsyncIterator[bytes]) -> bytes | None:
    return await anext(source, None)


async def _chunks(blobs: Blobs, key: bytes, parts: Sequence[Part], start: int, end: int) -> AsyncGenerator[bytes]:
    at = start
    for part in parts:
        low, high = at - part.offset_bytes, min(end - part.offset_bytes, part.length_bytes)
        if low >= high:
            continue
        if low < 0:
            raise Damaged("A part is missing.")
        seal = Seal(key, part.id, part.no)
        wanted = list(chunks(part.length_bytes, low, high))
        first = wanted[0][0] * SEALED_CHUNK_BYTES
        async with blobs.reading(part.id, first, first + sum(size for _, size, _ in wanted)) as reader:
            for index, size, last in wanted:
                opened = await reader.read(size, partial(seal.open, index=index, last=last))
                begin = index * CHUNK_BYTES
                yield opened[max(low - begin, 0) : high - begin]
        at = part.offset_bytes + high
    if at != end:
        raise Damaged("A part is missing.")
