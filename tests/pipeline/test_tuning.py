"""tune: from the log to kb/search, and into the built site."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from helploop import pipeline
from helploop.cli import main
from helploop.config import Settings, load_settings
from helploop.domain import ArticleId
from helploop.errors import HelploopError
from helploop.pipeline.tuning import WorseError
from helploop.search import open_site
from helploop.tuning import Measured
from tests.conftest import TrigramEncoder

ARTICLE = """---
id: {id}
title: {title}
review: approved
owner: support
reviewed_by: Mara
reviewed_at: 2026-06-01
---

{body}
"""
ASKED = ("How do I skip my next box?", "skip the next box", "can you skip one box for me", "pause the next delivery")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site with two articles and a log of eighty customers, one of whom names a person."""
    pipeline.init_site(tmp_path / "site")
    made = load_settings(tmp_path / "site", environ={})
    for key, title, body in (("skip", "Skip a box", "Choose Skip."), ("return", "Send the grinder back", "Print it.")):
        (made.articles / f"{key}.md").write_text(ARTICLE.format(id=key, title=title, body=body), encoding="utf-8")
    rows = [
        {
            "id": str(number),
            "text": f"{ASKED[number % 4]} {'zaphod' if number == 7 else 'thanks'}",
            "customer": f"c{number}",
            "received_at": "2026-07-06T12:00:00Z",
        }
        for number in range(80)
    ]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    pipeline.intake(made, [log])
    return made


def test_tune_writes_a_table_that_the_built_site_searches_with(settings: Settings, encoder: TrigramEncoder) -> None:
    """A customer's word that no article has finds the article after tuning; names of one customer are in no file."""
    pipeline.build_site(settings)
    with open_site(settings.root / "site") as engine:
        assert engine.search("pause").hits == ()
    tuned = pipeline.tune(settings, encoder=encoder)
    assert "pause" in tuned.table.words
    built = pipeline.build_site(settings)
    assert built.notes == ()
    with open_site(settings.root / "site") as engine:
        found = engine.search("pause")
    assert found.hits[0].parts["meaning"] > 0
    for path in (*(settings.kb / "search").iterdir(), *(settings.root / "site").rglob("*.js*")):
        assert b"zaphod" not in path.read_bytes()


def test_tune_twice_writes_the_same_bytes(settings: Settings, encoder: TrigramEncoder) -> None:
    """The same log, the same table; a dry run writes nothing."""
    folder = settings.kb / "search"
    pipeline.tune(settings, encoder=encoder, dry_run=True)
    assert not (folder / "words.json").exists()
    pipeline.tune(settings, encoder=encoder)
    first = {path.name: path.read_bytes() for path in folder.glob("words.*")}
    again = pipeline.tune(settings, encoder=encoder)
    assert again.old is not None
    assert {path.name: path.read_bytes() for path in folder.glob("words.*")} == first
    assert set(first) == {"words.json", "words.bin"}


def test_a_table_that_finds_less_is_not_written(
    settings: Settings, encoder: TrigramEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused with its figures, unless a person insists."""
    answers = iter([Measured((1,) * 40), Measured((0,) * 40)] * 2)
    monkeypatch.setattr("helploop.pipeline.tuning.measure", lambda _index, _asked: next(answers))
    with pytest.raises(WorseError, match="--force") as refused:
        pipeline.tune(settings, encoder=encoder)
    assert refused.value.tuned.new.first == 0
    assert not (settings.kb / "search" / "words.json").exists()
    pipeline.tune(settings, encoder=encoder, force=True)
    assert (settings.kb / "search" / "words.bin").exists()


def test_build_says_that_a_table_is_broken_or_old_and_goes_on(settings: Settings, encoder: TrigramEncoder) -> None:
    """A site is built without a table that cannot be read, and with one that does not know all words."""
    pipeline.tune(settings, encoder=encoder)
    rows = settings.kb / "search" / "words.bin"
    whole = rows.read_bytes()
    rows.write_bytes(whole[:50])
    [note] = pipeline.build_site(settings).notes
    assert "words.bin: does not fit words.json" in note
    rows.write_bytes(whole)
    text = ARTICLE.format(id="wombat", title="Feed the wombat", body="Leaves.")
    (settings.articles / "wombat.md").write_text(text, encoding="utf-8")
    [note] = pipeline.build_site(settings).notes
    assert "older than the articles, 3 of their words are not in it (feed, leaves, wombat): helploop tune" in note
    with open_site(settings.root / "site") as engine:
        assert engine.search("wombat").hits[0].article == ArticleId("wombat")


def test_tune_needs_articles(tmp_path: Path, encoder: TrigramEncoder) -> None:
    """Without any there is nothing to search."""
    pipeline.init_site(tmp_path / "site")
    with pytest.raises(HelploopError, match="no articles"):
        pipeline.tune(load_settings(tmp_path / "site", environ={}), encoder=encoder)


def test_the_command_prints_what_the_table_is_worth(settings: Settings, encoder: TrigramEncoder) -> None:
    """As a table, and as JSON; what could not be measured is said."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("helploop.pipeline.tuning.site_encoder", lambda _settings: encoder)
        said = CliRunner().invoke(main, ["-C", str(settings.root), "tune", "--dry-run"])
        as_json = CliRunner().invoke(main, ["-C", str(settings.root), "tune", "--json"])
    assert said.exit_code == 0
    assert "not written" in said.output
    assert "was not measured" in said.output
    facts = json.loads(as_json.stdout)
    assert (facts["v"], facts["written"], facts["old"], facts["new"]["asked"]) == (1, True, None, 0)


def test_run_tunes_and_keeps_the_old_table_where_the_new_one_is_worse(
    settings: Settings, encoder: TrigramEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`helploop run` learns the log's words; a table that finds less is told of, and nothing else is lost."""
    # by its module: in the package the name is the function's
    monkeypatch.setattr(sys.modules["helploop.pipeline.run"], "site_encoder", lambda _settings: encoder)
    made = pipeline.run(settings, ())
    assert made.is_tuned
    words = (settings.kb / "search" / "words.json").read_bytes()
    answers = iter([Measured((0,) * 40), Measured((1,) * 40), Measured((0,) * 40)])
    monkeypatch.setattr("helploop.pipeline.tuning.measure", lambda _index, _asked: next(answers))
    made = pipeline.run(settings, ())
    assert made.tuned is not None and not made.is_tuned
    assert made.report.paths
    assert (settings.kb / "search" / "words.json").read_bytes() == words
