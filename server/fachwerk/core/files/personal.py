# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What files keep about a person, as they may read it. The bytes themselves are in their rooms."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import FileRow, Upload


def files(person_id: str) -> Select[Any]:
    """What they uploaded."""
    return (
        select(
            *columns(
                FileRow,
                *("id", "room_id", "message_id", "name", "size_bytes", "media_type", "sha256"),
                *("created_ms", "deleted_ms"),
            )
        )
        .where(col(FileRow.uploader_id) == person_id)
        .order_by(col(FileRow.created_ms), col(FileRow.id))
    )


def uploads(person_id: str) -> Select[Any]:
    """What they began to upload."""
    return (
        select(*columns(Upload, "id", "room_id", "name", "length_bytes", "received_bytes", "created_ms", "expires_ms"))
        .where(col(Upload.uploader_id) == person_id)
        .order_by(col(Upload.created_ms), col(Upload.id))
    )


PERSONAL = {"files": files, "uploads": uploads}
