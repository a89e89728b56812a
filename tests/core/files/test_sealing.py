# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Whatever a store does to a part, it is noticed."""

import secrets
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk.core.files import MasterKey, make_master_key
from fachwerk.core.files.blobs import Damaged
from fachwerk.core.files.sealing import CHUNK_BYTES, SEALED_CHUNK_BYTES, TAG_BYTES, Seal, chunks

KEY = secrets.token_bytes(32)
DATA = secrets.token_bytes(3 * CHUNK_BYTES + 1234)
SEALED = bytes(Seal(KEY, "part", 0).close(DATA, first=0, last=True))


def sealed_bytes(plain_bytes: int) -> int:
    return plain_bytes + TAG_BYTES * -(-plain_bytes // CHUNK_BYTES)


def opened(sealed: bytes | bytearray, seal: Seal | None = None, length: int = len(DATA)) -> bytes:
    seal, plain = seal or Seal(KEY, "part", 0), b""
    for index, size, last in chunks(length, 0, length):
        at = index * SEALED_CHUNK_BYTES
        plain += seal.open(bytes(sealed[at : at + size]), index=index, last=last)
    return plain


def test_what_was_sealed_opens() -> None:
    assert opened(SEALED) == DATA
    assert len(SEALED) == sealed_bytes(len(DATA))


def test_blocks_sealed_one_by_one_are_the_same_part() -> None:
    seal = Seal(KEY, "part", 0)
    pieces = seal.close(DATA[: 2 * CHUNK_BYTES], first=0, last=False)
    assert pieces + seal.close(DATA[2 * CHUNK_BYTES :], first=2, last=True) == SEALED


@given(bit=st.integers(0, len(SEALED) * 8 - 1))
def test_any_flipped_bit_is_noticed(bit: int) -> None:
    broken = bytearray(SEALED)
    broken[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Damaged):
        opened(bytes(broken))


@given(length=st.integers(0, len(SEALED) - 1))
def test_any_truncation_is_noticed(length: int) -> None:
    with pytest.raises(Damaged):
        opened(SEALED[:length])


def _chunk(index: int) -> bytes:
    return SEALED[index * SEALED_CHUNK_BYTES : (index + 1) * SEALED_CHUNK_BYTES]


@pytest.mark.parametrize(
    "break_it",
    [
        lambda: _chunk(1) + _chunk(0) + _chunk(2) + _chunk(3),
        lambda: _chunk(0) + _chunk(0) + _chunk(2) + _chunk(3),
        lambda: _chunk(0) + _chunk(2) + _chunk(3),
        lambda: _chunk(0) + _chunk(1) + _chunk(1) + _chunk(2) + _chunk(3),
        lambda: Seal(KEY, "other", 0).close(DATA, first=0, last=True),
        lambda: Seal(KEY, "part", 1).close(DATA, first=0, last=True),
        lambda: Seal(secrets.token_bytes(32), "part", 0).close(DATA, first=0, last=True),
        lambda: _chunk(0) + Seal(KEY, "other", 0).close(DATA, first=0, last=True)[SEALED_CHUNK_BYTES:],
    ],
    ids=["swapped", "doubled", "left out", "put in", "other part", "other number", "other blob", "foreign chunks"],
)
def test_moved_and_foreign_chunks_are_noticed(break_it: Callable[[], bytes | bytearray]) -> None:
    with pytest.raises(Damaged):
        opened(break_it())


def test_a_part_cannot_be_passed_off_as_a_shorter_one() -> None:
    with pytest.raises(Damaged):
        opened(SEALED, length=3 * CHUNK_BYTES)
    with pytest.raises(Damaged):
        opened(SEALED, length=2 * CHUNK_BYTES)


def test_the_same_bytes_never_look_the_same() -> None:
    assert Seal(KEY, "part", 0).close(DATA, first=0, last=True) != Seal(KEY, "again", 0).close(DATA, first=0, last=True)


@given(st.data())
def test_chunks_cover_exactly_the_range(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 10 * CHUNK_BYTES))
    start = data.draw(st.integers(0, length - 1))
    end = data.draw(st.integers(start + 1, length))
    found = list(chunks(length, start, end))
    assert found[0][0] * CHUNK_BYTES <= start
    assert found[-1][0] * CHUNK_BYTES + found[-1][1] - TAG_BYTES >= end
    assert sum(last for _, _, last in found) == (end > (length - 1) // CHUNK_BYTES * CHUNK_BYTES)
    whole = list(chunks(length, 0, length))
    assert sum(size for _, size, _ in whole) == sealed_bytes(length)


def test_a_wrapped_key_opens_only_with_its_master() -> None:
    master, other = MasterKey(secrets.token_bytes(32)), MasterKey(secrets.token_bytes(32))
    wrapped = master.wrap(KEY)
    assert len(wrapped) == 40
    assert master.unwrap(wrapped) == KEY
    assert master.id != other.id
    with pytest.raises(Damaged):
        other.unwrap(wrapped)


def test_the_master_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    make_master_key(path)
    first = path.read_bytes()
    assert len(first) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    make_master_key(path)
    assert path.read_bytes() == first
    assert list(path.parent.iterdir()) == [path]
    make_master_key(tmp_path / "other.key")
    assert (tmp_path / "other.key").read_bytes() != first


def test_a_missing_or_wrong_master_key_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"cannot read the master key .*No such file"):
        MasterKey.read(tmp_path / "none")
    (tmp_path / "short").write_bytes(b"x" * 31)
    with pytest.raises(SystemExit, match="has 32 bytes, this one 31"):
        MasterKey.read(tmp_path / "short")
