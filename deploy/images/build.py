# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""All images of one source tree."""

import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

from deploy.images import debian, layers, sbom, wheels
from deploy.images.recipe import Image, Recipe, select

PYTHONPATH = "/app:/app/site"
STOP_SIGNAL = "SIGTERM"
LICENCE = "EUPL-1.2"


def build(source: Path, out: Path, *, uv: Path) -> dict[str, str]:
    """Build the images of the repository at `source` into folders below `out`; their digests by name.

    Each is an OCI image layout, beside it NAME.cdx.json says what is in it. Raises SystemExit with a sentence when
    something is not there.
    """
    recipe = Recipe.read(source / "deploy/images/images.toml")
    for image in recipe.images.values():
        for place in (*image.sources.values(), *image.files.values()):
            if not (source / place).is_dir():
                raise SystemExit(f"there is no {place}: run `make web`")
    files = debian.fetch(recipe.debian.packages, out / "debian")
    digests = {}
    with tempfile.TemporaryDirectory(prefix="fachwerk-image-") as folder:
        work = Path(folder)
        base = work / "base"
        base.mkdir()
        packages = debian.unpack(files, base)
        run = Interpreter(base)
        run.compile(base / f"usr/lib/python{recipe.debian.python}", base)
        lowest = layers.pack(base)
        for name, image in recipe.images.items():
            selection = select(source / "uv.lock", without=image.without, never=recipe.never.distributions)
            site, app = work / name / "site", work / name / "app"
            installed = wheels.install(source, selection, site / "app/site", python=recipe.debian.python, uv=uv)
            _copy(source, image, app / "app")
            for tree in (site, app):
                run.compile(tree / "app", tree)
            shutil.rmtree(out / name, ignore_errors=True)
            digests[name] = layers.write_image(
                out / name,
                [lowest, layers.pack(site), layers.pack(app)],
                name=f"fachwerk/{name}",
                process=_process(image),
                labels={
                    "org.opencontainers.image.title": f"fachwerk/{name}",
                    "org.opencontainers.image.licenses": LICENCE,
                },
            )
            modules = sbom.web_modules(source / "clients/web/package-lock.json") if image.files else []
            (out / f"{name}.cdx.json").write_bytes(sbom.bill(name, digests[name], packages, installed, modules))
    return digests


class Interpreter:
    """The image's own Python, run from its unpacked files by its own loader: neither root nor a container is needed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        loader = root / "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
        libraries = ":".join(str(root / place) for place in ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"))
        self._command = [str(loader), "--library-path", libraries, str(root / "usr/bin/python3")]

    def compile(self, folder: Path, root: Path) -> None:
        """Compile all sources below `folder`; tracebacks name them by their place below `root`.

        In the image nothing can be written, so every start would compile anew. Whatever does not compile (a template,
        a test of broken syntax) is left as it is.
        """
        compiler = ["-m", "compileall", "-qq", "--invalidation-mode", "unchecked-hash", "-s", str(root), "-p", "/"]
        # what the compiler itself imports must not be written by the way: that would hold the times of files
        environment = {"PYTHONHOME": str(self._root / "usr"), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run([*self._command, *compiler, str(folder)], env=environment, check=False)  # noqa: S603


def _copy(source: Path, image: Image, app: Path) -> None:
    for name, place in (*image.sources.items(), *image.files.items()):
        shutil.copytree(source / place, app / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    # so that the program knows its version, as after an installation
    project = tomllib.loads((source / "pyproject.toml").read_text())["project"]
    about = app / f"{project['name']}-{project['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")


def _process(image: Image) -> dict[str, object]:
    return {
        "User": "10001:10001",
        "Entrypoint": ["/usr/bin/python3", "-m", image.program],
        "Env": ["PATH=/usr/bin", f"PYTHONPATH={PYTHONPATH}", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1"],
        "WorkingDir": "/tmp",  # noqa: S108 -- the one place that can be written to, of this container alone
        "StopSignal": STOP_SIGNAL,
    }
