# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Session descriptions: reading a browser's, writing ours. Just what one bundle with rtcp-mux needs.

Source: RFC 8866 (SDP), RFC 9143 (BUNDLE), RFC 8853 (simulcast), RFC 8851 (rid), RFC 8841 (data channels).
"""

from __future__ import annotations

import dataclasses
import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fachwerk_media.transport import Transport

TEXT_LIMIT = 1 << 20
"""Characters; a client with 400 sections needs half of it."""
SECTIONS_LIMIT = 1000
RIDS_LIMIT = 4
EXTENSIONS = {
    "urn:ietf:params:rtp-hdrext:sdes:mid": "mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id": "rid",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id": "rrid",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level": "level",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01": "twcc",
}
_URIS = {name: uri for uri, name in EXTENSIONS.items()}
_DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
_TOKEN = re.compile(r"[!-~]{1,256}")
_FINGERPRINT = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){31}")
OPUS, VP8, RED, RTX = "opus/48000/2", "vp8/90000", "red/48000/2", "rtx/90000"


class SdpError(ValueError):
    """Not a description we can work with."""


@dataclasses.dataclass(slots=True)
class Section:
    """One m= section."""

    kind: str
    """audio, video or application."""
    payload_types: list[int]
    mid: str = ""
    direction: str = "sendrecv"
    codecs: dict[int, str] = dataclasses.field(default_factory=dict)
    """Payload type -> name/clock[/channels], lower case."""
    parameters: dict[int, str] = dataclasses.field(default_factory=dict)
    extensions: dict[str, int] = dataclasses.field(default_factory=dict)
    ssrcs: list[int] = dataclasses.field(default_factory=list)
    rids: list[str] = dataclasses.field(default_factory=list)
    stream_and_track: list[str] = dataclasses.field(default_factory=list)
    """Of a=msid. Firefox writes an id of its own in place of the track's."""

    @property
    def sends(self) -> bool:
        """Whether the other side wants to send in it."""
        return self.direction in {"sendonly", "sendrecv"}

    @property
    def receives(self) -> bool:
        """Whether the other side wants to receive in it."""
        return self.direction in {"recvonly", "sendrecv"}

    def codec(self) -> Codec | None:
        """The payload types we take from what is offered, None if there is no Opus or VP8."""
        wanted = OPUS if self.kind == "audio" else VP8
        primary = self._find(wanted)
        if primary is None:
            return None
        rtx = next((kind for kind in self._all(RTX) if self.parameters.get(kind) == f"apt={primary}"), 0)
        red = (self._find(RED) or 0) if self.kind == "audio" else 0
        return Codec(primary, rtx, red)

    def _all(self, name: str) -> Iterable[int]:
        return (kind for kind in self.payload_types if self.codecs.get(kind) == name)

    def _find(self, name: str) -> int | None:
        return next(iter(self._all(name)), None)


@dataclasses.dataclass(frozen=True, slots=True)
class Codec:
    """Payload types; 0 for what is not there."""

    primary: int
    rtx: int = 0
    red: int = 0


@dataclasses.dataclass(slots=True)
class Description:
    """What matters of a browser's offer or answer."""

    ufrag: str
    fingerprint: str
    """SHA-256, pairs of upper case hex digits with colons."""
    setup: str
    sections: list[Section]


def parse(text: str) -> Description:
    """Read a description. Raises SdpError for anything that is not one."""
    if len(text) > TEXT_LIMIT:
        raise SdpError("too long")
    session: dict[str, str] = {}
    sections: list[Section] = []
    for line in text.splitlines():
        if line.startswith("m="):
            if len(sections) >= SECTIONS_LIMIT:
                raise SdpError(f"more than {SECTIONS_LIMIT} sections")
            sections.append(_media(line[2:].split()))
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            try:
                if name in {"ice-ufrag", "setup", "fingerprint"}:
                    _session_attribute(session, name, value)
                elif sections:
                    _attribute(sections[-1], name, value)
            except (ValueError, IndexError) as error:
                raise SdpError(f"attribute {name[:32]!r} has no meaning") from error
    if "ice-ufrag" not in session or "fingerprint" not in session or not sections:
        raise SdpError("ice-ufrag, a sha-256 fingerprint and a section are needed")
    if len({section.mid for section in sections}) != len(sections) or any(not section.mid for section in sections):
        raise SdpError("every section needs a mid of its own")
    return Description(session["ice-ufrag"], session["fingerprint"], session.get("setup", ""), sections)


def _media(words: list[str]) -> Section:
    if len(words) < 4 or words[0] not in {"audio", "video", "application"}:
        raise SdpError("section of unknown kind")
    if words[0] == "application":
        return Section(words[0], [])
    kinds = [int(word) for word in words[3:] if word.isdecimal() and len(word) <= 3 and int(word) < 128]
    if not kinds:
        raise SdpError("section without payload types")
    return Section(words[0], kinds)


def _session_attribute(session: dict[str, str], name: str, value: str) -> None:
    if name == "fingerprint":
        algorithm, value = value.split()
        if algorithm.lower() != "sha-256":
            return
        value = value.upper()
        if not _FINGERPRINT.fullmatch(value):
            raise ValueError("fingerprint")
    session.setdefault(name, value)


def _attribute(section: Section, name: str, value: str) -> None:
    if name in _DIRECTIONS:
        section.direction = name
    elif name == "mid":
        section.mid = _token(value)
    elif name in {"rtpmap", "fmtp"}:
        kind, text = value.split(" ", 1)
        table = section.codecs if name == "rtpmap" else section.parameters
        table[int(kind)] = text.strip().lower()
    elif name == "extmap":
        number, uri = value.split()[:2]
        identifier = int(number.split("/")[0])
        if uri in EXTENSIONS and 1 <= identifier <= 14:  # 15 is reserved in one-byte elements
            section.extensions[EXTENSIONS[uri]] = identifier
    elif name == "ssrc":
        ssrc = int(value.split(maxsplit=1)[0])
        if ssrc not in section.ssrcs and 0 < ssrc < 1 << 32:
            section.ssrcs.append(ssrc)
    elif name == "rid":
        rid, direction = value.split()[:2]
        if direction == "send" and len(section.rids) < RIDS_LIMIT:
            section.rids.append(_token(rid))
    elif name == "msid":
        section.stream_and_track = value.split()


def _token(value: str) -> str:
    if not _TOKEN.fullmatch(value):
        raise ValueError("token")
    return value


# ---------------------------------------------------------------- writing


@dataclasses.dataclass(frozen=True, slots=True)
class Sending:
    """A track we send in a section."""

    ssrc: int
    rtx_ssrc: int
    stream: str
    track: str


def write(sections: list[list[str]], mids: list[str]) -> str:
    """The whole description from its sections' lines."""
    head = [
        "v=0",
        f"o=- {time.time_ns()} 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(mids)}",
        "a=ice-lite",
        "a=msid-semantic:WMS *",
        "a=extmap-allow-mixed",
    ]
    lines = head + [line for section in sections for line in section]
    return "\r\n".join(lines) + "\r\n"


def transport(of: Transport, fingerprint: str, candidates: list[str], setup: str) -> list[str]:
    """The lines of every section that say where and how to connect."""
    return [
        f"a=ice-ufrag:{of.credentials.ufrag}",
        f"a=ice-pwd:{of.credentials.password}",
        f"a=fingerprint:sha-256 {fingerprint}",
        f"a=setup:{setup}",
        *(f"a={candidate}" for candidate in candidates),
        "a=end-of-candidates",
    ]


def application(mid: str) -> list[str]:
    """The section of the data channels."""
    return [
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{mid}",
        "a=sctp-port:5000",
        "a=max-message-size:65536",
    ]


def refused(section: Section) -> list[str]:
    """The answer to a section with nothing we can read: port 0 (RFC 8866 section 5.14)."""
    return [
        f"m={section.kind} 0 UDP/TLS/RTP/SAVPF {' '.join(map(str, section.payload_types))}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=inactive",
    ]


def media(
    kind: str,
    mid: str,
    direction: str,
    codec: Codec,
    extensions: dict[str, int],
    *,
    rids: list[str] | None = None,
    sending: Sending | None = None,
) -> list[str]:
    """A section with Opus or VP8. direction: ours. rids: simulcast layers we receive."""
    primary = codec.primary
    kinds = [str(number) for number in (primary, codec.rtx, codec.red) if number]
    lines = [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {' '.join(kinds)}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{mid}",
        f"a={direction}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]
    if kind == "audio":
        lines += [
            f"a=rtpmap:{primary} opus/48000/2",
            f"a=fmtp:{primary} minptime=10;useinbandfec=1;usedtx=1",
            f"a=rtcp-fb:{primary} transport-cc",
        ]
        if codec.red:
            lines += [f"a=rtpmap:{codec.red} red/48000/2", f"a=fmtp:{codec.red} {primary}/{primary}"]
    else:
        lines.append(f"a=rtpmap:{primary} VP8/90000")
        lines += [f"a=rtcp-fb:{primary} {kind}" for kind in ("nack", "nack pli", "ccm fir", "transport-cc")]
        if codec.rtx:
            lines += [f"a=rtpmap:{codec.rtx} rtx/90000", f"a=fmtp:{codec.rtx} apt={primary}"]
    lines += [f"a=extmap:{number} {_URIS[name]}" for name, number in extensions.items()]
    if rids:
        lines += [f"a=rid:{rid} recv" for rid in rids]
        lines.append(f"a=simulcast:recv {';'.join(rids)}")
    if sending is not None:
        lines += _sending(sending, repaired=bool(codec.rtx))
    return lines


def _sending(sending: Sending, *, repaired: bool) -> list[str]:
    ssrc, stream, track = sending.ssrc, sending.stream, sending.track
    lines = [f"a=msid:{stream} {track}", f"a=ssrc:{ssrc} cname:{stream}", f"a=ssrc:{ssrc} msid:{stream} {track}"]
    if repaired:
        rtx = sending.rtx_ssrc
        lines += [f"a=ssrc-group:FID {ssrc} {rtx}", f"a=ssrc:{rtx} cname:{stream}"]
        lines.append(f"a=ssrc:{rtx} msid:{stream} {track}")
    return lines
