# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Many datagrams in one system call. Source: sendmmsg(2).

Slots are the memory in which datagrams are written and encrypted. There is one set of them for the whole process: who
fills slots sends them before anybody else can run.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import Any

from cffi import FFI

SLOTS = 64
"""Datagrams in one call: enough to share its cost, and they stay in the processor's cache."""
SLOT_BYTES = 2048

Address = Any
"""What the kernel takes for one: a `struct sockaddr`. The pointer in a message does not keep it: its holder does."""

_ffi = FFI()
_ffi.cdef("""
struct iovec { void *iov_base; size_t iov_len; };
struct msghdr { void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
                void *msg_control; size_t msg_controllen; int msg_flags; };
struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
int sendmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags);
""")
_libc: Any = _ffi.dlopen(None)
AVAILABLE = hasattr(_libc, "sendmmsg")
"""Linux and FreeBSD have it. Without it datagrams are sent one by one."""
_SOCKADDR_IN = struct.Struct("!2sH4s20x")
_SOCKADDR_IN6 = struct.Struct("!2sHI16s4s")
_NAME_BYTES = _SOCKADDR_IN6.size
assert _SOCKADDR_IN.size == _NAME_BYTES

_memory: Any = _ffi.new("char[]", SLOTS * SLOT_BYTES)
_vectors: Any = _ffi.new("struct iovec[]", SLOTS)
_messages: Any = _ffi.new("struct mmsghdr[]", SLOTS)
for _number in range(SLOTS):
    _vectors[_number].iov_base = _memory + _number * SLOT_BYTES
    _messages[_number].msg_hdr.msg_namelen = _NAME_BYTES
    _messages[_number].msg_hdr.msg_iov = _vectors + _number
    _messages[_number].msg_hdr.msg_iovlen = 1

slots: list[Any] = [_memory + number * SLOT_BYTES for number in range(SLOTS)]
"""Pointers to the slots."""
memory = memoryview(_ffi.buffer(_memory)).cast("B")
"""All slots, one behind the other."""
headers: list[Any] = [_messages[number].msg_hdr for number in range(SLOTS)]
"""Of each slot: `msg_name` is whom it is for (an Address)."""
vectors: list[Any] = [_vectors[number] for number in range(SLOTS)]
"""Of each slot: `iov_len` is how many of its bytes are sent."""


def address(name: tuple[Any, ...]) -> Address:
    """From what Python's sockets call an address, IPv4 or IPv6."""
    if len(name) == 2:
        packed = _SOCKADDR_IN.pack(_family(socket.AF_INET), name[1], socket.inet_aton(name[0]))
    else:
        host, port, flow, scope = name
        raw = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
        packed = _SOCKADDR_IN6.pack(_family(socket.AF_INET6), port, flow, raw, scope.to_bytes(4, sys.byteorder))
    return _ffi.new("char[]", packed)


def _family(family: socket.AddressFamily) -> bytes:
    return family.to_bytes(2, sys.byteorder)


class Burst:
    """The way out of one socket."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def close(self) -> None:
        """The socket is closed: its number may soon be another file's."""
        self._descriptor = -1

    def send(self, count: int) -> int:
        """Send the first `count` slots; to how many addresses that failed. One that fails does not hold up the rest."""
        done = failed = 0
        while done < count:
            sent = _libc.sendmmsg(self._descriptor, _messages + done, count - done, 0)
            if sent < 1:
                failed += 1
                sent = 1
            done += sent
        return failed
