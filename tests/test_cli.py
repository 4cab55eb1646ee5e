"""The command line: data on stdout alone, one line per error, exact exit codes, nothing lost and nothing twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from helploop.cli import main


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An empty site."""
    folder = tmp_path / "site"
    assert _run(None, "init", str(folder)).exit_code == 0
    return folder


def _run(site: Path | None, *arguments: str) -> Result:
    where = ["-C", str(site)] if site else []
    return CliRunner().invoke(main, [*where, *arguments], catch_exceptions=False)


def _log(folder: Path, *rows: object) -> str:
    file = folder / "log.jsonl"
    file.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )
    return str(file)


def test_intake_accounts_for_every_record(site: Path) -> None:
    """read = stored + updated + duplicates + ignored + quarantined, and the JSON stands alone on stdout."""
    file = _log(
        site,
        {"id": "1", "text": "Where is my parcel? I am ann@mailbox.example"},
        {"id": "2", "text": "   "},
        {"id": "3", "text": "buy pills", "is_spam": True},
        "{this is no JSON",
        {"id": "1", "text": "Where is my parcel? I am ann@mailbox.example"},
    )
    done = _run(site, "intake", file, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "v": 1,
        "read": 5,
        "stored": 1,
        "updated": 0,
        "duplicates": 1,
        "ignored": {"blank": 1, "spam": 1},
        "quarantined": 1,
        "redactions": {"email": 2},
        "kinds": {"question": 2},
        "languages": {"en": 2},
        "template_lines": 0,
    }


def test_same_file_again_stores_nothing_and_a_grown_ticket_is_updated(site: Path) -> None:
    """Idempotent; a new reply updates the inquiry."""
    ticket: dict[str, object] = {"id": "1", "text": "How do I return it?"}
    _run(site, "intake", _log(site, ticket), "--json")
    again = json.loads(_run(site, "intake", _log(site, ticket), "--json").stdout)
    assert (again["stored"], again["updated"], again["duplicates"]) == (0, 0, 1)
    ticket["replies"] = [{"text": "Choose Return under Orders.", "is_agent": True, "by": "mara"}]
    grown = json.loads(_run(site, "intake", _log(site, ticket), "--json").stdout)
    assert (grown["stored"], grown["updated"], grown["duplicates"]) == (0, 1, 0)


def test_dry_run_stores_nothing(site: Path) -> None:
    """A dry run says what would be stored, shows it redacted, and leaves no trace."""
    file = _log(site, {"id": "1", "text": "Where is it? ann@mailbox.example"}, "{broken")
    done = _run(site, "intake", file, "--dry-run")
    assert "would be stored" in done.stderr
    assert "<email>" in done.stderr and "ann@" not in done.stderr
    assert json.loads(_run(site, "intake", file, "--json").stdout)["stored"] == 1
    assert len(json.loads(_run(site, "quarantine", "list", "--json").stdout)["rows"]) == 1


def test_strict_intake_exits_with_3_when_something_is_quarantined(site: Path) -> None:
    """By default a bad row is quarantined and the rest goes on; --strict makes a gate of it."""
    file = _log(site, {"text": "Where is it?"}, "{broken")
    assert _run(site, "intake", file).exit_code == 0
    assert _run(site, "intake", file, "--strict").exit_code == 3


def test_quarantined_row_comes_in_when_it_is_mended(site: Path) -> None:
    """quarantine retry takes in what can be read now, and keeps the rest."""
    _run(site, "intake", _log(site, '{"id": "7", "text": "Can I pay by invoice?"', "{hopeless"))
    kept = next((site / ".helploop" / "quarantine").glob("*.jsonl"))
    kept.write_text(kept.read_text().replace('invoice?\\"', 'invoice?\\"}'))
    done = _run(site, "quarantine", "retry")
    assert "1 stored" in done.stderr
    rows = json.loads(_run(site, "quarantine", "list", "--json").stdout)["rows"]
    assert len(rows) == 1
    assert "Can I pay by invoice?" in _run(site, "inquiries", "invoice").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["intake", "nowhere.csv"], "nowhere.csv: no such file"),
        (["intake", "{site}/empty.csv"], "empty"),
        (["intake", "{site}/log.csv", "--map", "{site}/map.toml"], "did you mean 'Body'?"),
        (["questions"], "no round yet"),
        (["cluster"], "no inquiries that ask anything"),
        (["undo"], "no round to take back"),
        (["inquiry", "0000"], "no such inquiry"),
        (["approve", "q1", "--by", "Mara"], "there is no draft 'q1'"),
        (["import-articles", "nowhere"], "no such file or folder"),
        (["report"], "nothing in the log has a date"),
        (["search", "refund"], "helploop build"),
    ],
)
def test_failure_is_one_clear_line_and_exit_code_1(site: Path, arguments: list[str], said: str) -> None:
    """No traceback, nothing on stdout, and what to do about it."""
    (site / "empty.csv").touch()
    (site / "log.csv").write_text("Id,Body\n1,Where is it?\n")
    (site / "map.toml").write_text('[fields]\ntext = "Bdy"\n')
    done = _run(site, *[argument.format(site=site) for argument in arguments])
    assert done.exit_code == 1, done.output
    assert done.stdout == ""
    assert said in done.stderr
    assert done.stderr.startswith("helploop: ") and done.stderr.count("\n") == 1


def test_wrong_usage_exits_with_2() -> None:
    """Unknown options and missing arguments are click's own."""
    assert _run(None, "intake").exit_code == 2
    assert _run(None, "cluster", "--no-such-option").exit_code == 2


def test_init_leaves_what_is_there(site: Path) -> None:
    """A second init refuses; nothing is overwritten."""
    (site / "kb" / "articles" / "index.md").write_text("mine")
    done = _run(None, "init", str(site))
    assert done.exit_code == 1 and "a site here already" in done.stderr
    assert (site / "kb" / "articles" / "index.md").read_text() == "mine"


def test_new_site_passes_its_own_gate_and_builds(site: Path) -> None:
    """An empty site is a working one; an article that somebody simply added gets its id by check --fix."""
    assert json.loads(_run(site, "check", "--json").stdout) == {"v": 1, "problems": []}
    (site / "kb" / "articles" / "returns").mkdir()
    (site / "kb" / "articles" / "returns" / "send-back.md").write_text("# Send something back\n\nChoose Return.\n")
    refused = _run(site, "check", "--json")
    assert refused.exit_code == 3
    assert {problem["file"] for problem in json.loads(refused.stdout)["problems"]} == {
        "kb/articles/returns/send-back.md"
    }
    _run(site, "check", "--fix")
    assert "\nid: " in (site / "kb" / "articles" / "returns" / "send-back.md").read_text()
    refused = _run(site, "build")
    assert refused.exit_code == 3 and not (site / "site").exists()


def test_imported_articles_are_listed_built_and_found(site: Path) -> None:
    """Articles come in, are listed, and a second import changes nothing."""
    file = site / "old.jsonl"
    file.write_text(
        json.dumps({"id": "a1", "title": "Return an item", "body": "Choose **Return**.", "category": "x"}) + "\n"
    )
    first = json.loads(_run(site, "import-articles", str(file), "--json").stdout)
    again = json.loads(_run(site, "import-articles", str(file), "--json").stdout)
    assert (first["imported"], again["imported"], again["known"]) == (1, 0, 1)
    assert "Return an item" in _run(site, "article", "list").stdout
    assert _run(site, "build", "--quiet").exit_code == 0
    hits = json.loads(_run(site, "search", "return", "--json").stdout)["hits"]
    assert [hit["article"] for hit in hits] == ["a1"]


def test_alias_added_by_hand_is_found_by_the_next_build(site: Path) -> None:
    """article add-alias writes into the article's front matter; the same again is refused; due lists what is due."""
    file = site / "old.jsonl"
    file.write_text(json.dumps({"id": "a1", "title": "Return an item", "body": "Choose **Return**."}) + "\n")
    _run(site, "import-articles", str(file))
    assert _run(site, "article", "add-alias", "a1", "boomerang my purchase").exit_code == 0
    assert _run(site, "article", "add-alias", "a1", "Boomerang my purchase").exit_code == 1
    _run(site, "build", "--quiet")
    found = json.loads(_run(site, "search", "boomerang", "--json").stdout)
    assert [hit["article"] for hit in found["hits"]] == ["a1"]
    assert "a1" in _run(site, "due").stdout


def test_triage_and_outbox_speak_to_people_and_machines(site: Path) -> None:
    """A word is said, listed with who said it, and handed over; JSON alone on stdout."""
    _run(site, "intake", _log(site, {"id": "1", "text": "Where is my parcel?", "received_at": "2026-07-06T12:00:00Z"}))
    (row,) = json.loads(_run(site, "triage", "list", "--json").stdout)["inquiries"]
    said = _run(site, "triage", "set", row["id"], "complaint", "--by", "Mara")
    assert "is complaint: Mara said so" in said.stderr and not said.stdout
    listed = json.loads(_run(site, "triage", "list", "--kind", "complaint", "--json").stdout)
    assert [(i["kind"], i["by"]) for i in listed["inquiries"]] == [("complaint", "person")]
    made = json.loads(_run(site, "outbox", "--json").stdout)
    assert (made["v"], made["new"]) == (1, 1)
    (item,) = made["owners"][0]["items"]
    assert (item["section"], item["reply"], item["due_at"]) == ("complaint", "overdue", "2026-07-06T16:00:00Z")
    assert "NOBODY (no owner is named): 1 complaints, 1 overdue" in _run(site, "outbox").stderr
    _run(site, "triage", "set", row["id"], "auto")
    assert "nothing to hand over" in _run(site, "outbox").stderr
    assert _run(site, "triage", "list", "--unsure").exit_code == 0


@pytest.mark.model
def test_doctor_names_what_is_missing(site: Path, tmp_path: Path) -> None:
    """On a whole site all is well; where there is none, it says what to do and exits with 1."""
    unowned = _run(site, "doctor")
    assert unowned.exit_code == 1
    assert "no owner for escalation, complaint, compliment, idea" in " ".join(unowned.stdout.split())
    named = '{complaint = "desk", compliment = "desk", idea = "desk"}'
    config = (site / "helploop.toml").read_text()
    (site / "helploop.toml").write_text(
        config.replace("owners = {}", f"owners = {named}").replace("= {}", f"= {named}")
    )
    well = _run(site, "doctor", "--json")
    assert well.exit_code == 0, well.output
    assert {f["name"] for f in json.loads(well.stdout)["findings"]} >= {"python", "site", "database", "encoder"}
    (tmp_path / "bare").mkdir()
    ill = _run(tmp_path / "bare", "doctor")
    assert ill.exit_code == 1
    assert "helploop init" in ill.stdout
