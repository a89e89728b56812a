# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings of files."""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from fachwerk.core.identity import is_loopback_url
from fachwerk.kernel.settings import Folder, Section


class S3Settings(Section):
    """An object store that speaks S3: MinIO, Ceph and others. The bucket is this installation's alone."""

    endpoint: str | None = Field(default=None, description="e.g. https://s3.example, with a port if it is another")
    bucket: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    region: str = Field(default="us-east-1", pattern=r"^[a-z0-9-]{1,64}$", description="as the store calls itself")
    access_key_file: Folder | None = None
    secret_key_file: Folder | None = None
    ca_file: Folder | None = Field(default=None, description="whose certificates to trust; none: as the system does")
    timeout_s: float = Field(
        default=15, gt=0, description="the store is taken for dead when a part, or its next bytes, take longer"
    )
    parts_in_memory: int = Field(
        default=128, gt=0, description="parts of up to 8 MiB that wait for their end; further uploads wait"
    )

    @field_validator("endpoint")
    @classmethod
    def _reachable(cls, endpoint: str | None) -> str | None:
        if endpoint is None:
            return None
        parts = urlsplit(endpoint)
        if parts.path or parts.query or parts.fragment or "@" in parts.netloc or not parts.hostname:
            msg = "the endpoint is a scheme, a host and perhaps a port; no path, no keys"
            raise ValueError(msg)
        if parts.scheme == "https" or is_loopback_url(endpoint):
            return endpoint
        msg = "the endpoint must begin with https:// (http:// is for loopback only)"
        raise ValueError(msg)


class FileSettings(Section):
    """Uploads and where their bytes lie."""

    store: Literal["local", "s3"] = "local"
    s3: S3Settings = S3Settings()
    blobs_dir: Folder = Field(default=Path("var/blobs"), description="of the local store")
    master_key_file: Folder = Path("var/keys/master.key")
    disk_reserve_bytes: int = Field(default=1 << 30, ge=0, description="uploads leave this much of the disk free")
    upload_max_bytes: int = Field(default=5 << 30, gt=0)
    upload_keep_hours: float = Field(
        default=48, gt=0, description="an upload without progress and a file never sent are dropped after this"
    )
    upload_idle_s: float = Field(
        default=30, gt=0, description="an upload that brings no byte for this long is put away"
    )
    download_idle_s: float = Field(default=60, gt=0, description="a reader that takes no byte for this long is dropped")
    uploads_per_person: int = Field(default=20, gt=0, description="unfinished at once")

    @model_validator(mode="after")
    def _complete(self) -> "FileSettings":
        needed = ("endpoint", "bucket", "access_key_file", "secret_key_file")
        missing = [name for name in needed if getattr(self.s3, name) is None]
        if self.store == "s3" and missing:
            msg = f"files in S3 need s3.{', s3.'.join(missing)}"
            raise ValueError(msg)
        return self
