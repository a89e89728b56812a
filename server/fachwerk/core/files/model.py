# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of files. A file is a name and a room for a blob; a blob is a key and its parts in order."""

from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class Blob(SQLModel, table=True):
    """Bytes that never change once they are complete. key_wrapped: its key under the master key `master_id`."""

    __tablename__ = "blob"
    id: str = Field(primary_key=True)
    key_wrapped: bytes = Field(sa_type=LargeBinary)
    master_id: str
    created_ms: int = Field(sa_type=BigInteger)


class Part(SQLModel, table=True):
    """A durable piece of a blob; `id` names it in the store. no: from 0, without gaps."""

    __tablename__ = "blob_part"
    __table_args__ = (UniqueConstraint("blob_id", "no"),)
    id: str = Field(primary_key=True)
    blob_id: str = Field(foreign_key="blob.id")
    no: int
    offset_bytes: int = Field(sa_type=BigInteger)
    length_bytes: int = Field(sa_type=BigInteger)


class Upload(SQLModel, table=True):
    """A file on its way in. received_bytes: durable, so acknowledged; it only rises. Its id becomes the file's."""

    __tablename__ = "file_upload"
    id: str = Field(primary_key=True)
    room_id: str
    uploader_id: str = Field(index=True)
    name: str
    length_bytes: int = Field(sa_type=BigInteger)
    received_bytes: int = Field(default=0, sa_type=BigInteger)
    blob_id: str = Field(foreign_key="blob.id")
    created_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger, index=True)


class FileRow(SQLModel, table=True):
    """A complete file. message_id: None until it is sent, and its uploader's alone till then."""

    __tablename__ = "file"
    id: str = Field(primary_key=True)
    room_id: str
    uploader_id: str = Field(index=True)
    name: str
    size_bytes: int = Field(sa_type=BigInteger)
    media_type: str
    sha256: str
    blob_id: str = Field(foreign_key="blob.id")
    message_id: str | None = Field(default=None, index=True)
    created_ms: int = Field(sa_type=BigInteger, index=True)
    deleted_ms: int | None = Field(default=None, sa_type=BigInteger)


class Orphan(SQLModel, table=True):
    """Something in the store that no part names, and since when we know."""

    __tablename__ = "blob_orphan"
    part_id: str = Field(primary_key=True)
    seen_ms: int = Field(sa_type=BigInteger)
