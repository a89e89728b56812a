# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Names, types and ranges: pure decisions over whatever people send."""

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk.core.files.media_types import HEAD_BYTES, INLINE, PLAIN, UNKNOWN, media_type
from fachwerk.core.files.names import NAME_MAX_BYTES, content_disposition, normal_name
from fachwerk.core.files.rules import RangeOutside, Span, one_range


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Übersicht.pdf", "Übersicht.pdf"),
        ("U\u0308bersicht.pdf", "Übersicht.pdf"),
        (" Bericht 2026.docx ", "Bericht 2026.docx"),
        ("contract.txt", "contract.txt"),
        ("con-2026.txt", "con-2026.txt"),
        (".gitignore", ".gitignore"),
        ("Haushalt 50% – Entwurf; „neu“.xlsx", "Haushalt 50% – Entwurf; „neu“.xlsx"),
        ("ä" * 127, "ä" * 127),
    ],
)
def test_names_that_can_be_used(raw: str, name: str) -> None:
    assert normal_name(raw) == name


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "needs a name"),
        ("  ", "needs a name"),
        (".", "needs a name"),
        ("..", "needs a name"),
        ("../../etc/passwd", "not a path"),
        ("a\\b", "not a path"),
        ("a\0b", "control"),
        ("a\nb", "control"),
        ("a\x7fb", "control"),
        ("a\u0085b", "control"),
        ("a\u2028b", "control"),
        ("a\ud800b", "control"),
        ("rechnung\u202efdp.exe", "direction"),
        ("a\u2066b", "direction"),
        ("CON", "Windows"),
        ("con.txt", "Windows"),
        ("Com1.tar.gz", "Windows"),
        ("lpt³", "Windows"),
        ("NUL .txt", "Windows"),
        ("ä" * 128, "255 bytes"),
        ("a" * 256, "255 bytes"),
    ],
)
def test_names_that_cannot_be_used(raw: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        normal_name(raw)


@given(st.text(max_size=300))
def test_a_name_is_normal_or_refused_and_its_header_is_safe(raw: str) -> None:
    try:
        name = normal_name(raw)
    except ValueError:
        return
    assert normal_name(name) == name
    assert unicodedata.is_normalized("NFC", name)
    assert len(name.encode()) <= NAME_MAX_BYTES
    header = content_disposition("attachment", name)
    match = re.fullmatch(r'attachment; filename="([\x20-\x7e]+)"; filename\*=UTF-8\'\'([!-~]+)', header)
    assert match
    assert not set('"\\') & set(match[1])
    assert unquote(match[2]) == name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Bürgerbüro.pdf", "Buergerbuero.pdf"),
        ("Straße.txt", "Strasse.txt"),
        ('so "genannt".txt', "so _genannt_.txt"),
        ("Café.txt", "Cafe.txt"),
        ("привет", "file"),
    ],
)
def test_old_clients_get_a_readable_name(name: str, plain: str) -> None:
    assert f'filename="{plain}"' in content_disposition("attachment", name)


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "x.exe", "image/png"),
        (b"\xff\xd8\xff\xe0", "x", "image/jpeg"),
        (b"GIF89a", "x", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "x", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "x", UNKNOWN),
        (b"%PDF-1.7\n", "x.txt", "application/pdf"),
        (b"\0\0\0\x20ftypisom\0\0\0\0", "x", "video/mp4"),
        (b"\0\0\0\x20ftypheic\0\0\0\0", "x", UNKNOWN),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "x", "video/webm"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", "x", UNKNOWN),
        (b"ID3\x04\0", "x", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "x", "audio/mpeg"),
        (b"\xff\xfe\x41\x00", "x", UNKNOWN),
        (b"OggS\0", "x", "audio/ogg"),
        (b"PK\x03\x04", "Akte.DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"PK\x03\x04", "x.html", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "alt.doc", "application/msword"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.html", "application/x-ole-storage"),
        (b"MZ\x90\0", "x.png", UNKNOWN),
        (b"", "x.txt", UNKNOWN),
        ("Grüße\r\n\tTabelle".encode(), "x.html", PLAIN),
        (b"\xef\xbb\xbfText", "x", PLAIN),
        ("ü".encode()[:1], "x", PLAIN),
        ("Grüße".encode("latin-1"), "x.txt", UNKNOWN),
        (b"text\0text", "x.txt", UNKNOWN),
        (b"<!DOCTYPE html>", "x.txt", UNKNOWN),
        (b"\xef\xbb\xbf \n<html>", "x.txt", UNKNOWN),
        (b"<?xml version='1.0'?><svg/>", "x.txt", UNKNOWN),
        (b"<svg onload=alert(1)>", "x.png", UNKNOWN),
        (b"<- siehe oben", "x.txt", PLAIN),
    ],
)
def test_the_content_says_what_it_is(head: bytes, name: str, kind: str) -> None:
    assert media_type(head, name) == kind


@given(st.binary(max_size=HEAD_BYTES), st.text(max_size=20))
def test_no_bytes_and_no_name_make_anything_runnable(head: bytes, name: str) -> None:
    kind = media_type(head, name)
    assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", kind)
    assert kind in INLINE or kind.startswith("application/")


@given(
    header=st.text(max_size=40) | st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True),
    size=st.integers(0, 3000),
)
def test_a_range_lies_inside_the_file_or_is_refused(header: str, size: int) -> None:
    try:
        span = one_range(header, size)
    except RangeOutside:
        return
    assert span is None or 0 <= span.start < span.end <= size


def test_a_range_of_an_empty_file_is_outside() -> None:
    assert one_range(None, 0) is None
    for header in ("bytes=0-", "bytes=0-0", "bytes=-5"):
        with pytest.raises(RangeOutside) as refused:
            one_range(header, 0)
        assert refused.value.headers == {"Content-Range": "bytes */0"}
    assert one_range("bytes=-1", 1) == Span(0, 1)
