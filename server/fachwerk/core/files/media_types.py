# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a file is, told from its first bytes. What a client claims is never asked.

The ending only tells apart what one and the same container can hold (a DOCX is a ZIP archive), and
none of those is ever shown inside the page.
"""

import codecs
import re

HEAD_BYTES = 4096
"""How much of a file is looked at."""
UNKNOWN = "application/octet-stream"
PLAIN = "text/plain"
INLINE = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", PLAIN, "video/mp4", "video/webm", "audio/mpeg", "audio/ogg"}
)
"""May be shown by a browser as it is. Everything else is saved: SVG and HTML run scripts, PDF needs its own viewer."""

_OLE_TYPE = "application/x-ole-storage"
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE_TYPE),
)
_MP4_BRANDS = frozenset({b"isom", b"iso2", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"MSNV"})
_EBML, _WEBM = b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm"
_IN_ZIP = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
_IN_OLE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_MARKUP = re.compile(rb"\s*(<\?xml|<!|<[A-Za-z])")
_NOT_IN_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MPEG_AUDIO = re.compile(rb"\xff[\xf2\xf3\xfa\xfb][\x10-\xef]")
"""A frame header of MPEG-1/2 layer III with a bit rate that exists (ISO/IEC 11172-3, section 2.4.2.3)."""


def media_type(head: bytes, name: str) -> str:
    """The type of a file. head: its first HEAD_BYTES, or all of it. name: for its ending."""
    ending = name.rpartition(".")[2].lower()
    found = _by_start(head) or _by_inner_mark(head) or (PLAIN if _is_text(head) else UNKNOWN)
    return {"application/zip": _IN_ZIP, _OLE_TYPE: _IN_OLE}.get(found, {}).get(ending, found)


def _by_start(head: bytes) -> str | None:
    return next((kind for start, kind in _STARTS if head.startswith(start)), None)


def _by_inner_mark(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _MP4_BRANDS:
        return "video/mp4"
    if head.startswith(_EBML) and _WEBM in head[:64]:
        return "video/webm"
    return "audio/mpeg" if _MPEG_AUDIO.match(head) else None


def _is_text(head: bytes) -> bool:
    """Whether this is UTF-8 without control characters and not markup that a browser would obey."""
    if not head or _NOT_IN_TEXT.search(head) or _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a letter cut at the end is no fault
    except UnicodeDecodeError:
        return False
    return True
