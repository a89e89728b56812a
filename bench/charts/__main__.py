# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m bench.charts [NAME=FOLDER[:VALUES]...]`: how our chart and others stand before the same admission.

FOLDER is a chart that somebody has fetched; VALUES a file for one that does not render without. Prints a table; says
nothing about what a chart cannot show without running.
"""

import argparse
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.deploy.chart import CHART, MINISTRY, ROOT, WORKLOADS, Helm, Object
from tests.deploy.cluster import Administrator, Cluster

STANDARDS = ("restricted", "baseline")
PODS_OF = WORKLOADS | {"DaemonSet", "CronJob"}


class Chart(NamedTuple):
    """A chart to look at. values: a file, if it needs one."""

    name: str
    folder: Path
    values: Path | None

    @classmethod
    def named(cls, text: str) -> "Chart":
        """From NAME=FOLDER[:VALUES]. Raises ValueError."""
        name, equals, places = text.partition("=")
        folder, _, values = places.partition(":")
        if not equals or not (Path(folder) / "Chart.yaml").is_file():
            raise ValueError(f"{text}: not NAME=FOLDER with a Chart.yaml in FOLDER")
        return cls(name, Path(folder), Path(values) if values else None)


def rendered(helm: Helm, chart: Chart) -> list[Object] | str:
    """Its objects as they are without further values, or why there are none."""
    values = ["--values", str(chart.values)] if chart.values else []
    done = helm.run("template", "peer", str(chart.folder), "--namespace", "x", "--kube-version", "1.34.0", *values)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no reason given"])[-1][:70]
    return [one for one in yaml.safe_load_all(done.stdout) if isinstance(one, dict)]


def pods(objects: Sequence[Object]) -> Iterator[Object]:
    """The pods that workloads would make."""
    for one in objects:
        if one["kind"] in PODS_OF:
            spec = one["spec"]["jobTemplate"]["spec"] if one["kind"] == "CronJob" else one["spec"]
            yield spec["template"]["spec"]


def row(chart: Chart, objects: Sequence[Object], administrator: Administrator) -> list[str]:
    """What the table says of a chart."""
    found = list(pods(objects))
    containers = [container for pod in found for container in pod["containers"]]
    admitted = [_admitted(administrator, found, standard) for standard in STANDARDS]
    kinds = [one["kind"] for one in objects]
    read_only = [(c.get("securityContext") or {}).get("readOnlyRootFilesystem") is True for c in containers]
    schema = chart.folder / "values.schema.json"
    strict = schema.is_file() and yaml.safe_load(schema.read_text()).get("additionalProperties") is False
    return [
        chart.name,
        *(f"{count}/{len(found)}" for count in admitted),
        f"{sum('@sha256:' in c.get('image', '') for c in containers)}/{len(containers)}",
        f"{sum(read_only)}/{len(containers)}",
        str(kinds.count("NetworkPolicy")),
        str(kinds.count("PodDisruptionBudget")),
        "yes" if strict else "no",
        str(sum("Role" in kind for kind in kinds)),
    ]


def _admitted(administrator: Administrator, found: Sequence[Object], standard: str) -> int:
    """How many pods the API server would take in the namespace that enforces this standard."""
    path = f"/api/v1/namespaces/{standard}/pods?dryRun=All"
    count = 0
    for pod in found:
        spec = {name: value for name, value in pod.items() if name not in {"serviceAccount", "serviceAccountName"}}
        restart = {"restartPolicy": pod.get("restartPolicy", "Always")}
        answer = administrator.ask("POST", path, {"metadata": {"name": "one"}, "spec": spec | restart})
        count += answer.is_success
    return count


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.charts", description=__doc__)
    parser.add_argument("chart", nargs="*", type=Chart.named, metavar="NAME=FOLDER[:VALUES]")
    charts = [Chart("fachwerk", CHART, MINISTRY), *parser.parse_args().chart]
    script = ROOT / "tests/stack/helm.sh"
    helm = Helm(Path(subprocess.run([script, "install"], capture_output=True, text=True, check=True).stdout.strip()))
    head = ["chart", *STANDARDS, "digests", "read-only", "network policies", "budgets", "strict values", "roles"]
    rows = [head]
    with Cluster() as cluster, cluster.administrator() as administrator:
        for standard in STANDARDS:
            administrator.make_namespace(standard, standard)
        for chart in charts:
            objects = rendered(helm, chart)
            rows.append([chart.name, objects] if isinstance(objects, str) else row(chart, objects, administrator))
    widths = [max(len(one[column]) for one in rows if len(one) == len(head)) for column in range(len(head))]
    for one in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(one, widths, strict=False)).rstrip())


if __name__ == "__main__":
    main()
