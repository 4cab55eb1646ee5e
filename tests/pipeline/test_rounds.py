"""Rounds through the pipeline, with the fake encoder: ids survive, a person's word binds, searches cannot be faked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from helploop import pipeline
from helploop.config import Settings, load_settings
from helploop.domain import CoverageVerdict, Kind, MissCause, Question, QuestionState, Topic, TopicId
from helploop.embedding import embed
from helploop.errors import HelploopError
from helploop.intake import IntakeOptions
from helploop.pipeline.rounds import centres_of, question_vectors
from helploop.store import Store
from tests.conftest import NOON, TrigramEncoder

AT = datetime(2026, 9, 1, tzinfo=UTC)
SKIP = (
    "How do I skip my next box?",
    "How can I skip the next box?",
    "skip my next box, how?",
    "Can I skip my next box?",
    "Where do I skip the next box?",
    "How do I skip one box?",
)
RETURN = (
    "How do I return the grinder?",
    "How can I return a grinder?",
    "return my grinder, how?",
    "Can I return the grinder?",
    "Where do I return a grinder?",
    "How do I return one grinder?",
)
REPLY = "Go to My box > Next delivery and choose Skip this one. Nothing is charged for a skipped box."


def _write(folder: Path, rows: list[dict[str, object]]) -> Path:
    file = folder / "log.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def _inquiries(texts: tuple[str, ...], start: int, reply: str = "") -> list[dict[str, object]]:
    return [
        {
            "id": str(start + i),
            "text": text,
            "customer": f"c{start + i}@mailbox.example",
            "received_at": (NOON + timedelta(days=i)).isoformat(),
            "replies": [{"text": reply, "is_agent": True, "by": f"agent {i % 2}"}] if reply else [],
        }
        for i, text in enumerate(texts)
    ]


def _searches(query: str, visitors: int, days: int) -> list[dict[str, object]]:
    return [
        {
            "v": 1,
            "event": "search",
            "query_id": f"{query}-{day}-{visitor}",
            "at": (NOON + timedelta(days=day, seconds=visitor)).isoformat(),
            "visitor": f"v{day}{visitor}",
            "search_term": query,
            "verdict": "none",
        }
        for day in range(days)
        for visitor in range(visitors)
    ]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site with two questions of six customers each in its log."""
    pipeline.init_site(tmp_path / "site")
    made = load_settings(tmp_path / "site", environ={})
    pipeline.intake(made, [_write(tmp_path, _inquiries(SKIP, 0, REPLY) + _inquiries(RETURN, 10))])
    return made


def _skip(settings: Settings) -> Question:
    return next(q for q in pipeline.read_questions(settings).questions if "skip" in q.label.lower())


def test_round_is_the_same_twice_and_a_dry_one_is_not_kept(settings: Settings, encoder: TrigramEncoder) -> None:
    """The same log gives the same questions; --dry-run stores nothing; undo takes back."""
    first = pipeline.cluster(settings, encoder=encoder, at=AT)
    assert sorted(q.customers for q in first.questions) == [6, 6]
    again = pipeline.cluster(settings, encoder=encoder, at=AT, dry_run=True)
    assert again.questions == first.questions
    assert pipeline.read_questions(settings).id == first.id
    assert pipeline.undo(settings) == first.id
    with pytest.raises(HelploopError, match="no round yet"):
        pipeline.read_questions(settings)


def test_ids_survive_a_deleted_database(settings: Settings, encoder: TrigramEncoder, tmp_path: Path) -> None:
    """The ledger in git gives a rebuilt database its ids back."""
    ids = {q.id for q in pipeline.cluster(settings, encoder=encoder, at=AT).questions}
    for file in settings.state.glob("helploop.db*"):
        file.unlink()
    pipeline.intake(settings, [tmp_path / "log.jsonl"])
    assert {q.id for q in pipeline.cluster(settings, encoder=encoder, at=AT).questions} == ids


def test_ids_survive_an_exchanged_log(settings: Settings, encoder: TrigramEncoder, tmp_path: Path) -> None:
    """Another export gives every inquiry another id: the ledger's wordings tell the questions; a new one is new."""
    before = {q.label: q.id for q in pipeline.cluster(settings, encoder=encoder, at=AT).questions}
    for file in settings.state.glob("helploop.db*"):
        file.unlink()
    invoice = tuple(f"Can you send {one} invoice by post?" for one in ("my", "the", "an", "our", "this"))
    rows = _inquiries(SKIP, 100, REPLY) + _inquiries(RETURN, 200) + _inquiries(invoice, 300)
    pipeline.intake(settings, [_write(tmp_path, rows)])
    again = pipeline.cluster(settings, encoder=encoder, at=AT)
    assert {q.label: q.id for q in again.questions if q.id in before.values()} == before
    assert len(again.questions) == 3


def test_topic_ids_survive_a_deleted_database(settings: Settings, encoder: TrigramEncoder, tmp_path: Path) -> None:
    """The ledger says of each question which topic it stood under, so the id does not hang on the inquiry it is of."""
    first = pipeline.cluster(settings, encoder=encoder, at=AT)
    [(topic, _)] = first.topics
    with Store(settings.database) as store:
        [named_after] = store.inquiries([min(member for q in first.questions for member in q.members)])
    for file in settings.state.glob("helploop.db*"):
        file.unlink()
    rows = [*_inquiries(SKIP, 0, REPLY), *_inquiries(RETURN, 10)]
    pipeline.intake(settings, [_write(tmp_path, [row for row in rows if row["id"] != named_after.source_id])])
    again = pipeline.cluster(settings, encoder=encoder, at=AT)
    assert [(one.id, len(of)) for one, of in again.topics] == [(topic.id, 2)]


def test_ids_survive_a_database_that_was_deleted_between_two_rounds(
    settings: Settings, encoder: TrigramEncoder, tmp_path: Path
) -> None:
    """A log that grew meanwhile finds its questions in the ledger; the round after that is anchored in it again."""
    ids = {q.id for q in pipeline.cluster(settings, encoder=encoder, at=AT).questions}
    for file in settings.state.glob("helploop.db*"):
        file.unlink()
    later = _inquiries(("How do I skip a box please?", "Can I return my grinder please?"), 50)
    pipeline.intake(settings, [_write(tmp_path, _inquiries(SKIP, 0, REPLY) + _inquiries(RETURN, 10) + later)])
    assert {q.id for q in pipeline.cluster(settings, encoder=encoder, at=AT).questions} == ids
    again = pipeline.cluster(settings, encoder=encoder, at=AT)
    assert {q.id for q in again.questions} == ids
    assert set(again.inherited.values()) == {"same"}


def test_a_question_lies_where_it_does_whoever_asks(settings: Settings, encoder: TrigramEncoder) -> None:
    """Matched as it is made, from the round's own vectors, or later, from those that are kept: to the byte the same."""
    made = pipeline.cluster(settings, encoder=encoder, at=AT)
    with Store(settings.database) as store:
        inquiries = store.inquiries()
        vectors = embed([inquiry.question_text for inquiry in inquiries], encoder, store)
        later = question_vectors(store, encoder, made.questions)
    assert centres_of(made.questions, inquiries, vectors).tobytes() == later.tobytes()


def test_another_encoder_is_refused_until_all_is_rebuilt(settings: Settings, encoder: TrigramEncoder) -> None:
    """Vectors of two encoders never mix: the message names the remedy, and the remedy keeps the ids."""
    first = pipeline.cluster(settings, encoder=encoder, at=AT)
    other = TrigramEncoder()
    other.hash = "trigrams-2"
    with pytest.raises(HelploopError, match=r"round r0001 was made with another encoder.*helploop cluster --rebuild"):
        pipeline.cluster(settings, encoder=other, at=AT)
    assert pipeline.read_questions(settings).id == first.id
    rebuilt = pipeline.cluster(settings, rebuild=True, encoder=other, at=AT)
    assert rebuilt.encoder_hash == "trigrams-2"
    assert [q.id for q in rebuilt.questions] == [q.id for q in first.questions]


def test_changed_settings_are_said_until_all_is_rebuilt(settings: Settings, encoder: TrigramEncoder) -> None:
    """An anchored round keeps the questions that other settings made, and its settings' hash says so."""
    first = pipeline.cluster(settings, encoder=encoder, at=AT)
    assert not pipeline.is_outdated(settings, first)
    changed = replace(settings, clustering=replace(settings.clustering, min_customers=3))
    assert pipeline.is_outdated(changed, pipeline.cluster(changed, encoder=encoder, at=AT))
    assert pipeline.is_outdated(changed, pipeline.cluster(changed, encoder=encoder, at=AT))
    assert not pipeline.is_outdated(changed, pipeline.cluster(changed, rebuild=True, encoder=encoder, at=AT))


def test_undo_takes_a_round_back_from_the_ledger_as_well(
    settings: Settings, encoder: TrigramEncoder, tmp_path: Path
) -> None:
    """The questions of the round before stand in the ledger as they did; an id that came with the undone one stays."""
    pipeline.cluster(settings, encoder=encoder, at=AT)
    ledger = settings.kb / "questions.jsonl"
    before = ledger.read_text(encoding="utf-8").splitlines()
    invoice = tuple(f"Can you send {one} invoice by post?" for one in ("my", "the", "an", "our", "this"))
    pipeline.intake(settings, [_write(tmp_path, _inquiries(("How do I skip my box?",), 60) + _inquiries(invoice, 70))])
    second = pipeline.cluster(settings, encoder=encoder, at=AT)
    new = [key for key, change in second.inherited.items() if change == "new"]
    assert len(new) == 1
    assert pipeline.undo(settings) == second.id
    after = ledger.read_text(encoding="utf-8").splitlines()
    assert [line for line in after if new[0] not in line] == before
    assert [q.id for q in pipeline.cluster(settings, encoder=encoder, at=AT).questions] == [
        q.id for q in second.questions
    ]


def test_drafted_approved_and_answered(settings: Settings, encoder: TrigramEncoder) -> None:
    """A gap is drafted from the replies, a person approves, the question counts as answered and is a gap no more."""
    pipeline.cluster(settings, encoder=encoder, at=AT)
    which = _skip(settings).id
    written = pipeline.draft_gaps(settings, questions=[which], encoder=encoder)
    assert "Skip this one" in written[0].path.read_text(encoding="utf-8")
    assert _skip(settings).state is QuestionState.DRAFTED
    article = pipeline.approve(settings, which, by="Mara", on=AT.date())
    assert (settings.articles / article.path).is_file()
    assert _skip(settings).state is QuestionState.ANSWERED
    verdicts = {question.id: found.verdict for question, found in pipeline.find_gaps(settings, encoder=encoder)}
    assert verdicts[which] is CoverageVerdict.COVERED
    assert pipeline.check_site(settings) == ()


def test_draft_where_no_article_gives_a_category(settings: Settings, encoder: TrigramEncoder) -> None:
    """It is proposed under the most telling phrase of its question's topic."""
    made = pipeline.cluster(settings, encoder=encoder, at=AT)
    topic = Topic(TopicId("t4kd2"), "Next box, skip")
    with Store(settings.database) as store:
        questions = tuple(replace(question, topic=topic) for question in made.questions)
        store.save_round(replace(made, id=store.next_round_id(), questions=questions))
    written = pipeline.draft_gaps(settings, questions=[_skip(settings).id], encoder=encoder)
    assert written[0].draft.category == "next-box"


def test_rejection_binds_later_rounds(settings: Settings, encoder: TrigramEncoder) -> None:
    """A rejected question's draft goes, its file stands in kb/decisions, and no later batch drafts it."""
    pipeline.cluster(settings, encoder=encoder, at=AT)
    which = _skip(settings).id
    written = pipeline.draft_gaps(settings, questions=[which], encoder=encoder)
    pipeline.reject(settings, which, reason="answer privately", by="Mara", on=AT.date())
    assert not written[0].path.exists()
    assert "answer privately" in (settings.kb / "decisions" / f"{which}.toml").read_text(encoding="utf-8")
    pipeline.cluster(settings, encoder=encoder, at=AT)
    assert _skip(settings).state is QuestionState.REJECTED
    assert which not in {w.draft.question for w in pipeline.draft_gaps(settings, encoder=encoder)}


def test_snoozed_question_is_not_drafted_before_its_day(settings: Settings, encoder: TrigramEncoder) -> None:
    """Put off by a person, it stays out of the batches."""
    pipeline.cluster(settings, encoder=encoder, at=AT)
    which = _skip(settings).id
    pipeline.snooze_question(settings, which, date(2999, 1, 1), by="Mara", on=AT.date())
    assert _skip(settings).state is QuestionState.SNOOZED
    assert which not in {w.draft.question for w in pipeline.draft_gaps(settings, encoder=encoder)}


def test_persons_name_for_a_question_is_used_from_then_on(settings: Settings, encoder: TrigramEncoder) -> None:
    """A rename is kept in git and wins in the next round."""
    pipeline.cluster(settings, encoder=encoder, at=AT)
    which = _skip(settings).id
    pipeline.rename_question(settings, which, "Skip a delivery", by="Mara", on=AT.date())
    made = pipeline.cluster(settings, encoder=encoder, at=AT)
    assert {q.id: q.label for q in made.questions}[which] == "Skip a delivery"


@pytest.mark.parametrize(("visitors", "days", "is_question"), [(4, 2, True), (8, 1, False), (2, 4, False)])
def test_searches_alone_need_three_visitors_in_a_day_and_a_second_day(
    settings: Settings, encoder: TrigramEncoder, tmp_path: Path, visitors: int, days: int, is_question: bool
) -> None:
    """One crowd on one day, or two people over many days, make no question; enough people on two days do."""
    pipeline.intake(settings, [_write(tmp_path, _searches("student discount code", visitors, days))])
    made = pipeline.cluster(settings, encoder=encoder, at=AT)
    assert any("student" in q.label.lower() for q in made.questions) is is_question


def test_one_visitor_searching_ten_thousand_times_weighs_one(
    settings: Settings, encoder: TrigramEncoder, tmp_path: Path
) -> None:
    """A flood by one visitor is one visitor a day."""
    flood = [{**row, "visitor": "v", "query_id": str(i)} for i, row in enumerate(_searches("free coffee", 2_000, 2))]
    report = pipeline.intake(settings, [_write(tmp_path, flood)])
    assert report.read == report.stored == 4_000
    made = pipeline.cluster(settings, encoder=encoder, at=AT)
    assert not any("free coffee" in q.label.lower() for q in made.questions)
    assert [miss.weight for miss in pipeline.read_misses(settings)] == [2.0]


def test_other_languages_are_kept_and_counted_but_not_clustered(
    settings: Settings, encoder: TrigramEncoder, tmp_path: Path
) -> None:
    """What the encoder does not understand makes no questions; it stays in the log, with its language."""
    texts = tuple(f"Wie kann ich die {n} Lieferung auslassen, bitte?" for n in ("erste", "zweite", "dritte"))
    before = pipeline.cluster(settings, encoder=encoder, at=AT, dry_run=True)
    pipeline.intake(settings, [_write(tmp_path, _inquiries(texts, 50))])
    assert pipeline.cluster(settings, encoder=encoder, at=AT).questions == before.questions
    assert pipeline.left_out(settings) == {"in de": 3}


def test_miss_that_turns_out_to_be_answered_is_no_inquiry_any_more(
    settings: Settings, encoder: TrigramEncoder, tmp_path: Path
) -> None:
    """Later visitors rephrase and stay with an article: the wording is a matter of aliases, not of the next round."""
    query = "box in a tin"
    pipeline.intake(settings, [_write(tmp_path, _searches(query, 1, 1))])
    assert [i.kind for i in pipeline.find_inquiries(settings, query).rows] == [Kind.QUESTION]
    made = pipeline.cluster(settings, encoder=encoder, at=AT)
    found: list[dict[str, object]] = []
    for number, first in enumerate(_searches(query, 4, 1)):
        at = NOON + timedelta(days=3, minutes=number)
        who = {"visitor": f"w{number}", "at": at.isoformat(), "query_id": f"a{number}"}
        again = {"at": (at + timedelta(seconds=40)).isoformat(), "query_id": f"b{number}"}
        later: dict[str, object] = {**first, **who, **again, "search_term": "tin instead of box", "verdict": "hit"}
        click: dict[str, object] = {**later, "event": "click", "position": 1, "article": "tins", "verdict": None}
        click["at"] = (at + timedelta(seconds=45)).isoformat()
        found.extend(({**first, **who}, later, click))
    pipeline.intake(settings, [_write(tmp_path, found)])
    causes = {miss.query: miss.cause for miss in pipeline.read_misses(settings)}
    assert causes == {query: MissCause.OTHER_WORDS}
    assert [i.kind for i in pipeline.find_inquiries(settings, query).rows] == [Kind.OTHER]
    assert len(pipeline.sources(settings, made)) == 13  # the round made before can still be read whole


def test_source_of_misses_is_kept_for_them(settings: Settings, tmp_path: Path) -> None:
    """No export may come in under the name that misses have: their bookkeeping would touch it."""
    with pytest.raises(HelploopError, match="choose another --source"):
        pipeline.intake(settings, [tmp_path / "log.jsonl"], IntakeOptions(source="searches"))
