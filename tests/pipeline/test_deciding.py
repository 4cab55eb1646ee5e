"""A person's word on questions, through the pipeline: seen at once, and in every later round, whatever was lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from helploop import pipeline
from helploop.cli import main
from helploop.config import Settings, load_settings
from helploop.decisions import read_decisions, write_merge
from helploop.domain import Merge, QuestionId, QuestionState, inquiry_id
from helploop.errors import HelploopError
from helploop.intake import IntakeOptions
from helploop.pipeline.rounds import find_question
from helploop.store import Store
from tests.conftest import NOON, TrigramEncoder

AT = datetime(2026, 9, 1, tzinfo=UTC)
TEXTS = {
    "skip": ("How do I skip my next box?", "How can I skip the next box?", "skip my next box, how?", "skip next box"),
    "grinder": (  #
        "How do I return the grinder?",
        "return my grinder, how?",
        "Can I return the grinder?",
        "return grinder",
    ),
    "kettle": (
        "How do I descale the kettle?",
        "descale my kettle, how?",
        "Can I descale the kettle?",
        "descale kettle",
    ),
}
WAYS = ("anchored", "full rebuild", "deleted database", "deleted ledger")


def _rows(word: str, first: int, copies: int = 2) -> list[dict[str, object]]:
    texts = [text for text in TEXTS[word] for _ in range(copies)]
    return [
        {
            "id": f"{first + i}",
            "text": text,
            "customer": f"c{first + i}@mailbox.example",
            "received_at": NOON.isoformat(),
        }
        for i, text in enumerate(texts)
    ]


def _intake(settings: Settings, rows: list[dict[str, object]]) -> None:
    file = settings.root / "log.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    pipeline.intake(settings, [file], IntakeOptions(source="desk"))


ALL = _rows("skip", 0) + _rows("grinder", 100) + _rows("kettle", 200)


def _blind(texts: Sequence[str], progress: object = None) -> NDArray[np.float32]:
    """The same direction for everything."""
    return np.repeat(np.eye(1, TrigramEncoder.dimensions, dtype=np.float32), len(texts), axis=0)


@pytest.fixture
def settings(tmp_path: Path, encoder: TrigramEncoder) -> Settings:
    """A site with a round of three questions of eight customers each."""
    pipeline.init_site(tmp_path / "site")
    made = load_settings(tmp_path / "site", environ={})
    _intake(made, ALL)
    pipeline.cluster(made, encoder=encoder, at=AT)
    return made


def shape(settings: Settings) -> dict[str, set[str]]:
    """The newest round: which things each question is about, by id."""
    made = pipeline.read_questions(settings)
    with Store(settings.database) as store:
        texts = {inquiry.id: inquiry.question_text for inquiry in store.inquiries()}
    return {q.id: {word for word in TEXTS for m in q.members if word in texts[m]} for q in made.questions}


def named(settings: Settings, word: str) -> QuestionId:
    """The question that is about one thing."""
    return QuestionId(next(key for key, words in shape(settings).items() if words == {word}))


@pytest.fixture
def later(settings: Settings, encoder: TrigramEncoder) -> Callable[[str], dict[str, set[str]]]:
    """What a later round makes of it, with new inquiries, in one of the ways."""

    def run(way: str) -> dict[str, set[str]]:
        if way.startswith("deleted"):  # nothing but kb/ is left
            for file in settings.state.glob("helploop.db*"):
                file.unlink()
        if way == "deleted ledger":  # ... and not even the ledger
            (settings.kb / "questions.jsonl").unlink()
        new = [{**row, "id": f"new{row['id']}", "customer": f"n{row['id']}@mailbox.example"} for row in ALL[::3]]
        _intake(settings, [*new, *ALL[::-1]])
        pipeline.cluster(settings, rebuild=way == "full rebuild", encoder=encoder, at=AT + timedelta(days=7))
        return shape(settings)

    return run


@pytest.mark.parametrize("way", WAYS)
def test_merged_questions_stay_one(settings: Settings, later: Callable[[str], dict[str, set[str]]], way: str) -> None:
    """At once under the id kept, and in later rounds; the old id says where it went."""
    skip, grinder, kettle = (named(settings, word) for word in TEXTS)
    decided = pipeline.merge_questions(settings, skip, [grinder], by="Mara", at=AT + timedelta(days=1))
    wanted = {skip: {"skip", "grinder"}, kettle: {"kettle"}}
    assert decided.round is not None and [q.customers for q in decided.questions] == [16]
    assert shape(settings) == wanted
    found = later(way)
    assert found[skip] == {"skip", "grinder"} and grinder not in found
    assert sorted(map(sorted, found.values())) == [["grinder", "skip"], ["kettle"]]
    with pytest.raises(HelploopError, match=f"{grinder}: was merged into {skip}"):
        pipeline.question_members(settings, grinder)


@pytest.mark.parametrize("way", WAYS)
def test_a_split_question_stays_cut(settings: Settings, later: Callable[[str], dict[str, set[str]]], way: str) -> None:
    """By words; the parts keep their ids, new inquiries go to the nearer part, one of them has a name of its own."""
    skip, grinder, kettle = (named(settings, word) for word in TEXTS)
    pipeline.merge_questions(settings, skip, [grinder], by="Mara", at=AT + timedelta(days=1))
    parts = [pipeline.members_with(settings, skip, "GRINDER return")]
    decided = pipeline.split_question(settings, skip, parts, by="Mara", at=AT + timedelta(days=2))
    new = next(q.id for q in decided.questions if q.id != skip)
    assert new not in (skip, grinder, kettle)
    pipeline.rename_question(settings, new, "Give a grinder back", by="Mara", on=AT.date())
    assert {frozenset(words) for words in shape(settings).values()} == {frozenset({word}) for word in TEXTS}
    before = shape(settings)
    assert later(way).items() >= {key: before[key] for key in (skip, new)}.items()
    labels = {q.id: q.label for q in pipeline.read_questions(settings).questions}
    assert labels[new] == "Give a grinder back"


@pytest.mark.parametrize("way", WAYS)
def test_questions_kept_apart_never_meet(
    settings: Settings,
    later: Callable[[str], dict[str, set[str]]],
    way: str,
    encoder: TrigramEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even where the encoder cannot tell them: everything is one direction to it."""
    skip, grinder = named(settings, "skip"), named(settings, "grinder")
    pipeline.keep_apart(settings, skip, grinder, by="Mara", reason="another answer", at=AT + timedelta(days=1))
    monkeypatch.setattr(encoder, "hash", "blind")
    monkeypatch.setattr(encoder, "encode", _blind)
    pipeline.cluster(settings, rebuild=True, encoder=encoder, at=AT + timedelta(days=2))
    found = later(way)
    held = {word: {key for key, words in found.items() if word in words} for word in TEXTS}
    assert held["skip"] and held["grinder"]
    with Store(settings.database) as store:
        made = store.load_round()
    assert made is not None
    first = {inquiry_id("desk", str(row["id"])) for row in _rows("skip", 0)}
    second = {inquiry_id("desk", str(row["id"])) for row in _rows("grinder", 100)}
    assert not any(first & set(q.members) and second & set(q.members) for q in made.questions)


def test_an_article_that_answers_a_merged_question_answers_the_one_it_went_into(settings: Settings) -> None:
    """Its file is not touched."""
    skip, grinder, _ = (named(settings, word) for word in TEXTS)
    article = settings.articles / "grinder.md"
    article.write_text(f"---\nid: grinder\ntitle: Grinder\nreview: approved\nanswers:\n  - {grinder}\n---\n\nText.\n")
    pipeline.merge_questions(settings, skip, [grinder], by="Mara")
    question = next(q for q in pipeline.read_questions(settings).questions if q.id == skip)
    assert (question.state, question.article) == (QuestionState.ANSWERED, "grinder")


def test_the_draft_of_a_merged_question_is_the_draft_of_the_one_it_went_into(
    settings: Settings, encoder: TrigramEncoder
) -> None:
    """It is drafted on, with what a writer did to it; no twin appears."""
    skip, grinder, kettle = (named(settings, word) for word in TEXTS)
    before = pipeline.draft_gaps(settings, questions=[grinder], encoder=encoder)[0].path
    before.write_text(before.read_text("utf-8").replace("title: ", "title: Mine, "), "utf-8")
    pipeline.merge_questions(settings, skip, [grinder], by="Mara")
    assert {q.id: q.state for q in pipeline.read_questions(settings).questions} == {
        skip: QuestionState.DRAFTED,
        kettle: QuestionState.NEW,
    }
    after = pipeline.draft_gaps(settings, questions=[skip], encoder=encoder)[0].path
    assert len(pipeline.queue(settings)) == 1
    assert after.name.removesuffix(".new.md").removesuffix(".md") == before.stem


def test_a_part_of_two_inquiries_outlives_the_next_rounds(settings: Settings, encoder: TrigramEncoder) -> None:
    """Fewer than a question needs, but a person cut it out."""
    skip = named(settings, "skip")
    pair = find_question(pipeline.read_questions(settings), skip).members[:2]
    decided = pipeline.split_question(settings, skip, [pair], by="Mara", at=AT + timedelta(days=1))
    new = next(q.id for q in decided.questions if q.id != skip)
    for day in (2, 3):
        pipeline.cluster(settings, encoder=encoder, at=AT + timedelta(days=day))
        assert find_question(pipeline.read_questions(settings), new).members == pair


def test_undo_takes_the_round_back_and_not_the_decision(settings: Settings, encoder: TrigramEncoder) -> None:
    """It is said, and binds the next round."""
    skip, grinder, _ = (named(settings, word) for word in TEXTS)
    before = shape(settings)
    pipeline.merge_questions(settings, skip, [grinder], by="Mara", at=AT + timedelta(days=1))
    assert pipeline.decisions_since(settings) == ()
    done = CliRunner().invoke(main, ["-C", str(settings.root), "undo"])
    assert f"still decided, and binding from the next round on: helploop questions take-back {grinder} merged" in (
        done.stderr
    )
    assert shape(settings) == before
    pipeline.cluster(settings, encoder=encoder, at=AT + timedelta(days=2))
    assert shape(settings)[skip] == {"skip", "grinder"}


def test_a_decision_taken_back_is_as_if_it_had_never_been(settings: Settings, encoder: TrigramEncoder) -> None:
    """Merged: two again with their ids. Split: one again. Renamed: the customers' words. Put off: new."""
    before, labels = shape(settings), {q.id: q.label for q in pipeline.read_questions(settings).questions}
    skip, grinder, _ = (named(settings, word) for word in TEXTS)
    pipeline.merge_questions(settings, skip, [grinder], by="Mara", at=AT + timedelta(days=1))
    pipeline.take_back(settings, grinder, "merged", at=AT + timedelta(days=2))
    assert shape(settings) == before
    half = find_question(pipeline.read_questions(settings), skip).members[:4]
    pipeline.split_question(settings, skip, [half], by="Mara", at=AT + timedelta(days=3))
    assert len(shape(settings)) == 4
    pipeline.take_back(settings, skip, "split", at=AT + timedelta(days=4))
    assert shape(settings) == before
    pipeline.rename_question(settings, skip, "Boxes", by="Mara", on=AT.date())
    pipeline.cluster(settings, encoder=encoder, at=AT + timedelta(days=5))
    pipeline.take_back(settings, skip, "renamed", at=AT + timedelta(days=6))
    assert {q.id: q.label for q in pipeline.read_questions(settings).questions} == labels
    pipeline.snooze_question(settings, skip, date(2999, 1, 1), by="Mara", on=AT.date())
    pipeline.take_back(settings, skip, "snoozed")
    pipeline.keep_apart(settings, skip, grinder, by="Mara")
    pipeline.take_back(settings, grinder, "apart", skip)
    assert read_decisions(settings.kb) == type(read_decisions(settings.kb))()
    with pytest.raises(HelploopError, match=f"{skip} merged: no such decision; there are: none"):
        pipeline.take_back(settings, skip, "merged")


def test_what_contradicts_an_earlier_word_is_refused_with_the_remedy(settings: Settings) -> None:
    """Nothing is written; two people's files that meet in git are a conflict that is told."""
    skip, grinder, kettle = (named(settings, word) for word in TEXTS)
    pipeline.keep_apart(settings, skip, grinder, by="Lea", at=AT + timedelta(days=1))
    with pytest.raises(HelploopError, match=f"helploop questions take-back {skip} apart {grinder}"):
        pipeline.merge_questions(settings, kettle, [skip, grinder], by="Mara", at=AT + timedelta(days=2))
    assert read_decisions(settings.kb).merges == () and len(shape(settings)) == 3
    file = settings.kb / "decisions" / f"{grinder}.toml"
    file.write_text(f'[merged]\ninto = "{skip}"\nby = "Mara"\nat = 2026-08-01\n')
    problem = pipeline.decision_problems(settings)[0]
    assert (problem.question, problem.kind, problem.file) == (grinder, "merged", f"kb/decisions/{grinder}.toml")
    assert problem.remedy == f"Take one of the two back: helploop questions take-back {grinder} merged"
    done = CliRunner().invoke(main, ["-C", str(settings.root), "questions", "decisions"])
    assert f"conflict: {problem}" in done.stderr


def test_a_part_cannot_be_cut_from_others_or_be_the_whole(settings: Settings) -> None:
    """Each mistake is told; nothing is written."""
    skip, grinder, _ = (named(settings, word) for word in TEXTS)
    made = pipeline.read_questions(settings)
    mine, others = (find_question(made, which).members for which in (skip, grinder))
    for parts, said in (
        ([others[:1]], "is no inquiry of"),
        ([mine], "nothing to cut"),
        ([mine[:2], mine[:1]], "two parts"),
    ):
        with pytest.raises(HelploopError, match=said):
            pipeline.split_question(settings, skip, parts, by="Mara")
    with pytest.raises(HelploopError, match="contains 'kettle'"):
        pipeline.members_with(settings, skip, "kettle")
    with pytest.raises(HelploopError, match="no day to come"):
        pipeline.snooze_question(settings, skip, date(2026, 8, 1), by="Mara", on=AT.date())
    assert not list((settings.kb / "decisions").glob("*.toml"))


def test_without_kept_vectors_a_decision_holds_from_the_next_round_on(
    settings: Settings, encoder: TrigramEncoder
) -> None:
    """They are a cache: the decision is kept, and said to be seen later."""
    skip, grinder, _ = (named(settings, word) for word in TEXTS)
    with Store(settings.database) as store, store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM vectors")
    assert pipeline.merge_questions(settings, skip, [grinder], by="Mara", at=AT + timedelta(days=1)).round is None
    pipeline.cluster(settings, encoder=encoder, at=AT + timedelta(days=2))
    assert shape(settings)[skip] == {"skip", "grinder"}


def test_commands_say_what_came_of_it(settings: Settings, tmp_path: Path) -> None:
    """The whole way on the command line, for people and as JSON."""
    skip, grinder, kettle = (named(settings, word) for word in TEXTS)

    def run(*arguments: str, exit_code: int = 0) -> str:
        done = CliRunner().invoke(main, ["-C", str(settings.root), "questions", *arguments])
        assert done.exit_code == exit_code, done.output
        return done.stdout if exit_code == 0 else done.stderr

    merged = json.loads(run("merge", skip, grinder, "--by", "Mara", "--json"))
    assert merged["questions"] == [
        {"id": skip, "label": merged["questions"][0]["label"], "customers": 16, "inquiries": 16}
    ]
    assert (merged["v"], merged["round"]) == (1, "r0002") and merged["file"] == f"kb/decisions/{skip}.toml"
    parts = json.loads(run("split", skip, "--json"))["parts"]
    assert [len(part["members"]) for part in parts] == [8, 8]
    assert "1  8 inquiries" in run("split", skip)
    assert "--by is needed" in run("split", skip, "--into", "2", exit_code=2)
    assert "either --into" in run("split", skip, "--into", "2", "--by", "Mara", "--with", "x", exit_code=2)
    ids = tmp_path / "ids.txt"
    ids.write_text("\n".join(parts[1]["members"]))
    cut = json.loads(run("split", skip, "--members", str(ids), "--by", "Mara", "--json"))
    assert sorted(q["inquiries"] for q in cut["questions"]) == [8, 8]
    assert f"{skip}  " in run("apart", skip, kettle, "--by", "Lea", "--reason", "boxes")
    listed = json.loads(run("decisions", "--json"))
    assert [(d["question"], d["kind"], d["other"]) for d in listed["decisions"]] == sorted(
        [(grinder, "merged", ""), (skip, "apart", kettle), (skip, "split", "")]
    )
    assert listed["conflicts"] == []
    assert "boxes" in run("decisions")
    assert "OTHER" in run("take-back", skip, "apart", exit_code=2)
    run("take-back", skip, "apart", kettle)
    run("rename", skip, "Boxes", "--by", "Mara")
    run("snooze", skip, "--until", "2999-01-01", "--by", "Mara")
    question = next(q for q in pipeline.read_questions(settings).questions if q.id == skip)
    assert (question.label, question.state) == ("Boxes", QuestionState.SNOOZED)


@pytest.mark.parametrize(("least", "sizes"), [(7, [7, 9]), (8, [9])])
def test_what_a_decision_leaves_over_is_a_question_by_the_sites_own_measure(
    tmp_path: Path, encoder: TrigramEncoder, least: int, sizes: list[int]
) -> None:
    """Of eight askers one is bound to another question: seven are left, enough where the settings ask for no more."""
    pipeline.init_site(tmp_path / "site")
    made = load_settings(tmp_path / "site", environ={})
    made = replace(made, clustering=replace(made.clustering, min_customers=least))
    _intake(made, _rows("skip", 0) + _rows("grinder", 100))
    first = pipeline.cluster(made, encoder=encoder, at=AT)
    assert sorted(q.customers for q in first.questions) == [8, 8]
    skip = next(q for q in first.questions if inquiry_id("desk", "0") in q.members)
    stray = inquiry_id("desk", "100")
    write_merge(made.kb, Merge(QuestionId("qgone"), skip.id, AT, "Mara", "", (stray,), skip.members))
    rebuilt = pipeline.cluster(made, encoder=encoder, rebuild=True, at=AT)
    assert sorted(q.customers for q in rebuilt.questions) == sizes
