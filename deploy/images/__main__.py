# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m deploy.images [--out FOLDER] [--uv PROGRAM]`: build all images and print a digest for each."""

import argparse
from pathlib import Path

from deploy.images.build import build

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Build."""
    parser = argparse.ArgumentParser(prog="python -m deploy.images", description="Build the container images.")
    parser.add_argument("--out", type=Path, default=ROOT / "build/images", help="where the image layouts go")
    parser.add_argument("--uv", type=Path, default=ROOT / "build/tools/bin/uv", help="brings the wheels")
    chosen = parser.parse_args()
    for name, digest in build(ROOT, chosen.out, uv=chosen.uv).items():
        print(f"{name} {digest}")  # noqa: T201 -- the answer


if __name__ == "__main__":
    main()
