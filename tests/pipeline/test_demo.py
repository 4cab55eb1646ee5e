"""The loop end to end with the real encoder: the demo is walked once, and everything it promises is held against it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from helploop.cli import main
from helploop.clustering import cluster
from helploop.config import load_settings
from helploop.domain import Channel
from helploop.embedding import embed, load_encoder
from helploop.pipeline import DemoResult, demo
from helploop.pipeline.new_site import sample_dir
from helploop.pipeline.rounds import CLUSTERED
from helploop.pipeline.rounds import cluster as cluster_round
from helploop.store import Store
from tests.conftest import make_inquiry
from tests.sample_labels import (
    HELD_OUT,
    NONE,
    found_questions,
    misplaced_searches,
    read_labels,
    read_queries,
    read_wants,
)

pytestmark = pytest.mark.model

COMPANYS_OWN = re.compile(r"@kettlewren\.example$|^[0 ]+$")  # and a VAT number that somebody filled with noughts
# what only looks like an address: ids that tie mails together, and the lines between two mails
MAIL_IDS = re.compile(r"^(?:(?:Message-ID|In-Reply-To|References|Date):|From \S+ \w{3} \w{3} ).*\n", re.MULTILINE)
PLANTED = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # mail addresses
    r"|\+?\d[\d ]{8,}\d"  # phone and card numbers
    r"|\b[A-Z]{2}\d{2}[A-Z0-9]{11,}\b"  # IBANs
    r"|\bKW-\d{6}\b"  # order numbers
)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    """The demo, walked once for the module."""
    return demo(tmp_path_factory.mktemp("loop") / "demo")


def _run(walked: DemoResult, *arguments: str) -> dict[str, object]:
    done = CliRunner().invoke(main, ["-C", str(walked.folder), *arguments])
    assert done.exit_code == 0, done.output
    shape = json.loads(done.stdout)
    assert isinstance(shape, dict)
    return shape


def test_first_round_finds_the_recurring_questions(walked: DemoResult) -> None:
    """At least 30 of 35, here 39 of 45, are the majority of a question of purity .7; the message names the others."""
    labels = read_labels()
    found = found_questions((question.members for question in walked.rounds[0].questions), labels)
    recurring = {question for question, _ in labels.values()} - {NONE}
    assert len(recurring) == 45
    assert len(found) >= 39, f"not found: {sorted(recurring - set(found))}"


def test_second_round_has_questions_born_of_misses(walked: DemoResult) -> None:
    """Nobody ever wrote in about a student discount: only the searches that found nothing tell of it."""
    assert any("student" in question.label.lower() for question in walked.born_of_misses)


def test_searches_join_the_question_they_ask(walked: DemoResult) -> None:
    """Of the sample's searches in vain at least .80 are in the right question or rightly nowhere, of 60 others too.

    Measured: .80 of 187, on which the thresholds were chosen, and .85 of the 60 that were held out.
    """
    settings = load_settings(walked.folder, environ={})
    with Store(settings.database) as store:
        inquiries = [i for i in store.inquiries() if i.kind in CLUSTERED and i.language in ("", "en")]
    held_out = read_queries(HELD_OUT)
    extra = [
        make_inquiry(query, source="held out", source_id=query, channel=Channel.SEARCH, customer_key="")
        for query in held_out
    ]
    wants = read_wants()
    searches = [inquiry for inquiry in inquiries if inquiry.channel is Channel.SEARCH]
    assert len(searches) >= 180
    assert {search.source_id for search in searches} <= set(wants)
    with Store(settings.database) as store:
        vectors = embed([inquiry.question_text for inquiry in (*inquiries, *extra)], load_encoder(), store)
    labels = read_labels()
    own = cluster(inquiries, vectors[: len(inquiries)])
    wrong = misplaced_searches(inquiries, own.labels.tolist(), labels, wants)
    assert len(wrong) <= 0.2 * len(searches), wrong
    joint = cluster([*inquiries, *extra], vectors)
    wrong = misplaced_searches([*inquiries, *extra], joint.labels.tolist(), labels, held_out)
    assert len(wrong) <= 0.2 * len(held_out), wrong


def test_an_article_stopped_the_inquiries(walked: DemoResult) -> None:
    """At least one approved article's question came more than once a week before, and less than half as often after."""
    assert any(row.before > 1 and row.after < row.before / 2 for row in walked.stopped)


def test_questions_keep_their_ids(walked: DemoResult) -> None:
    """Of the first round's questions at least nine in ten are there in the second, under the same id."""
    first, second = ({question.id for question in made.questions} for made in walked.rounds)
    assert len(first & second) >= 0.9 * len(first)


def test_ids_of_the_sample_survive_three_rounds(walked: DemoResult) -> None:
    """A third round without news has every question of the second, none new; all grouped anew, nine in ten live on."""
    last = walked.rounds[-1]
    ids = {question.id for question in last.questions}
    third = _run(walked, "cluster", "--dry-run", "--json")
    assert (third["questions"], third["new"], third["gone"]) == (len(ids), 0, 0)
    settings = load_settings(walked.folder, environ={})
    rebuilt = cluster_round(settings, dry_run=True, rebuild=True)
    assert len(ids & {question.id for question in rebuilt.questions}) >= 0.9 * len(ids)


def test_no_planted_personal_data_is_left(walked: DemoResult) -> None:
    """None of the addresses, numbers and cards planted in the log is in kb/, the site or the database."""
    planted = set()
    for file in sample_dir().glob("exports/*/*"):
        planted |= set(PLANTED.findall(MAIL_IDS.sub("", file.read_text(encoding="utf-8"))))
    secrets = {text for text in planted if not COMPANYS_OWN.search(text)}
    assert len(secrets) > 600
    left: set[tuple[str, str]] = set()
    for file in _files(walked.folder):
        content = file.read_bytes().decode("utf-8", "replace")
        left |= {(str(file.relative_to(walked.folder)), secret) for secret in secrets if secret in content}
    assert not left


def _files(folder: Path) -> Iterator[Path]:
    for part in ("kb", "site", ".helploop"):
        yield from (path for path in sorted((folder / part).rglob("*")) if path.is_file())


def test_the_answers_for_machines_have_their_shapes(walked: DemoResult) -> None:
    """questions, gaps, check and report answer in the documented shapes, and the sets fit one another."""
    questions = _run(walked, "questions", "--json", "--members")
    assert list(questions) == ["v", "round", "questions", "topics", "noise"]
    rows = questions["questions"]
    assert isinstance(rows, list)
    keys = ["id", "label", "size", "customers", "channels", "state", "article", "trend", "topic"]
    keys += ["keyphrases", "clarity", "clarity_reason", "change", "agent_minutes", "agent_minutes_missing", "members"]
    assert all(list(row) == keys for row in rows)
    assert all(set(member) == {"source", "source_id"} for row in rows for member in row["members"])
    gaps = _run(walked, "gaps", "--json")
    assert isinstance(gaps["questions"], list)
    assert {gap["id"] for gap in gaps["questions"]} == {row["id"] for row in rows}
    assert all(list(gap) == ["id", "label", "verdict", "article", "score"] for gap in gaps["questions"])
    assert _run(walked, "check", "--json") == {"v": 1, "problems": []}
    report = _run(walked, "report", "--json")
    assert list(report) == ["v", "period", "figures"]
    assert isinstance(report["figures"], list)
    figure = ["name", "value", "unit", "numerator", "denominator", "missing", "baseline", "definition"]
    assert all(list(row) == figure for row in report["figures"])


def test_taking_the_same_exports_in_again_stores_nothing(walked: DemoResult) -> None:
    """The same files again: all known, none stored; and a dry round changes nothing."""
    chats = sample_dir() / "exports" / "to-2026-09-13" / "chats.jsonl"
    again = _run(walked, "intake", str(chats), "--map", str(sample_dir() / "chats.toml"), "--json")
    assert (again["stored"], again["updated"]) == (0, 0)
    assert again["read"] == again["duplicates"]
    dry = _run(walked, "cluster", "--dry-run", "--json")
    keys = ["v", "round", "inquiries", "questions", "noise", "new", "grown", "shrunk", "gone", "split", "merged"]
    assert list(dry) == [*keys, "conflicts"]
    assert _run(walked, "questions", "--json")["round"] == walked.rounds[1].id


def test_searches_belong_to_questions_or_to_nothing(walked: DemoResult) -> None:
    """Misses are members of the round: as inquiries of channel search, with their weight."""
    assert any(question.channels.get(Channel.SEARCH) for question in walked.rounds[1].questions)
