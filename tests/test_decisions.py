"""Decisions and the ledger: written as people read them, read strictly, every mistake with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from helploop.decisions import (
    LEDGER_MEMBERS,
    read_decisions,
    read_kinds,
    read_ledger,
    remove_decision,
    write_apart,
    write_kinds,
    write_ledger,
    write_merge,
    write_rejection,
    write_rename,
    write_snooze,
    write_split,
)
from helploop.domain import (
    Apart,
    InquiryId,
    Kind,
    KindDecision,
    Merge,
    QuestionId,
    Rejection,
    Split,
    Topic,
    TopicId,
    inquiry_id,
)
from helploop.errors import ArticleError
from tests.conftest import NOON, make_question

Q = QuestionId("q7f3k")
TODAY = date(2026, 7, 6)
WORDS = (("idea", 1), ("complaint", 3), ("question", 2))  # kind, day of July
NO = Rejection(Q, 'not for "publishing"', "Lea", TODAY)


def test_read_decisions_gives_what_was_written(tmp_path: Path) -> None:
    """All kinds of one question stand in one file and come back; another question has its own."""
    write_rejection(tmp_path, NO, 12)
    write_rename(tmp_path, Q, "Skip  a box", by="Lea", on=TODAY)
    write_snooze(tmp_path, QuestionId("q2"), date(2026, 9, 1), by="Lea", on=TODAY)
    found = read_decisions(tmp_path)
    assert found.rejections == {Q: NO}
    assert found.evidence == {Q: 12}
    assert found.renames == {Q: "Skip a box"}
    assert found.snoozes == {"q2": date(2026, 9, 1)}
    assert (tmp_path / "decisions" / "q7f3k.toml").read_text() == (
        '[rejected]\nreason = "not for \\"publishing\\""\nby = "Lea"\nat = 2026-07-06\ncustomers = 12\n\n'
        '[renamed]\nlabel = "Skip a box"\nby = "Lea"\nat = 2026-07-06\n'
    )


def test_read_decisions_without_folder_is_empty(tmp_path: Path) -> None:
    """No decisions are no mistake."""
    assert read_decisions(tmp_path).rejections == {}


def test_write_again_keeps_comments_and_replaces_the_kind(tmp_path: Path) -> None:
    """A second no replaces the first; what a person wrote beside stays."""
    path = tmp_path / "decisions" / "q7f3k.toml"
    path.parent.mkdir()
    path.write_text('# talked to legal\n[renamed]\nlabel = "x"\nby = "Lea"\nat = 2026-07-01\n')
    write_rejection(tmp_path, NO, 3)
    write_rejection(tmp_path, NO, 4)
    assert read_decisions(tmp_path).evidence == {Q: 4}
    assert path.read_text().startswith("# talked to legal\n[renamed]\n")
    assert path.read_text().count("[rejected]") == 1


def test_remove_decision_takes_one_kind_back(tmp_path: Path) -> None:
    """The file goes with its last decision; removing nothing says so."""
    write_rejection(tmp_path, NO, 12)
    write_rename(tmp_path, Q, "Skip a box", by="Lea", on=TODAY)
    assert remove_decision(tmp_path, Q, "rejected")
    assert not remove_decision(tmp_path, Q, "rejected")
    assert read_decisions(tmp_path).renames == {Q: "Skip a box"}
    assert remove_decision(tmp_path, Q, "renamed")
    assert not (tmp_path / "decisions" / "q7f3k.toml").exists()


def test_read_decisions_with_bad_files_names_every_line(tmp_path: Path) -> None:
    """Broken TOML, unknown kinds and keys, wrong and missing values: all of them, with file and line."""
    folder = tmp_path / "decisions"
    folder.mkdir()
    (folder / "q1.toml").write_text("[rejected\n")
    (folder / "q2.toml").write_text('[rejectd]\nreason = "x"\n')
    (folder / "q3.toml").write_text('# note\n[rejected]\nreason = 3\nby = "Lea"\nat = "today"\ncustomer = 2\n')
    (folder / "a b.toml").write_text("")
    with pytest.raises(ArticleError) as raised:
        read_decisions(tmp_path)
    lines = [line.removeprefix(f"{folder}/") for line in str(raised.value).splitlines()]
    assert lines[0] == "a b.toml:1: is not named after a question's id"
    assert lines[1].startswith("q1.toml:1: is not valid TOML: ")
    assert lines[2:] == [
        "q2.toml:1: [rejectd] is no decision: did you mean [rejected]?",
        "q3.toml:2: [rejected] has no customers",
        "q3.toml:3: reason must be text in quotes",
        "q3.toml:5: at must be a day like 2026-07-06",
        "q3.toml:6: [rejected] has no key 'customer': did you mean 'customers'?",
    ]


def _ids(*numbers: int) -> tuple[InquiryId, ...]:
    return tuple(InquiryId(f"{n:016x}") for n in numbers)


def test_binding_decisions_come_back_as_they_were_written(tmp_path: Path) -> None:
    """Merged, split and kept apart, each with what it was decided on, beside another kind in the same file."""
    write_rename(tmp_path, Q, "Skip a box", by="Lea", on=TODAY)
    merge = Merge(Q, QuestionId("q2"), NOON, "Lea", "the same", _ids(1, 2), _ids(3))
    split = Split(Q, {Q: _ids(1), QuestionId("q3"): _ids(2)}, NOON, "Mara")
    aparts = [Apart(Q, QuestionId(other), NOON, "Mara", "", _ids(1), _ids(4)) for other in ("q4", "q5")]
    write_merge(tmp_path, merge)
    write_split(tmp_path, split)
    for apart in aparts:
        write_apart(tmp_path, apart)
    found = read_decisions(tmp_path)
    assert (found.merges, found.splits, found.aparts) == ((merge,), (split,), tuple(aparts))
    assert found.renames == {Q: "Skip a box"}
    assert found.ids == {Q, "q2", "q3", "q4", "q5"}
    text = (tmp_path / "decisions" / "q7f3k.toml").read_text()
    assert (
        '[merged]\ninto = "q2"\nreason = "the same"\nby = "Lea"\nat = 2026-07-06T12:00:00Z\nmembers = [\n'
        '    "0000000000000001",\n    "0000000000000002",\n]\n' in text
    )
    assert "[split.parts]\nq3 = [" in text and "[apart.q4]\n" in text
    assert remove_decision(tmp_path, Q, "apart", other="q4")
    assert not remove_decision(tmp_path, Q, "apart", other="q4")
    assert read_decisions(tmp_path).aparts == (aparts[1],)
    assert all(remove_decision(tmp_path, Q, *args) for args in (("merged",), ("split",), ("renamed",)))
    assert remove_decision(tmp_path, Q, "apart", other="q5")
    assert not list((tmp_path / "decisions").iterdir())


def test_a_decision_holds_at_most_fifty_inquiries_a_part(tmp_path: Path) -> None:
    """The lowest ids, so that the same decision is the same bytes and a diff can be read."""
    write_split(tmp_path, Split(Q, {Q: _ids(*range(60)), QuestionId("q3"): _ids(*range(60, 130))}, NOON, "Mara"))
    assert [len(members) for members in read_decisions(tmp_path).splits[0].parts.values()] == [50, 50]


def test_binding_decisions_written_by_hand_need_little(tmp_path: Path) -> None:
    """A day for the time, no reason and no inquiries: the ledger knows them."""
    folder = tmp_path / "decisions"
    folder.mkdir()
    (folder / "q1.toml").write_text('[merged]\ninto = "q2"\nby = "Lea"\nat = 2026-07-06\n')
    merge = read_decisions(tmp_path).merges[0]
    assert (merge.at.isoformat(), merge.reason, merge.members) == ("2026-07-06T00:00:00+00:00", "", ())


def test_mistakes_in_binding_decisions_are_named_with_their_lines(tmp_path: Path) -> None:
    """Ids that are none, keys that are none, an inquiry in two parts, a question merged into itself."""
    folder = tmp_path / "decisions"
    folder.mkdir()
    who = 'by = "Lea"\nat = 2026-07-06\n'
    one = "0" * 16
    (folder / "q1.toml").write_text(f'[merged]\nin_to = "q2"\n{who}members = ["x"]\n')
    (folder / "q2.toml").write_text(f'[merged]\ninto = "q2"\n{who}')
    (folder / "q3.toml").write_text(f'[split]\n{who}\n[split.parts]\nq3 = ["{one}"]\nq4 = ["{one}"]\nq5 = 3\n')
    (folder / "q4.toml").write_text(f"[split]\n{who}\n[split.parts]\nq5 = []\nq6 = []\n")
    (folder / "q5.toml").write_text(f'[apart.q5]\n{who}\n[apart.q6]\nby = "Lea"\nat = "today"\n')
    (folder / "q6.toml").write_text("[apart]\nq7 = 3\n")
    (folder / "q7.toml").write_text(f"[merged]\n<<<<<<< HEAD\n{who}")
    (folder / "q8.toml").write_text(f'[merged]\ninto = "q1"\n{who}\n[merged]\ninto = "q2"\n{who}')
    with pytest.raises(ArticleError) as raised:
        read_decisions(tmp_path)
    parts = "parts must be a table [split.parts] with a list of inquiry ids for each part, one of them this question's"
    assert [line.removeprefix(f"{folder}/") for line in str(raised.value).splitlines()] == [
        "q1.toml:1: [merged] has no into",
        "q1.toml:2: [merged] has no key 'in_to': did you mean 'into'?",
        "q1.toml:5: members must be a list of inquiry ids",
        "q2.toml:2: into must be the id of another question, not 'q2'",
        f"q3.toml:7: {one} stands in q3, too: an inquiry is in one part",
        "q3.toml:8: q5 must be a list of inquiry ids",
        f"q4.toml:5: {parts}",
        "q5.toml:1: [apart.q5] names no other question",
        "q5.toml:7: at must be a time like 2026-07-06T12:00:00Z",
        "q6.toml:2: [apart] has a table for each other question: write [apart.ID] on a line of its own",
        "q7.toml:2: a git merge was left unsettled: keep the tables of both sides (of two of one kind one) and take out"
        " the marks",
        "q8.toml:6: [merged] stands there twice: keep one",
    ]


def test_write_with_an_id_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    """An id is a file name, never a path."""
    with pytest.raises(ArticleError, match="cannot be a question's id"):
        write_rename(tmp_path, QuestionId("../x"), "label", by="Lea", on=TODAY)


def test_write_ledger_is_sorted_capped_and_keeps_earlier_questions(tmp_path: Path) -> None:
    """A line a question, sorted, at most 50 members; the same again is the same bytes; gone questions stay."""
    many = tuple(InquiryId(f"{n:016x}") for n in range(60))
    write_ledger(tmp_path, [make_question(id="q2", members=many[::-1]), make_question(id="q1", label="Größe?")])
    first = (tmp_path / "questions.jsonl").read_bytes()
    path = write_ledger(tmp_path, [make_question(id="q2", members=many)])
    assert path.read_bytes() == first
    entries = read_ledger(tmp_path)
    assert [entry["id"] for entry in entries] == ["q1", "q2"]
    assert entries[0]["label"] == "Größe?"
    assert entries[0]["first_seen"] == "2026-07-06T12:00:00+00:00"
    assert entries[1]["members"] == list(many[:LEDGER_MEMBERS])


def test_read_ledger_with_bad_lines_names_them_all(tmp_path: Path) -> None:
    """Left-over merge marks are named as such; nothing is overwritten meanwhile."""
    good = '{"id": "q1", "label": "x", "first_seen": null, "members": []}'
    (tmp_path / "questions.jsonl").write_text(
        f'{good}\n<<<<<<< HEAD\n{good}\n=======\n{{"id": 3}}\n{{"id": "q3"}}\nnope\n>>>>>>> theirs\n'
    )
    with pytest.raises(ArticleError) as raised:
        write_ledger(tmp_path, [])
    told = [line.split("questions.jsonl:")[1] for line in str(raised.value).splitlines()]
    assert [line.split(":")[0] for line in told] == ["2", "3", "4", "5", "6", "7", "8"]
    assert "git merge" in told[0]
    assert "stands there twice" in told[1]


def test_ledger_keeps_the_topic_where_there_is_one(tmp_path: Path) -> None:
    """A ledger of before there were topics reads as it is, and its lines stay what they were, to the byte."""
    old = '{"id": "q1", "label": "x", "first_seen": null, "members": []}\n'
    (tmp_path / "questions.jsonl").write_text(old)
    assert "topic" not in read_ledger(tmp_path)[0]
    path = write_ledger(tmp_path, [make_question(id="q2", topic=Topic(TopicId("t7f3k"), "parcels"))])
    assert path.read_text().startswith(old)
    assert read_ledger(tmp_path)[1]["topic"] == "t7f3k"
    path.write_text(old.replace("null", 'null, "topic": 3'))
    with pytest.raises(ArticleError, match=r'questions\.jsonl:1: "label", "first_seen" and "topic" must be texts'):
        read_ledger(tmp_path)


def test_read_ledger_without_file_is_empty(tmp_path: Path) -> None:
    """A new site has no ledger yet."""
    assert read_ledger(tmp_path) == ()


def test_kinds_come_back_as_they_were_written(tmp_path: Path) -> None:
    """Sorted by inquiry, without names nobody gave; the file goes with the last decision."""
    one, two = (KindDecision(inquiry_id("s", key), Kind.IDEA, NOON, by) for key, by in (("1", "Lea"), ("2", "")))
    decisions = {two.inquiry: two, one.inquiry: one}
    path = write_kinds(tmp_path, decisions)
    assert read_kinds(tmp_path) == decisions
    assert path.read_text().splitlines() == sorted(path.read_text().splitlines())
    assert path.read_text().count('"by"') == 1
    write_kinds(tmp_path, {})
    assert not path.exists() and read_kinds(tmp_path) == {}


def test_of_two_words_on_one_inquiry_the_later_holds(tmp_path: Path) -> None:
    """As a git merge leaves them, in whatever order."""
    which = inquiry_id("s", "1")
    rows = [f'{{"inquiry":"{which}","kind":"{kind}","at":"2026-07-0{day}T00:00:00Z"}}' for kind, day in WORDS]
    (tmp_path / "triage.jsonl").write_text("\n".join(rows) + "\n")
    assert read_kinds(tmp_path)[which].kind is Kind.COMPLAINT


def test_every_mistake_in_the_kinds_is_named(tmp_path: Path) -> None:
    """file:line and what is wrong, all at once."""
    file = tmp_path / "triage.jsonl"
    file.write_text(
        "<<<<<<< HEAD\n{\n"
        '{"inquiry":"0123456789abcdef","kind":"complaints","at":"2026-07-06T00:00:00Z"}\n'
        '{"inquiry":"x","kind":"idea","at":"2026-07-06T00:00:00Z"}\n'
        '{"inquiry":"0123456789abcdef","kind":"idea","at":"2026-07-06T00:00:00"}\n'
    )
    with pytest.raises(ArticleError) as caught:
        read_kinds(tmp_path)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[1] for line in lines] == ["1", "2", "3", "4", "5"]
    for said, line in zip(("git merge", "no decision", "complaints", "'x'", "needs a zone"), lines, strict=True):
        assert said in line
