# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Counts what subscribers get, in a process of its own: emptying their sockets must not disturb the generator."""

import mmap
import os
import socket
import struct
import time
from types import TracebackType
from typing import Self

PAUSE_S = 0.004
_COUNT, _STOP = struct.Struct("=Q"), 8


class Sink:
    """Reads sockets until closed. It knows media by the first bytes of a datagram: RFC 7983 and RFC 5761."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self._sockets = sockets
        self._shared = mmap.mmap(-1, 16)
        self._pid = 0

    @property
    def packets(self) -> int:
        """Media packets so far."""
        count: int = _COUNT.unpack_from(self._shared)[0]
        return count

    def __enter__(self) -> Self:
        parent = os.getpid()
        self._pid = os.fork()
        if not self._pid:
            try:
                self._empty(parent)
            finally:
                os._exit(0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._shared[_STOP] = 1
        os.waitpid(self._pid, 0)

    def _empty(self, parent: int) -> None:
        buffer = bytearray(2048)
        count = 0
        while not self._shared[_STOP] and os.getppid() == parent:
            for source in self._sockets:
                try:
                    while source.recv_into(buffer):
                        count += 127 < buffer[0] < 192 and not 191 < buffer[1] < 224
                except OSError:
                    continue
            _COUNT.pack_into(self._shared, 0, count)
            time.sleep(PAUSE_S)
