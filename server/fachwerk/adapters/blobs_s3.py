# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Blobs in an object store that speaks S3: one object per part, under `parts/`.

Only what every maker's server can do: PUT, GET of a range, DELETE and LIST (decision 12).
`minio` signs and lists; the bytes go by aiohttp over addresses signed for us, which never leave this
process: `minio`'s own way, through threads, costs more than twice the CPU.

An object's length is told before its first byte, and a part learns its length at its end. So a part
waits in memory, sealed, until it is kept.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from itertools import islice
from typing import Literal, TypeVar
from urllib.parse import urlsplit

import aiohttp
import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from prometheus_client import Counter
from yarl import URL

from fachwerk.core.files import S3Settings
from fachwerk.core.files.blobs import Damaged, PartReader, StoreBusy, StoreDown, StoreFull
from fachwerk.kernel.errors import Problem
from fachwerk.kernel.ids import is_id
from fachwerk.kernel.log import logger
from fachwerk.kernel.settings import secret

FOLDER = "parts/"
CONNECTIONS = 512
"""To the store, per process. A download has one; a further one waits at most `timeout_s` for it."""
READ_AHEAD_BYTES = 256 * 1024
"""Of each download; the store may bring twice as much before it is held back."""
SIGNED_FOR = timedelta(minutes=15)
"""As far as S3 lets clocks differ anyway (Amazon S3 API, RequestTimeTooSkewed)."""
LISTED_AT_ONCE = 1000
REFUSAL_BYTES = 64 * 1024
"""Most that is read of a refusal."""
OK = frozenset({200, 204, 206})
AGAIN = frozenset({409, 500, 503})
"""Worth another try: others were at the same place, or a moment of weakness (Amazon S3 API, "Error responses")."""
AGAIN_S = 0.1
BEYOND_THE_END, NO_ROOM, ITS_OWN_FAULT = 416, 507, 500
FULL = frozenset({"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage", "QuotaExceeded"})
"""Names that makers have for it; S3 itself is never full."""
FAILURES = Counter("fachwerk_s3_failures", "Requests to the object store that failed", ["reason"])

T = TypeVar("T")
Method = Literal["GET", "PUT", "DELETE"]
_CODE = re.compile(rb"<Code>(\w{1,100})</Code>")
log = logger("blobs_s3")


class S3Blobs:
    """The store. Raises SystemExit with a sentence when a file of the settings cannot be read."""

    def __init__(self, settings: S3Settings) -> None:
        assert settings.endpoint
        assert settings.bucket
        assert settings.access_key_file
        assert settings.secret_key_file
        self._settings, self._bucket = settings, settings.bucket
        try:
            self._tls = ssl.create_default_context(cafile=settings.ca_file)
        except OSError as error:
            raise SystemExit(f"cannot use the certificates in {settings.ca_file}: {error.strerror}") from error
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(settings.timeout_s), retries=urllib3.Retry(1, redirect=0), ssl_context=self._tls
        )
        address = urlsplit(settings.endpoint)
        self._client = Minio(
            address.netloc,
            secret(settings.access_key_file),
            secret(settings.secret_key_file),
            secure=address.scheme == "https",
            region=settings.region,  # given, so that signing asks nobody
            http_client=self._pool,
        )
        self._session: aiohttp.ClientSession | None = None
        self.waiting = 0

    async def begin(self, part_id: str) -> "_Writer":
        """Start a part. Raises StoreBusy."""
        if self.waiting >= self._settings.parts_in_memory:
            FAILURES.labels("busy").inc()
            raise StoreBusy
        return _Writer(self, part_id)

    @asynccontextmanager
    async def reading(self, part_id: str, start: int, end: int) -> AsyncIterator[PartReader]:
        """Read the bytes [start, end) of a kept part. Raises Damaged when there is none, StoreDown."""
        reader = _Reader(self, part_id, start, end)
        try:
            yield reader
        finally:
            reader.leave()

    async def delete(self, part_id: str) -> None:
        """Forget a part; one that is only begun has nothing in the store."""
        with suppress(Damaged):  # it is not there
            (await self.ask("DELETE", part_id)).release()

    async def stored(self) -> AsyncIterator[list[str]]:
        """The ids of all parts; other objects are none of our business."""
        objects = self._client.list_objects(self._bucket, prefix=FOLDER, recursive=True)

        def page() -> list[str]:
            with _failures_as_problems():
                return [found.object_name or "" for found in islice(objects, LISTED_AT_ONCE)]

        while names := await asyncio.to_thread(page):
            ids = ((name, name.rpartition("/")[2]) for name in names)
            yield [part_id for name, part_id in ids if is_id(part_id) and name == _name(part_id)]

    def check(self) -> None:
        """Ask for the list. Raises SystemExit when the keys, the bucket or the certificate cannot be right."""
        try:
            next(self._client.list_objects(self._bucket, prefix=FOLDER), None)
        except (urllib3.exceptions.HTTPError, MinioException) as error:
            if isinstance(error, S3Error) and error.response.status < ITS_OWN_FAULT:
                raise SystemExit(_sentence(self._settings, error.code or "")) from error
            if isinstance(getattr(error, "reason", None), urllib3.exceptions.SSLError):
                raise SystemExit(f"the certificate of {self._settings.endpoint} is not to be trusted") from error
            log.warning("store away at start", error=type(error).__name__)

    async def close(self) -> None:
        """End all connections."""
        self._pool.clear()
        if self._session:
            await self._session.close()

    async def ask(
        self,
        method: Method,
        part_id: str,
        *,
        span: tuple[int, int] | None = None,
        body: Sequence[bytes | bytearray] = (),
    ) -> aiohttp.ClientResponse:
        """Ask for one object, twice if need be: a success, whose content is still to be read.

        span: the bytes [start, end) to GET. body: of a PUT. Raises Damaged when there is none, StoreFull, StoreDown.
        """
        headers = {"Content-Length": str(sum(map(len, body)))} if method == "PUT" else {}
        if span:
            headers["Range"] = f"bytes={span[0]}-{span[1] - 1}"
        patience = self._patience(total=None if method == "GET" else self._settings.timeout_s)
        for last in (False, True):
            address = self._client.get_presigned_url(method, self._bucket, _name(part_id), expires=SIGNED_FOR)
            try:
                response = await self._http().request(
                    method,
                    URL(address, encoded=True),
                    data=_flow(body) if method == "PUT" else None,
                    headers=headers,
                    timeout=patience,
                    allow_redirects=False,
                )
                if response.status in OK:
                    return response
                if response.status not in AGAIN or last:
                    raise await _refusal(response)
                response.release()
                await asyncio.sleep(AGAIN_S)
            except (aiohttp.ClientError, TimeoutError) as error:
                if last or isinstance(error, TimeoutError):
                    raise away(error) from error
        raise AssertionError("the loop ends before")

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:  # made here, since it belongs to a running loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, ssl=self._tls),
                read_bufsize=READ_AHEAD_BYTES,
                auto_decompress=False,
                headers={"Accept-Encoding": "identity"},
                skip_auto_headers=["User-Agent", "Content-Type"],
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _patience(self, *, total: float | None) -> aiohttp.ClientTimeout:
        wait_s = self._settings.timeout_s
        return aiohttp.ClientTimeout(total=total, connect=wait_s, sock_connect=wait_s, sock_read=wait_s)


class _Writer:
    """A part in memory. It counts there from its beginning until it is kept or dropped."""

    def __init__(self, store: S3Blobs, part_id: str) -> None:
        self._store, self._part_id = store, part_id
        self._pieces: list[bytes | bytearray] = []
        self._ended = False
        store.waiting += 1

    async def write(self, sealed: bytes | bytearray) -> None:
        """Add bytes, which nobody changes afterwards."""
        self._pieces.append(sealed)

    async def keep(self) -> None:
        """Put it into the store, which answers when it has it. Raises StoreFull, StoreDown."""
        try:
            (await self._store.ask("PUT", self._part_id, body=self._pieces)).release()
        except Damaged as error:  # "not found" can only be the bucket
            raise StoreDown from error
        finally:
            self._end()

    async def drop(self) -> None:
        """Forget it. What the store has taken without saying so is the sweep's: it may well still be taking it."""
        self._end()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._pieces.clear()
            self._store.waiting -= 1


class _Reader:
    """A stream of one object's bytes, opened again where it stood when the store has lost patience with a slow one."""

    def __init__(self, store: S3Blobs, part_id: str, start: int, end: int) -> None:
        self._store, self._part_id, self._at, self._end = store, part_id, start, end
        self._response: aiohttp.ClientResponse | None = None

    async def read(self, size_bytes: int, use: Callable[[bytes], T]) -> T:
        """Give the next bytes, fewer only at the end, to `use`; here, as a thread costs more than a chunk's tag."""
        sealed = await self._next(min(size_bytes, self._end - self._at))
        self._at += len(sealed)
        return use(sealed)

    def leave(self) -> None:
        """Give the connection back, or end it if there is more on it."""
        if self._response:
            self._response.release()

    async def _next(self, size_bytes: int) -> bytes:
        again = self._response is not None
        while size_bytes:
            try:
                self._response = self._response or await self._store.ask(
                    "GET", self._part_id, span=(self._at, self._end)
                )
                return await self._response.content.readexactly(size_bytes)
            except _BeyondTheEnd:
                return b""
            except asyncio.IncompleteReadError as short:
                return short.partial
            except (aiohttp.ClientError, TimeoutError) as error:
                self.leave()
                self._response = None
                if not again or isinstance(error, TimeoutError):
                    raise away(error) from error
                again = False
        return b""


class _BeyondTheEnd(Exception):
    """A range that begins where the object ends or later (RFC 9110, section 15.5.17)."""


def away(error: Exception) -> StoreDown:
    """The store cannot be reached or says nothing. The error's text would tell signed addresses."""
    FAILURES.labels("away").inc()
    log.error("store away", error=type(error).__name__)
    return StoreDown()


async def _flow(pieces: Sequence[bytes | bytearray]) -> AsyncGenerator[bytes | bytearray]:
    for piece in pieces:
        yield piece


async def _refusal(response: aiohttp.ClientResponse) -> Exception:
    """Why the store will not (Amazon S3 API, "Error responses"); only its code is ever told."""
    try:
        text = await response.content.readexactly(REFUSAL_BYTES)
    except asyncio.IncompleteReadError as short:
        text = short.partial
    finally:
        response.release()
    if response.status == BEYOND_THE_END:
        return _BeyondTheEnd()
    found = _CODE.search(text)
    return _problem(response.status, found[1].decode() if found else "")


def _problem(status: int, code: str) -> Problem:
    if status == NO_ROOM or code in FULL:
        FAILURES.labels("full").inc()
        return StoreFull()
    if code == "NoSuchKey":
        return Damaged()
    FAILURES.labels("refused").inc()
    log.error("store refuses", status=status, code=code)
    return StoreDown()


@contextmanager
def _failures_as_problems() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        raise _problem(error.response.status, error.code or "") from error
    except (urllib3.exceptions.HTTPError, MinioException) as error:
        raise away(error) from error


def _name(part_id: str) -> str:
    """Of its object. Ids begin with the time, so the end spreads them over whatever parts the store makes of them."""
    return f"{FOLDER}{part_id[-2:]}/{part_id}"


def _sentence(settings: S3Settings, code: str) -> str:
    where = f"{settings.bucket} at {settings.endpoint}"
    unknown = f"{settings.endpoint} does not know the access key in {settings.access_key_file}"
    sentences = {
        "NoSuchBucket": f"there is no bucket {where}: make it, without versions, for this installation alone",
        "InvalidAccessKeyId": unknown,
        "XAdminUserNotFound": unknown,  # versitygw
        "SignatureDoesNotMatch": f"the secret in {settings.secret_key_file} does not fit the access key in "
        f"{settings.access_key_file}",
        "AccessDenied": f"the access key in {settings.access_key_file} may not list the bucket {where}; "
        "it must list, read, write and delete there",
        "RequestTimeTooSkewed": f"the clocks of this machine and of {settings.endpoint} differ too much",
    }
    return sentences.get(code, f"the object store refuses the bucket {where} in region {settings.region}: {code}")
