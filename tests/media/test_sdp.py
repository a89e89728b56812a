# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Session descriptions from outside: read or refused, never a crash; and what we write can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media import sdp

FINGERPRINT = ":".join(["AB"] * 32)
HEAD = f"v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:{'x' * 24}\r\na=fingerprint:sha-256 {FINGERPRINT}\r\na=setup:actpass\r\n"
OFFER = """
m=audio 9 UDP/TLS/RTP/SAVPF 63 111
a=mid:0
a=sendonly
a=msid:- {microphone}
a=rtpmap:63 red/48000/2
a=rtpmap:111 opus/48000/2
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:4/recvonly urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:99 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=ssrc:1234 cname:x
m=video 9 UDP/TLS/RTP/SAVPF 45 96 97
a=mid:1
a=sendonly
a=rtpmap:45 AV1/90000
a=rtpmap:96 VP8/90000
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rid:q send
a=rid:h send
a=simulcast:send q;h
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
a=mid:2
"""
CHROMIUM = HEAD + OFFER.lstrip().replace("\n", "\r\n")


def readable(text: str) -> bool:
    """Whether it is a description; any exception but the proper refusal is a fault."""
    try:
        description = sdp.parse(text)
    except sdp.SdpError:
        return False
    for section in description.sections:
        section.codec()
    return True


def test_a_browsers_offer_is_read() -> None:
    description = sdp.parse(CHROMIUM)
    audio, video, data = description.sections
    assert (description.ufrag, description.fingerprint) == ("abcd", FINGERPRINT)
    assert audio.codec() == sdp.Codec(111, 0, 63)
    assert audio.stream_and_track == ["-", "{microphone}"]
    assert audio.ssrcs == [1234]
    assert audio.extensions == {"level": 1, "mid": 4}
    assert video.codec() == sdp.Codec(96, 97)
    assert video.rids == ["q", "h"]
    assert video.sends
    assert not video.receives
    assert data.kind == "application"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "needed"),
        ("hello", "needed"),
        (HEAD, "needed"),
        (HEAD + "m=audio\r\n", "unknown kind"),
        (HEAD + "m=text 9 X 1\r\n", "unknown kind"),
        (HEAD + "m=audio 9 X nonsense\r\n", "payload types"),
        (HEAD + "m=audio 9 X 111\r\n", "mid"),
        (HEAD + "m=audio 9 X 111\r\na=mid:0\r\nm=video 9 X 96\r\na=mid:0\r\n", "mid"),
        (HEAD + "m=audio 9 X 111\r\na=mid:0\r\na=ssrc:many x\r\n", "no meaning"),
        (HEAD + "m=audio 9 X 111\r\na=rtpmap:111\r\n", "no meaning"),
        (HEAD.replace(FINGERPRINT, "AB:CD") + "m=audio 9 X 111\r\na=mid:0\r\n", "no meaning"),
        (HEAD + "m=audio 9 X 111\r\na=mid:0\r\n" * (sdp.SECTIONS_LIMIT + 1), "sections"),
        ("x" * (sdp.TEXT_LIMIT + 1), "too long"),
    ],
)
def test_what_is_no_description_is_refused(text: str, reason: str) -> None:
    with pytest.raises(sdp.SdpError, match=reason):
        sdp.parse(text)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert not readable(text)


@given(st.data())
def test_any_damage_is_read_or_refused(data: st.DataObject) -> None:
    lines = CHROMIUM.splitlines()
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(lines) - 1))
        line = lines[place]
        cut = data.draw(st.integers(0, len(line)))
        lines[place] = line[:cut] + data.draw(st.text(max_size=8)) + line[cut + data.draw(st.integers(0, 4)) :]
    assert readable("\r\n".join(lines)) in {True, False}


@given(st.sampled_from(["audio", "video"]), st.integers(1, 127), st.integers(0, 127), st.integers(1, 0x3FFFFFFF))
def test_what_we_write_is_read_back(kind: str, primary: int, rtx: int, ssrc: int) -> None:
    rtx = rtx if kind == "video" and rtx != primary else 0
    sending = sdp.Sending(ssrc, ssrc | 0x40000000, "PA_x|TR_y", "TR_y")
    section = sdp.media(kind, "7", "sendonly", sdp.Codec(primary, rtx), {"twcc": 3}, sending=sending)
    text = sdp.write([section], ["7"]).replace("s=-\r\n", "s=-\r\n" + HEAD.removeprefix("v=0\r\n"))
    (read,) = sdp.parse(text).sections
    assert read.codec() == sdp.Codec(primary, rtx)
    assert read.ssrcs == ([ssrc, ssrc | 0x40000000] if rtx else [ssrc])
    assert read.stream_and_track == ["PA_x|TR_y", "TR_y"]
    assert read.extensions == {"twcc": 3}
