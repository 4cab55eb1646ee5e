"""What the search must go on finding, and what a miss shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from helploop import pipeline
from helploop.cli import main
from helploop.config import Settings, load_settings
from helploop.domain import ArticleId, SearchAction, SearchEvent, Verdict
from helploop.errors import ConfigError
from helploop.expectations import Expectation, alias_expectations, as_toml, hold, read_expectations
from helploop.helpsite.index import build_index
from helploop.search import SearchEngine
from helploop.store import Store
from tests.conftest import NOON, make_article

TRACK = make_article(id=ArticleId("track"), title="Track a delivery", aliases=("where is my parcel",))
RESET = make_article(id=ArticleId("reset"), title="Reset your password", body="", aliases=("locked out",), path="r.md")


@pytest.fixture(scope="module")
def engine() -> Iterator[SearchEngine]:
    """Two articles."""
    with SearchEngine(build_index((TRACK, RESET), {TRACK.id: "t/", RESET.id: "r/"})) as made:
        yield made


def test_what_is_found_in_time_holds(engine: SearchEngine) -> None:
    """Within its place; an alias always has to."""
    expected = (Expectation("password", ArticleId("reset"), 1), *alias_expectations((TRACK, RESET)))
    assert hold(engine, expected) == ()


def test_a_miss_shows_what_won_and_by_what(engine: SearchEngine) -> None:
    """The article's place, its parts, and the hits in front of it."""
    [late, lost] = hold(
        engine,
        (
            Expectation("track delivery password", ArticleId("reset"), 1),
            Expectation("delivery", ArticleId("reset")),
        ),
    )
    assert (late.rank, [hit.article for hit in late.winners]) == (2, ["track"])
    assert late.hit is not None and late.hit.parts["title"] > 0
    assert (lost.rank, lost.hit, [hit.article for hit in lost.winners]) == (0, None, ["track"])


def test_an_alias_of_two_articles_need_not_find_either() -> None:
    """Nobody can say which is right."""
    other = make_article(id=ArticleId("other"), aliases=("locked out", "mine"))
    assert [one.query for one in alias_expectations((RESET, other))] == ["mine"]


def test_a_file_is_read_with_its_lines_and_all_mistakes_are_told(tmp_path: Path) -> None:
    """Each wrong table is named by file and line; a missing file has none; what is proposed can be read."""
    file = tmp_path / "expected.toml"
    assert read_expectations(file) == ()
    proposed = (Expectation('say "hi"\\', ArticleId("track"), 3, "expected.toml:1"),)
    file.write_text(as_toml(proposed), encoding="utf-8")
    assert read_expectations(file) == proposed
    file.write_text(
        '# ours\n[[expected]]\nquery = "a"\narticle = "track"\nwithn = 2\n\n'
        '[[expected]]\nquery = " "\narticle = "track"\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=r"expected.toml:2: .*withn") as wrong:
        read_expectations(file)
    assert "expected.toml:7: query must say something" in str(wrong.value)
    for text in ("query = 1 2", 'expected = "x"'):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=r"expected.toml"):
            read_expectations(file)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A built site with one article."""
    pipeline.init_site(tmp_path / "site")
    made = load_settings(tmp_path / "site", environ={})
    text = "---\nid: track\ntitle: Track a delivery\nreview: approved\nowner: desk\nreviewed_by: Mara\n"
    text += "reviewed_at: 2026-06-01\n---\n\nOpen Orders.\n"
    (made.articles / "track.md").write_text(text, encoding="utf-8")
    pipeline.build_site(made)
    return made


def test_the_command_ends_with_3_on_a_miss(settings: Settings) -> None:
    """And says which line of which file, and what won; with a gone article it is an error."""
    file = settings.kb / "search" / "expected.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text('[[expected]]\nquery = "refund"\narticle = "track"\n', encoding="utf-8")
    said = CliRunner().invoke(main, ["-C", str(settings.root), "search-test"])
    assert said.exit_code == 3
    assert "'refund' (expected.toml:1): track is not found, not among the first 3" in said.output
    as_json = CliRunner().invoke(main, ["-C", str(settings.root), "search-test", "--json"])
    facts = json.loads(as_json.stdout)
    assert (facts["asked"], facts["missed"][0]["rank"], facts["missed"][0]["parts"]) == (1, 0, None)
    file.write_text('[[expected]]\nquery = "track"\narticle = "track"\n', encoding="utf-8")
    assert CliRunner().invoke(main, ["-C", str(settings.root), "search-test"]).exit_code == 0
    file.write_text('[[expected]]\nquery = "track"\narticle = "gone"\n', encoding="utf-8")
    said = CliRunner().invoke(main, ["-C", str(settings.root), "search-test"])
    assert (said.exit_code, "there is no article gone" in said.output) == (1, True)


def test_clicks_of_three_visitors_are_proposed(settings: Settings) -> None:
    """Two are too few, and what stands in the file is not proposed again."""
    clicks = [("Where's my box?", 3), ("invoice", 2)]
    events = [
        SearchEvent(
            event=SearchAction.CLICK,
            query_id=f"{query}-{number}",
            at=NOON + timedelta(minutes=number),
            visitor=f"v{number}",
            search_term=query,
            verdict=Verdict.HIT,
            position=1,
            article="track",
        )
        for query, visitors in clicks
        for number in range(visitors)
    ]
    with Store(settings.database) as store:
        store.add_events(events)
    assert [(one.query, one.article) for one in pipeline.propose_expectations(settings)] == [
        ("Where's my box?", "track")
    ]
    (settings.kb / "search").mkdir(exist_ok=True)
    (settings.kb / "search" / "expected.toml").write_text(
        '[[expected]]\nquery = "wheres my box"\narticle = "track"\n', encoding="utf-8"
    )
    assert pipeline.propose_expectations(settings) == ()
