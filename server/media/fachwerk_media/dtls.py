# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""DTLS: the handshake that proves who is at the other end and yields the SRTP keys.

Source: RFC 5763 (fingerprints), RFC 5764 (keys), RFC 6347 (DTLS 1.2), RFC 7714 (AES-GCM for SRTP).
"""

from __future__ import annotations

import asyncio
import datetime
import secrets
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL
from pylibsrtp import Error, Policy, Session

if TYPE_CHECKING:
    from collections.abc import Callable

VALID_DAYS = 30
RECORD_LIMIT_BYTES = 65536
DATAGRAM_LIMIT_BYTES = 1200
RECORD_HEADER_BYTES = 13
REPLAY_WINDOW = 1024
"""Packets out of order that libsrtp accepts; retransmissions come from no further back."""
_CIPHERS = b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305"


class Profile(NamedTuple):
    """An SRTP protection profile: its name in DTLS, its number in libsrtp, the bytes of a key and of a salt."""

    name: bytes
    number: int
    key: int
    salt: int

    def master(self, keys: bytes, part: int) -> bytes:
        """Key and salt of the client (part 0) or the server (1) from the exported keys: RFC 5764 section 4.2."""
        key, salt = part * self.key, 2 * self.key + part * self.salt
        return keys[key : key + self.key] + keys[salt : salt + self.salt]

    @property
    def available(self) -> bool:
        """Whether this libsrtp was built with it."""
        try:
            Policy(srtp_profile=self.number)
        except Error:
            return False
        return True


_KNOWN = (
    Profile(b"SRTP_AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),  # RFC 7714
    Profile(b"SRTP_AES128_CM_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),  # RFC 5764
)
PROFILES = [profile for profile in _KNOWN if profile.available]
"""Offered SRTP profiles, best first."""


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 in the form of SDP: pairs of upper case hex digits with colons."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


class Identity:
    """The certificate of this process. Made at start, kept in memory: peers learn its fingerprint over signalling."""

    def __init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, secrets.token_hex(16))])
        now = datetime.datetime.now(tz=datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
            .sign(key, hashes.SHA256())
        )
        self.fingerprint = fingerprint(certificate)
        self.context = SSL.Context(SSL.DTLS_METHOD)
        self.context.set_options(SSL.OP_NO_TICKET)
        # any certificate will do here: it is compared with the fingerprint from the peer's description afterwards
        self.context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        self.context.use_certificate(certificate)
        self.context.use_privatekey(key)
        self.context.set_cipher_list(_CIPHERS)
        self.context.set_tlsext_use_srtp(b":".join(profile.name for profile in PROFILES))


class HandshakeFailedError(Exception):
    """The peer broke off, or what it sent makes no handshake."""


class Dtls:
    """One DTLS association, without a socket of its own."""

    def __init__(self, identity: Identity, send: Callable[[bytes], None], *, client: bool = False) -> None:
        """send: takes one datagram. client: begins the handshake (load generator, tests); a server waits."""
        self._connection = SSL.Connection(identity.context)
        self._connection.set_ciphertext_mtu(DATAGRAM_LIMIT_BYTES)
        if client:
            self._connection.set_connect_state()
        else:
            self._connection.set_accept_state()
        self._client = client
        self._send = send
        self._timer: asyncio.TimerHandle | None = None
        self.peer_fingerprint: str | None = None
        """Known once the handshake is done."""

    def begin(self) -> None:
        """Send the first flight, as client."""
        self._handshake()

    def receive(self, datagram: bytes) -> list[bytes]:
        """Take in one datagram and return the application data in it.

        Raises HandshakeFailedError if there will be no association, EOFError if the peer closed it.
        """
        self._connection.bio_write(datagram)
        if self.peer_fingerprint is None:
            self._handshake()
            return []
        received = []
        while True:
            try:
                received.append(self._connection.recv(RECORD_LIMIT_BYTES))
            except SSL.WantReadError:
                break
            except SSL.ZeroReturnError as error:
                raise EOFError("the peer closed the association") from error
            except SSL.Error:  # a forged or damaged record is dropped: RFC 6347 section 4.1.2.7
                break
        self._flush()
        return received

    def send(self, data: bytes) -> None:
        """Send application data; raises ConnectionError after the end of the association."""
        try:
            self._connection.send(data)
        except SSL.Error as error:
            raise ConnectionError("the DTLS association is gone") from error
        self._flush()

    def sessions(self) -> tuple[Session, Session]:
        """The SRTP sessions (inbound, outbound) of a finished handshake.

        Raises HandshakeFailedError if no SRTP profile was agreed on.
        """
        name = self._connection.get_selected_srtp_profile()
        profile = next((profile for profile in PROFILES if profile.name == name), None)
        if profile is None:
            raise HandshakeFailedError("no common SRTP profile")
        size = 2 * (profile.key + profile.salt)
        keys = self._connection.export_keying_material(b"EXTRACTOR-dtls_srtp", size)
        ours, theirs = (0, 1) if self._client else (1, 0)

        def session(part: int, direction: int) -> Session:
            policy = Policy(key=profile.master(keys, part), ssrc_type=direction, srtp_profile=profile.number)
            # a number used twice with AES-GCM gives the key away: the library refuses it, and nothing here asks for it
            policy.allow_repeat_tx = False
            policy.window_size = REPLAY_WINDOW
            return Session(policy)

        return session(theirs, Policy.SSRC_ANY_INBOUND), session(ours, Policy.SSRC_ANY_OUTBOUND)

    def close(self) -> None:
        """Say goodbye and stop retransmitting."""
        self._stop_timer()
        if self.peer_fingerprint is not None:
            try:
                self._connection.shutdown()
            except SSL.Error:
                return  # the peer was faster
            self._flush()

    def _handshake(self) -> None:
        self._stop_timer()
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            self._flush()
            self._start_timer()
            return
        except SSL.Error as error:
            self._flush()
            raise HandshakeFailedError(str(error)) from error
        self._flush()
        certificate = self._connection.get_peer_certificate(as_cryptography=True)
        if certificate is None:
            raise HandshakeFailedError("the peer showed no certificate")
        self.peer_fingerprint = fingerprint(certificate)

    def _start_timer(self) -> None:
        wait_s = self._connection.DTLSv1_get_timeout()
        if wait_s is not None:
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._retransmit)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _retransmit(self) -> None:
        """Our last flight was lost: send it again. OpenSSL gives up by itself after a dozen times."""
        self._timer = None
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error:
            return
        self._flush()
        self._start_timer()

    def _flush(self) -> None:
        """Hand over what OpenSSL wrote, whole records in each datagram."""
        try:
            pending = self._connection.bio_read(RECORD_LIMIT_BYTES)
        except SSL.WantReadError:
            return
        at = 0
        while at < len(pending):
            end = at
            while end < len(pending):
                size = RECORD_HEADER_BYTES + int.from_bytes(pending[end + 11 : end + 13], "big")
                if end > at and end + size - at > DATAGRAM_LIMIT_BYTES:
                    break
                end += size
            self._send(pending[at:end])
            at = end
