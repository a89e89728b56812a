# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Files: resumable uploads into a room, encrypted parts, downloads under the policy."""

from .blobs import Blobs
from .download import Download
from .download import answer as answer_download
from .guard import RECHECK_BYTES, Guard
from .module import MODULE
from .sealing import MasterKey, make_master_key
from .service import Content, FileRef, attachable, master_keys, readable, remove_of_message, sent_content, size_bytes
from .settings import FileSettings, S3Settings
from .store import FileStore

__all__ = [
    "MODULE",
    "RECHECK_BYTES",
    "Blobs",
    "Content",
    "Download",
    "FileRef",
    "FileSettings",
    "FileStore",
    "Guard",
    "MasterKey",
    "S3Settings",
    "answer_download",
    "attachable",
    "make_master_key",
    "master_keys",
    "readable",
    "remove_of_message",
    "sent_content",
    "size_bytes",
]
