# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""An image run the way a pod of the restricted standard is: by runc, without a container engine.

A user id that nobody knows, group 0, no capability, no new privileges, system calls filtered, nothing to write to but
/tmp, bounded memory and number of processes. Its network is the test's own.
To be somebody else than oneself needs root, so these tests do.
"""

import json
import os
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SECCOMP = Path("/usr/share/containers/seccomp.json")
"""What container engines use by default, as Debian packages it."""
USER = 1_000_660_000
"""As OpenShift hands them out."""
MEMORY_BYTES, PROCESSES = 512 << 20, 256
STOP_S = 30
QUIET = ["nosuid", "nodev", "noexec"]


def unpack(layout: Path, root: Path) -> dict[str, Any]:
    """The image's files below `root`; returns the configuration of its process."""

    def blob(described: Mapping[str, Any]) -> Path:
        return layout / "blobs" / str(described["digest"]).replace(":", "/")

    root.mkdir(parents=True)
    (described,) = json.loads((layout / "index.json").read_text())["manifests"]
    manifest = json.loads(blob(described).read_text())
    for layer in manifest["layers"]:
        command: list[str | Path] = [
            "tar",
            "--extract",
            "--gzip",
            "--same-permissions",
            "--file",
            blob(layer),
            "--directory",
            root,
        ]
        subprocess.run(command, check=True, timeout=STOP_S)
    config: dict[str, Any] = json.loads(blob(manifest["config"]).read_text())["config"]
    return config


class Container:
    """One running container; a context manager. folders: places in the container, with what is mounted there."""

    def __init__(
        self,
        root: Path,
        process: Mapping[str, Any],
        folder: Path,
        *,
        arguments: Sequence[str] = (),
        command: Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
        folders: Mapping[str, Path] | None = None,
    ) -> None:
        self.name = f"fachwerk-{secrets.token_hex(6)}"
        self._bundle = folder / self.name
        self._bundle.mkdir()
        self._log = self._bundle / "log"
        self._runc = ["runc", "--root", str(self._bundle / "state")]
        told = [*process["Env"], *(f"{name}={value}" for name, value in (environment or {}).items())]
        spec = _specification(root, [*(command or process["Entrypoint"]), *arguments], told, folders or {})
        (self._bundle / "config.json").write_text(json.dumps(spec))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        assert os.geteuid() == 0, "to run an image as another user the tests must be run as root"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*self._runc, "run", "--bundle", self._bundle, self.name],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.running:
            self.signal("KILL")
        self.wait()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal(self, name: str) -> None:
        """As the kubelet does, to the first process."""
        subprocess.run([*self._runc, "kill", self.name, name], check=True, timeout=STOP_S, capture_output=True)

    def wait(self, within_s: float = STOP_S) -> int:
        """Its exit code, once it has ended."""
        assert self._process is not None
        return self._process.wait(within_s)

    def said(self) -> str:
        """What it wrote to its output."""
        return self._log.read_text(errors="replace")

    def status(self) -> dict[str, str]:
        """/proc/PID/status of its first process, as the kernel sees it."""
        state = subprocess.run(
            [*self._runc, "state", self.name], check=True, capture_output=True, text=True, timeout=STOP_S
        )
        lines = Path("/proc", str(json.loads(state.stdout)["pid"]), "status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _specification(
    root: Path, arguments: Sequence[str], environment: Sequence[str], folders: Mapping[str, Path]
) -> dict[str, Any]:
    """What runc reads (OCI runtime specification 1.0)."""
    mounts = [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": QUIET},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]},
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": [*QUIET, "mode=1777", "size=64m"]},  # noqa: S108
    ]
    mounts += [
        {"destination": place, "type": "bind", "source": str(source), "options": ["bind", *QUIET]}
        for place, source in folders.items()
    ]
    kinds = ("bounding", "effective", "permitted", "inheritable", "ambient")
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False,
            "user": {"uid": USER, "gid": 0, "umask": 0o077},
            "cwd": "/tmp",  # noqa: S108
            "args": list(arguments),
            "env": list(environment),
            "noNewPrivileges": True,
            "capabilities": {kind: [] for kind in kinds},
        },
        "root": {"path": str(root), "readonly": True},
        "mounts": mounts,
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")],
            "seccomp": _seccomp(),
            "resources": {"memory": {"limit": MEMORY_BYTES}, "pids": {"limit": PROCESSES}},
            "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug"],
            "readonlyPaths": ["/proc/sys", "/proc/bus", "/proc/fs", "/proc/irq"],
        },
    }


def _seccomp() -> dict[str, Any]:
    """The default profile, in runc's form: for this machine and for a process without capabilities."""
    profile = json.loads(SECCOMP.read_text())
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    calls = []
    for group in profile["syscalls"]:
        includes, excludes = group.get("includes") or {}, group.get("excludes") or {}
        if includes.get("caps") or machine in (excludes.get("arches") or ()):
            continue
        if includes.get("arches") and machine not in includes["arches"]:
            continue
        call = {"names": group["names"], "action": group["action"]}
        if group.get("args"):
            call["args"] = [{k: v for k, v in argument.items() if v is not None} for argument in group["args"]]
        if group.get("errnoRet"):
            call["errnoRet"] = group["errnoRet"]
        calls.append(call)
    architecture = {"amd64": "SCMP_ARCH_X86_64", "arm64": "SCMP_ARCH_AARCH64"}[machine]
    return {
        "defaultAction": profile["defaultAction"],
        "defaultErrnoRet": 1,
        "architectures": [architecture],
        "syscalls": calls,
    }
