"""A customer goes from drafts: generated lines with them, a writer's words never."""

from __future__ import annotations

from pathlib import Path

import pytest

from helploop.domain import ArticleId, Draft, DraftLine, Evidence, InquiryId, QuestionId, RoundId, inquiry_id
from helploop.drafts import read_draft, read_drafts, write_draft
from helploop.erasure import ERASED_MARK, ERASED_TITLE, Theirs, erase_in_drafts

HERS, OTHERS = inquiry_id("t", "1"), (inquiry_id("t", "2"), inquiry_id("t", "3"))
THEIRS = Theirs({HERS}, lambda text: "parrot" in text)


def _line(text: str, *inquiries: InquiryId, note: str = "", is_confirmed: bool = True) -> DraftLine:
    return DraftLine(text, tuple(Evidence(one, "00") for one in inquiries), 2, is_confirmed, note)


def _draft(title: str = "How do I skip?", *lines: DraftLine) -> Draft:
    made = lines or (
        _line("Press the button.", *OTHERS, HERS),
        _line("Ask the bird.", HERS),
        _line("It is free.", *OTHERS, note="contradicts: Ask the bird.", is_confirmed=False),
    )
    aliases = ("skip it how", "the parrot wants to skip")
    return Draft(ArticleId("how-do-i-q7f3k"), QuestionId("q7f3k"), RoundId("r0001"), title, aliases, made)


def test_lines_without_evidence_and_wordings_of_theirs_go(tmp_path: Path) -> None:
    """Evidence shrinks, counts follow, a contradiction by a line that went goes; draft and base stay alike."""
    path = write_draft(_draft(), tmp_path)
    counts = erase_in_drafts(tmp_path, THEIRS, dry_run=False)
    assert counts == {"evidence": 2, "lines": 1, "wordings": 1, "files": 1}
    text = path.read_text()
    assert text == (tmp_path / "drafts" / ".base" / path.name).read_text()
    assert "Press the button. <!-- e:" in text and "2 inquiries, 2 agents" in text
    assert "bird" not in text and "parrot" not in text and HERS not in text
    assert read_draft(tmp_path, ArticleId("q7f3k")).aliases == ("skip it how",)
    assert erase_in_drafts(tmp_path, THEIRS, dry_run=False) == {}


def test_edited_line_stays_and_is_marked(tmp_path: Path) -> None:
    """What a writer typed is never lost; that its evidence is gone is said."""
    path = write_draft(_draft(), tmp_path)
    path.write_text(path.read_text().replace("Ask the bird.", "Ask the bird, twice.") + "\nMy parrot note.\n")
    erase_in_drafts(tmp_path, THEIRS, dry_run=False)
    text = path.read_text()
    assert f"Ask the bird, twice. {ERASED_MARK}" in text and "My parrot note." in text and HERS not in text
    assert "bird" not in (tmp_path / "drafts" / ".base" / path.name).read_text()


def test_title_in_their_words_goes_with_the_id_made_of_it(tmp_path: Path) -> None:
    """The draft keeps its question, so the next round finds it."""
    draft = _draft("The parrot wants to skip")
    write_draft(draft, tmp_path)
    erase_in_drafts(tmp_path, THEIRS, dry_run=False)
    (left,) = read_drafts(tmp_path)
    assert (left.id, left.title, left.path) == ("q7f3k", ERASED_TITLE, "q7f3k.md")
    assert sorted(p.name for p in (tmp_path / "drafts").rglob("*.md")) == ["q7f3k.md", "q7f3k.md"]
    assert write_draft(_draft(), tmp_path).name == "q7f3k.md"


def test_draft_that_was_only_theirs_goes(tmp_path: Path) -> None:
    """Unedited and with no line left, there is nothing to review."""
    write_draft(_draft("How do I skip?", _line("Ask the bird.", HERS)), tmp_path)
    erase_in_drafts(tmp_path, THEIRS, dry_run=False)
    assert list((tmp_path / "drafts").rglob("*.md")) == []


@pytest.mark.parametrize("name", ["how-do-i-q7f3k.new.md", ".base/lost.md"])
def test_unsettled_merges_and_lost_bases_go(tmp_path: Path, name: str) -> None:
    """The next `helploop draft` makes them again."""
    write_draft(_draft(), tmp_path)
    left = tmp_path / "drafts" / name
    left.write_text(f"<<<<<<< yours\nAsk.\n=======\n{HERS}\n>>>>>>> new\n")
    assert erase_in_drafts(tmp_path, THEIRS, dry_run=True)["files"] == 2 and left.exists()
    erase_in_drafts(tmp_path, THEIRS, dry_run=False)
    assert not left.exists()


def test_last_alias_leaves_readable_front_matter(tmp_path: Path) -> None:
    """A list without items would be no list."""
    path = write_draft(_draft(), tmp_path)
    erase_in_drafts(tmp_path, Theirs({HERS}, lambda text: "skip" in text and "title" not in text), dry_run=False)
    assert "aliases" not in path.read_text()
    assert read_drafts(tmp_path)[0].aliases == ()
