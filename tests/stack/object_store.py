# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""An object store as an object, and what an operator can do in it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import urllib3
from minio import Minio

from tests.stack.component import Component


class ObjectStore(Component):
    """An S3 server. make: "minio" or "versitygw"."""

    def __init__(self, make: str) -> None:
        super().__init__(make)

    def crash(self) -> None:
        """Kill it; start() brings back what it had acknowledged."""
        self.stop(S3_STOP="KILL")

    def access(self, bucket: str) -> dict[str, str]:
        """What Fachwerk needs to know of it (`files.s3`)."""
        keys = {f"{name}_file": str(self.data / name) for name in ("access_key", "secret_key")}
        return {"endpoint": self.address, "bucket": bucket, **keys}

    @contextmanager
    def client(self) -> Iterator[Minio]:
        """An operator's access to everything in it."""
        pool = urllib3.PoolManager(timeout=30, retries=urllib3.Retry(5, backoff_factor=0.2))
        access, secret = ((self.data / name).read_text() for name in ("access_key", "secret_key"))
        address = urlsplit(self.address).netloc
        yield Minio(address, access, secret, secure=False, region="us-east-1", http_client=pool)
        pool.clear()

    def create_bucket(self) -> str:
        """Make a bucket and return its name."""
        name = f"t{uuid.uuid4().hex}"
        with self.client() as client:
            client.make_bucket(name)
        return name
