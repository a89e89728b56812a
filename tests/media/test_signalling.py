# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Joining from outside: who is let in, who is refused and how, and that nothing a client sends ends the process."""

import asyncio
import base64
import contextlib
import gzip
import os
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import websockets
from livekit.protocol import models, rtc
from websockets.asyncio.client import ClientConnection, connect

from tests.media.process import MediaProcess, access_token

ORIGIN = "https://chat.example.org"
Compression = rtc.WrappedJoinRequest.Compression
Reason = rtc.RequestResponse.Reason


@pytest.fixture(scope="module")
def server() -> Iterator[MediaProcess]:
    with MediaProcess(origins=ORIGIN, participants_limit=3, tracks_limit=2, resume_s=2, departure_s=0) as process:
        yield process


def join_request(request: rtc.JoinRequest | bytes, *, zipped: bool = True) -> str:
    content = request if isinstance(request, bytes) else request.SerializeToString()
    wrapped = rtc.WrappedJoinRequest(
        compression=Compression.GZIP if zipped else Compression.NONE,
        join_request=gzip.compress(content) if zipped else content,
    )
    return base64.urlsafe_b64encode(wrapped.SerializeToString()).decode().rstrip("=")


async def status(address: str, **headers: str) -> int:
    """HTTP status of a refused WebSocket."""
    with pytest.raises(websockets.InvalidStatus) as refused:
        await connect(address, additional_headers=headers)
    return refused.value.response.status_code


async def receive(socket: ClientConnection, kind: str) -> rtc.SignalResponse:
    """The next message of this kind."""
    async with asyncio.timeout(5):
        while True:
            raw = await socket.recv()
            assert isinstance(raw, bytes)
            response = rtc.SignalResponse.FromString(raw)
            if response.WhichOneof("message") == kind:
                return response


def dual(server: MediaProcess, identity: str = "ada", room: str = "r1", **grants: Any) -> str:
    return f"{server.ws}/rtc?access_token={access_token(identity, room, **grants)}&auto_subscribe=1"


async def is_alive(server: MediaProcess) -> bool:
    """Whether somebody can still join."""
    async with connect(dual(server, room="alive")) as socket:
        return (await receive(socket, "join")).join.room.name == "alive"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 401),
        ("access_token=nonsense", 401),
        ("access_token=" + access_token("ada", secret="another secret that is long enough"), 401),
        ("access_token=" + access_token("ada", lifetime_s=-60), 401),
        ("access_token=" + access_token("ada", lifetime_s=86400), 401),
        ("access_token=" + access_token("ada", room_join=False), 401),
    ],
    ids=["none", "nonsense", "foreign", "expired", "too long", "no grant"],
)
@pytest.mark.parametrize("path", ["/rtc", "/rtc/v1"])
async def test_without_a_valid_token_nobody_gets_in(server: MediaProcess, path: str, query: str, expected: int) -> None:
    assert await status(f"{server.ws}{path}?{query}") == expected
    assert httpx2.get(f"{server.url}{path}/validate?{query}").status_code == expected


async def test_the_token_may_come_in_the_header(server: MediaProcess) -> None:
    headers = {"authorization": f"Bearer {access_token('ada')}"}
    async with connect(f"{server.ws}/rtc", additional_headers=headers) as socket:
        assert (await receive(socket, "join")).join.participant.identity == "ada"


async def test_only_the_web_clients_origin_gets_in(server: MediaProcess) -> None:
    assert await status(dual(server), origin="https://elsewhere.example.org") == 403
    async with connect(dual(server), additional_headers={"origin": ORIGIN}) as socket:
        await receive(socket, "join")
    async with connect(dual(server), additional_headers={"origin": server.url}) as socket:
        await receive(socket, "join")
    answer = httpx2.get(f"{server.url}/rtc/validate", headers={"origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    other = httpx2.get(f"{server.url}/rtc/validate", headers={"origin": "https://elsewhere.example.org"})
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    "request_text",
    [
        "",
        "%25%25%25",
        "x",
        base64.urlsafe_b64encode(os.urandom(200)).decode(),
        join_request(os.urandom(200)),
        join_request(bytes(64 << 20)),
        join_request(rtc.JoinRequest(metadata="x" * 70_000)),
        base64.urlsafe_b64encode(
            rtc.WrappedJoinRequest(compression=Compression.GZIP, join_request=b"no gzip").SerializeToString()
        ).decode(),
    ],
    ids=["empty", "no base64", "cut", "noise", "zipped noise", "bomb", "large", "no gzip"],
)
async def test_a_join_request_that_makes_no_sense_is_refused(server: MediaProcess, request_text: str) -> None:
    address = f"{server.ws}/rtc/v1?access_token={access_token('ada')}&join_request={request_text}"
    assert await status(address) == 400
    assert await is_alive(server)


@pytest.mark.parametrize("zipped", [True, False])
async def test_joining_on_the_single_connection_with_a_bad_offer_closes_that_socket(
    server: MediaProcess, zipped: bool
) -> None:
    request = rtc.JoinRequest(publisher_offer=rtc.SessionDescription(type="offer", sdp="nonsense", id=1))
    text = join_request(request, zipped=zipped)
    async with connect(f"{server.ws}/rtc/v1?access_token={access_token('ada')}&join_request={text}") as socket:
        await receive(socket, "join")
    assert await is_alive(server)


@pytest.mark.parametrize(
    "message",
    [
        b"\xff\xff\xff",
        b"",
        "text",
        rtc.SignalRequest(offer=rtc.SessionDescription(type="offer", sdp="x")).SerializeToString(),
        rtc.SignalRequest(answer=rtc.SessionDescription(type="answer", sdp="x")).SerializeToString(),
    ],
    ids=["no protobuf", "empty", "text", "no offer", "no answer"],
)
async def test_what_is_no_request_closes_that_socket_only(server: MediaProcess, message: bytes | str) -> None:
    async with connect(dual(server)) as socket:
        await receive(socket, "join")
        await socket.send(message)
        await asyncio.wait_for(socket.wait_closed(), 5)
        assert socket.close_code == 1003
    assert await is_alive(server)


async def test_a_message_of_more_than_a_megabyte_closes_that_socket_only(server: MediaProcess) -> None:
    async with connect(dual(server)) as socket:
        await receive(socket, "join")
        with contextlib.suppress(websockets.ConnectionClosed):  # it may be closed before all is sent
            await socket.send(bytes(2 << 20))
        await socket.wait_closed()
        assert socket.close_code == 1009
    assert await is_alive(server)


def microphone(cid: str = "m") -> rtc.AddTrackRequest:
    return rtc.AddTrackRequest(cid=cid, type=models.TrackType.AUDIO, source=models.TrackSource.MICROPHONE)


def camera(cid: str = "c") -> rtc.AddTrackRequest:
    return rtc.AddTrackRequest(cid=cid, type=models.TrackType.VIDEO, source=models.TrackSource.CAMERA)


@pytest.mark.parametrize(
    ("grants", "track", "reason"),
    [
        ({"can_publish": False}, microphone(), Reason.NOT_ALLOWED),
        ({"can_publish_sources": ["microphone"]}, camera(), Reason.NOT_ALLOWED),
        ({}, rtc.AddTrackRequest(cid="d", type=models.TrackType.DATA), Reason.UNSUPPORTED_TYPE),
        ({}, microphone(""), Reason.DUPLICATE_HANDLE),
    ],
    ids=["publishing", "the source", "the type", "no id"],
)
async def test_a_track_that_is_not_allowed_is_refused_with_a_reason(
    server: MediaProcess, grants: dict[str, Any], track: rtc.AddTrackRequest, reason: int
) -> None:
    async with connect(dual(server, **grants)) as socket:
        await socket.send(rtc.SignalRequest(add_track=track).SerializeToString())
        answer = await receive(socket, "request_response")
        assert answer.request_response.reason == reason
        assert answer.request_response.add_track.cid == track.cid


async def test_allowed_tracks_are_announced_up_to_the_limit(server: MediaProcess) -> None:
    async with connect(dual(server, can_publish_sources=["microphone", "camera"])) as socket:
        for track in (microphone(), camera()):
            await socket.send(rtc.SignalRequest(add_track=track).SerializeToString())
            assert (await receive(socket, "track_published")).track_published.cid == track.cid
        await socket.send(rtc.SignalRequest(add_track=camera("third")).SerializeToString())
        answer = await receive(socket, "request_response")
        assert answer.request_response.reason == Reason.LIMIT_EXCEEDED


async def test_metadata_is_changed_only_with_the_grant(server: MediaProcess) -> None:
    change = rtc.UpdateParticipantMetadata(name="Countess", metadata="m", request_id=5, attributes={"hand": "up"})
    async with connect(dual(server)) as socket:
        await socket.send(rtc.SignalRequest(update_metadata=change).SerializeToString())
        assert (await receive(socket, "request_response")).request_response.reason == Reason.NOT_ALLOWED
    async with connect(dual(server, can_update_own_metadata=True)) as socket:
        await receive(socket, "join")
        await socket.send(rtc.SignalRequest(update_metadata=change).SerializeToString())
        (info,) = (await receive(socket, "update")).update.participants
        assert (info.name, info.metadata, info.attributes["hand"]) == ("Countess", "m", "up")
        too_long = rtc.UpdateParticipantMetadata(metadata="x" * 5000, request_id=6)
        await socket.send(rtc.SignalRequest(update_metadata=too_long).SerializeToString())
        answers = [(await receive(socket, "request_response")).request_response for _ in range(2)]
        assert [answer.reason for answer in answers] == [Reason.OK, Reason.LIMIT_EXCEEDED]


async def test_a_full_room_lets_nobody_else_in(server: MediaProcess) -> None:
    async with (
        connect(dual(server, "a", "full")) as first,
        connect(dual(server, "b", "full")),
        connect(dual(server, "c", "full")),
    ):
        await receive(first, "join")
        assert await status(dual(server, "d", "full")) == 503


async def test_the_same_identity_takes_the_place_of_the_earlier_one(server: MediaProcess) -> None:
    async with connect(dual(server, room="twice")) as first:
        await receive(first, "join")
        async with connect(dual(server, room="twice")) as second:
            await receive(second, "join")
            leave = (await receive(first, "leave")).leave
            assert leave.reason == models.DisconnectReason.DUPLICATE_IDENTITY


async def test_a_cut_session_is_resumed_and_told_what_it_missed(server: MediaProcess) -> None:
    async with connect(dual(server, "ada", "resume")) as ada:
        sid = (await receive(ada, "join")).join.participant.sid
        async with connect(dual(server, "bea", "resume")) as bea:
            await receive(bea, "join")
            ada.transport.abort()
            await asyncio.sleep(0.2)
            await bea.send(rtc.SignalRequest(leave=rtc.LeaveRequest()).SerializeToString())
            await bea.wait_closed()
    async with connect(f"{dual(server, 'ada', 'resume')}&reconnect=1&sid={sid}") as again:
        await receive(again, "reconnect")
        told = (await receive(again, "update")).update.participants
        states = {info.identity: info.state for info in told}
        assert states == {
            "ada": models.ParticipantInfo.State.ACTIVE,
            "bea": models.ParticipantInfo.State.DISCONNECTED,
        }


async def test_one_who_is_too_late_to_resume_is_told_to_join_anew(server: MediaProcess) -> None:
    async with connect(f"{dual(server, 'ada', 'late')}&reconnect=1&sid=PA_gone") as socket:
        leave = (await receive(socket, "leave")).leave
        assert leave.action == rtc.LeaveRequest.Action.RECONNECT
        assert leave.reason == models.DisconnectReason.STATE_MISMATCH


async def test_health_and_metrics_name_nobody(server: MediaProcess) -> None:
    async with connect(dual(server, "a-name", "a-room")) as socket:
        await receive(socket, "join")
        assert httpx2.get(f"{server.url}/healthz").text == "ok\n"
        text = httpx2.get(f"{server.url}/metrics").text
        assert re.search("fachwerk_media_participants [1-9]", text)
        assert "fachwerk_media_joins_total" in text
        assert "a-name" not in text
        assert "a-room" not in text
        assert "a-room" not in server.log()
        assert "a-name" not in server.log()


async def test_at_the_end_clients_are_sent_elsewhere_and_the_process_ends_cleanly() -> None:
    with MediaProcess() as own:
        async with connect(dual(own)) as socket:
            await receive(socket, "join")
            ending = asyncio.get_running_loop().run_in_executor(None, own.stop)
            leave = (await receive(socket, "leave")).leave
            assert leave.reason == models.DisconnectReason.SERVER_SHUTDOWN
            assert leave.action == rtc.LeaveRequest.Action.RECONNECT
            assert await ending == 0
