"""Conversations a second and peak memory of `helploop intake`, per format, on invented conversations.

    make bench-formats                                          100,000 conversations a format, about an hour
    python benchmarks/intake/formats.py --rows 5000 csv xlsx    a look at two formats

Every run is the real command on a new site, in a process of its own. Peak memory is that of the process and all its
children together (proportional set size, looked at ten times a second; Linux); CPU seconds count all of them. With
--write the table goes into benchmarks/intake/README.md.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from formats_data import TABLES
from formats_desks import DESKS

WRITERS = TABLES | DESKS
README = Path(__file__).with_name("README.md")
BIN = Path(sys.executable).parent
SETTINGS = '[intake]\nagent_addresses = ["@kettlewren.example"]\n'


@dataclass(frozen=True)
class Run:
    """What one format cost."""

    name: str
    rows: int
    megabytes: float  # of the files
    seconds: float
    cpu_seconds: float
    peak_mb: float
    report: dict[str, int]


def measure(name: str, rows: int) -> Run:
    """Writes the files and takes them in; fails when a conversation is lost."""
    with tempfile.TemporaryDirectory(prefix="helploop-formats-") as folder:
        site = Path(folder) / "site"
        subprocess.run([BIN / "helploop", "init", str(site)], check=True, capture_output=True)
        (site / "helploop.toml").write_text(SETTINGS)
        files = WRITERS[name](Path(folder), rows)
        sizes = [
            f.stat().st_size for path in files for f in (path.rglob("*") if path.is_dir() else [path]) if f.is_file()
        ]
        command = [str(BIN / "helploop"), "-C", str(site), "intake", *map(str, files), "--json"]
        started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            peak = watch(process)
            assert process.stdout is not None
            report = json.loads(process.stdout.read() or b"{}")
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if process.returncode or report["quarantined"] or report["stored"] < rows * 0.99:
        raise SystemExit(f"{name}: {report}")
    return Run(name, rows, sum(sizes) / 1e6, seconds, cpu, peak, report)


def watch(process: subprocess.Popen[bytes]) -> float:
    """Waits for the end; the most memory, in MB, that the process and its children had at once."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(memory_mb, family(process.pid))))
        time.sleep(0.1)
    return peak


def family(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        tasks = Path(f"/proc/{pid}/task").iterdir()
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(below for child in children for below in family(child))]


def memory_mb(pid: int) -> float:
    """A process's share of memory: what it shares with others is divided among them."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def as_table(runs: list[Run]) -> str:
    """The Markdown table."""
    lines = ["| format | files, MB | conversations/s | seconds | CPU seconds | peak MB |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {r.name} | {r.megabytes:.0f} | {r.rows / r.seconds:,.0f}"
        f" | {r.seconds:.1f} | {r.cpu_seconds:.0f} | {r.peak_mb:.0f} |"
        for r in runs
    ]
    return "\n".join(lines)


def main() -> None:
    """Measures the formats that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("formats", nargs="*", choices=[*WRITERS, []], help="all when none is named")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    given = parser.parse_args()
    runs = []
    for name in given.formats or WRITERS:
        runs.append(measure(name, given.rows))
        print(as_table(runs[-1:]).splitlines()[-1], flush=True)
    if given.write:
        text = README.read_text(encoding="utf-8")
        old = re.search(r"(?<=<!-- formats -->\n).*?(?=<!-- /formats -->)", text, re.DOTALL)
        assert old is not None, "the README has no place for the table"
        README.write_text(text[: old.start()] + as_table(runs) + "\n" + text[old.end() :], encoding="utf-8")


if __name__ == "__main__":
    main()
