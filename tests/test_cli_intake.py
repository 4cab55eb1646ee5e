"""helploop intake on every format: each fixture in one command, what a dry run shows, a mapping proposed and used."""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from helploop.cli import main

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data" / "intake"
UNKNOWN = ROOT / "tests" / "data" / "unknown"


def system(path: Path) -> str:
    """What a fixture is read with: zendesk_comments.jsonl belongs to zendesk.json."""
    return f"{path.name.split('_')[0]}.json" if "_" in path.name else path.name


FIXTURES = [list(files) for _, files in groupby(sorted(DATA.iterdir(), key=lambda p: (system(p), p.name)), system)]
COMMANDS = re.findall(r"`helploop (intake tests/[^`]+)`", (ROOT / "docs" / "intake.md").read_text(encoding="utf-8"))


def run(folder: Path, *arguments: str) -> Result:
    """The command in an empty folder."""
    return CliRunner().invoke(main, ["-C", str(folder), *arguments], catch_exceptions=False)


@pytest.mark.parametrize("files", FIXTURES, ids=lambda files: system(files[0]))
def test_every_fixture_comes_in_by_one_command(tmp_path: Path, files: list[Path]) -> None:
    """No option is needed: it is recognised, read, accounted for and shown; the second time nothing is new."""
    names = [str(path) for path in files]
    shown = json.loads(run(tmp_path, "intake", *names, "--dry-run", "--json").stdout)
    counts = shown["stored"] + shown["updated"] + shown["duplicates"] + shown["quarantined"]
    assert shown["read"] == counts + sum(shown["ignored"].values()) and shown["stored"] > 0
    assert [file["file"] for file in shown["files"]] == names and shown["preview"]
    first = json.loads(run(tmp_path, "intake", *names, "--json").stdout)
    again = json.loads(run(tmp_path, "intake", *names, "--json").stdout)
    assert first["read"] == shown["read"] and first["stored"] > 0 and (again["stored"], again["updated"]) == (0, 0)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_docs_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """What docs/intake.md tells a newcomer to type works as it stands."""
    monkeypatch.chdir(ROOT)
    done = run(tmp_path, *command.split())
    assert done.exit_code == 0 and " read = " in done.stderr


def test_dry_run_says_what_was_recognised(tmp_path: Path) -> None:
    """Per file: format, preset, which column is used for what, and what is not; three records, redacted."""
    done = run(tmp_path, "intake", str(DATA / "hubspot.csv"), "--dry-run")
    key, kinds = (
        re.search(r"customer ([0-9a-f]{8})\b", done.stderr),
        re.search(r"^kinds: .*$", done.stderr, re.MULTILINE),
    )
    assert done.stdout == "" and key is not None and kinds is not None
    expected = f"""\
3 read = 3 would be stored + 0 updated + 0 known already + ignored (0) + 0 quarantined
{kinds[0]}

{DATA / "hubspot.csv"}: csv, read by preset hubspot
  id              Ticket ID
  text            Ticket description | Ticket name
  title           Ticket name
  customer        Associated Contact
  channel         Source
  received_at     Create date
  first_reply_at  First agent email response date
  resolved_at     Close date
  tags            Category | Pipeline | Priority
  not used:       Ticket status, Ticket owner, Associated Contact IDs

hubspot 9012345601 · mail · question · customer {key[1]}
  received 2026-07-06 09:14 · first reply 2026-07-06 09:58 · resolved 2026-07-06 11:02
  tags: Delivery, pipeline:Support Pipeline, priority:Medium
  title: Change address
  text: I moved. How can I change the address of my next box?
"""
    assert done.stderr.startswith(expected)
    assert done.stderr.count("replies: 0 by agents, 0 by the customer") == 3
    assert not (tmp_path / ".helploop" / "quarantine").exists()


def test_dry_run_shows_no_personal_data(tmp_path: Path) -> None:
    """What is shown is what would be stored: placeholders, hashes, replies told apart; known records, too."""
    file = tmp_path / "in.jsonl"
    turns = [{"by": "Mara", "text": "Sent to ann@mailbox.example."}, {"by": "customer", "text": "Thanks"}]
    row = {
        "id": 7,
        "title": "For Ann Lee",
        "text": "I am ann@mailbox.example, where is it?",
        "customer": "ann@mailbox.example",
    }
    file.write_text(json.dumps(row | {"customer_names": ["Ann Lee"], "replies": turns, "nps": 9}) + "\n")
    for _ in range(2):
        text = run(tmp_path, "intake", str(file), "--dry-run").stderr
        (record,) = json.loads(run(tmp_path, "intake", str(file), "--dry-run", "--json").stdout)["preview"]
        assert "ann" not in text.replace("channel", "").lower() and "read by our own field names" in text
        assert "text: I am <email>, where is it?" in text and "replies: 1 by agents, 1 by the customer" in text
        assert record["text"] == "I am <email>, where is it?" and record["title"] == "For <name>"
        assert record["replies"] == {"agent": 1, "customer": 1} and len(record["customer"]) >= 16
        assert (record["nps"], record["received_at"]) == (9, None)
        run(tmp_path, "intake", str(file))


def test_a_proposed_mapping_works_at_once(tmp_path: Path) -> None:
    """--propose-map prints a mapping file alone, and --map takes it; nothing was stored meanwhile."""
    file = UNKNOWN / "vorgaenge.csv"
    done = run(tmp_path, "intake", str(file), "--propose-map")
    assert done.exit_code == 0 and done.stderr == "" and not (tmp_path / ".helploop").exists()
    (tmp_path / "map.toml").write_text(done.stdout, encoding="utf-8")
    taken = json.loads(run(tmp_path, "intake", str(file), "--map", str(tmp_path / "map.toml"), "--json").stdout)
    assert (taken["read"], taken["stored"], taken["quarantined"]) == (4, 4, 0)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--from", "hubspto"), 2, "there is no format 'hubspto'; did you mean hubspot?"),
        (("--from", "zendsk"), 2, "did you mean zendesk?"),
        (("--map", "huspot"), 1, "huspot: there is no such mapping file; did you mean the preset hubspot?"),
        (("--from", "trustpilot"), 1, "preset trustpilot: fields.text = 'text' is not in the header of hubspot.csv"),
        (("--channel", "emial"), 2, "'emial' is not one of"),
        (("--from", "mbox"), 1, "--from mbox does not fit, such a file begins with"),
    ],
)
def test_wrong_options_are_answered(tmp_path: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    """One line with the nearest right name, and the exit code for it."""
    done = run(tmp_path, "intake", str(DATA / "hubspot.csv"), *arguments)
    assert done.exit_code == code and message in done.stderr
