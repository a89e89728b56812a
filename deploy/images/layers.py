# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Trees of files as layers, and layers as an image (OCI image format 1.1): equal trees give equal digests."""

import gzip
import hashlib
import io
import json
import stat
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

EPOCH_S = 0
"""The age of every file. Python's own compiled files name the hash of their source, not its age."""
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


class Layer(NamedTuple):
    """blob: compressed. content: digest of what is in it, before compression."""

    blob: bytes
    content: str


def pack(tree: Path) -> Layer:
    """A layer of everything below `tree`: sorted, of one age, owned by root, writable by nobody else, no setuid."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(tree.rglob("*"), key=lambda path: path.relative_to(tree).parts):
            _add(tar, path, str(path.relative_to(tree)))
    content = raw.getvalue()
    blob = gzip.compress(content, compresslevel=6, mtime=0)
    return Layer(blob, digest(content))


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.mtime = EPOCH_S
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, str(path.readlink()), 0o777
        tar.addfile(entry)
    elif stat.S_ISDIR(mode):
        entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
        tar.addfile(entry)
    else:
        entry.size, entry.mode = path.stat().st_size, 0o755 if mode & stat.S_IXUSR else 0o644
        with path.open("rb") as file:
            tar.addfile(entry, file)


def digest(blob: bytes) -> str:
    """As images write it."""
    return "sha256:" + hashlib.sha256(blob).hexdigest()


def write_image(
    folder: Path, layers: Sequence[Layer], *, name: str, process: Mapping[str, Any], labels: Mapping[str, str]
) -> str:
    """An image layout in `folder`, which must not exist; returns the digest of its manifest.

    process: what the configuration says of the process to run. labels: org.opencontainers.image.* annotations.
    """
    (folder / "blobs/sha256").mkdir(parents=True)
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {**process, "Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [layer.content for layer in layers]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _store(folder, CONFIG, _json(config)),
        "layers": [_store(folder, LAYER, layer.blob) for layer in layers],
        "annotations": labels,
    }
    stored = _store(folder, MANIFEST, _json(manifest))
    reference = stored | {"annotations": {"org.opencontainers.image.ref.name": name}}
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [reference]}
    (folder / "index.json").write_bytes(_json(index))
    (folder / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))
    return str(stored["digest"])


def _store(folder: Path, media_type: str, blob: bytes) -> dict[str, Any]:
    name = digest(blob)
    (folder / "blobs" / name.replace(":", "/")).write_bytes(blob)
    return {"mediaType": media_type, "digest": name, "size": len(blob)}


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
