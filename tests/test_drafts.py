"""Drafts as files: what they hold, that hostile words stay words, and that no edit of a writer is lost."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from markdown import markdown

from helploop.articles import escape, read_articles
from helploop.domain import ArticleId, Brief, Draft, DraftLine, Evidence, InquiryId, QuestionId, ReviewState, RoundId
from helploop.drafts import publish, read_draft, read_drafts, readable, render_draft, withdraw, write_draft
from helploop.errors import ArticleError
from helploop.review import UNCONFIRMED, approve, is_brief, unconfirmed

EVIDENCE = (Evidence(InquiryId("0a" * 8), "1b" * 8), Evidence(InquiryId("0c" * 8), "1d" * 8))
TODAY = date(2026, 7, 6)


def line(text: str, *, is_confirmed: bool = True, note: str = "") -> DraftLine:
    """A line two agents said in two inquiries."""
    return DraftLine(text, EVIDENCE, 2, is_confirmed, note)


def make_draft(**facts: object) -> Draft:
    """A draft with a step, a path, a fact and a contradicting line; each field may be overridden."""
    late, soon = "It vanishes after 10 working days.", "It vanishes within 3-5 working days."
    values: dict[str, object] = {
        "article": ArticleId("how-do-i-skip-q7f3k"),
        "question": QuestionId("q7f3k"),
        "round": RoundId("r0001"),
        "title": "How do I skip?",
        "aliases": ("skip my box", "can't I leave one out"),
        "lines": (
            line("Go to My box > Next delivery, at 22:00."),
            line("Press Confirm."),
            line(soon, note=f"contradicts: {late}; volatile: price"),
            line(late, is_confirmed=False, note=f"contradicts: {soon}; one agent only"),
        ),
        "category": "orders",
        "customers": 12,
        "inquiries": 13,
    }
    return Draft(**(values | facts))  # type: ignore[arg-type]


def make_brief(**facts: object) -> Brief:
    """A brief with one thing that was tried."""
    values: dict[str, object] = {
        "article": ArticleId("gift-cards-q9"),
        "question": QuestionId("q9"),
        "round": RoundId("r0001"),
        "title": "Gift cards?",
        "aliases": (),
        "reason": "the answers do not agree",
        "open_questions": ("Do you sell gift cards?",),
        "tried": (line("Try the shop.", is_confirmed=False, note="one agent only"),),
        "customers": 4,
        "inquiries": 5,
    }
    return Brief(**(values | facts))  # type: ignore[arg-type]


def test_render_draft_is_a_file_a_writer_can_read() -> None:
    """Front matter, steps, facts, what is unconfirmed, and the evidence by id and hash."""
    evidence = " ".join(f"{e.inquiry}#{e.text_hash}" for e in EVIDENCE)
    text = render_draft(make_draft())
    keys = re.findall(r"^e:(\w{6}) ", text, re.MULTILINE)
    a, b, c, d = keys
    header = (
        "drafted from agents' replies. Edit freely: your words survive the next round. Comments never reach the site."
    )
    late = "It vanishes after 10 working days. **Contradicts:** It vanishes within 3-5 working days."
    assert (
        text
        == f"""---
id: how-do-i-skip-q7f3k
title: "How do I skip?"
review: draft
category: orders
answers:
  - q7f3k
aliases:
  - "skip my box"
  - "can't I leave one out"
round: "r0001"
customers: 12
inquiries: 13
---

<!-- helploop: {header} -->

## What to do

1. Go to My box > Next delivery, at 22:00. <!-- e:{a} 2 inquiries, 2 agents -->
2. Press Confirm. <!-- e:{b} 2 inquiries, 2 agents -->

## Good to know

- It vanishes within 3-5 working days. <!-- e:{c} 2 inquiries, 2 agents; contradicts e:{d}; volatile: price -->

## {UNCONFIRMED}

- {late} <!-- e:{d} 2 inquiries, 2 agents; contradicts e:{c}; one agent only -->

<!-- evidence: inquiry#hash of the reply's sentence
e:{a} {evidence}
e:{b} {evidence}
e:{c} {evidence}
e:{d} {evidence}
-->
"""
    )


def test_write_draft_can_be_read_approved_and_published(tmp_path: Path) -> None:
    """From draft to article: the file moves, the base text goes, nothing unconfirmed and no comment remains."""
    path = write_draft(make_draft(), tmp_path)
    assert path == tmp_path / "drafts" / "how-do-i-skip-q7f3k.md"
    draft = read_draft(tmp_path, ArticleId("q7f3k"))
    assert (draft.review, draft.answers) == (ReviewState.DRAFT, ("q7f3k",))
    assert [told.split("*")[0].strip() for told in unconfirmed(draft.body)] == ["It vanishes after 10 working days."]
    target = publish(draft, approve(draft, by="Lea", on=TODAY, owner="support"), tmp_path)
    assert target == tmp_path / "articles" / "orders" / "how-do-i-skip.md"
    assert sorted(p.name for p in tmp_path.rglob("*.md")) == ["how-do-i-skip.md"]
    (article,) = read_articles(tmp_path / "articles")
    assert article.body == (
        "## What to do\n\n1. Go to My box > Next delivery, at 22:00.\n2. Press Confirm.\n\n"
        "## Good to know\n\n- It vanishes within 3-5 working days.\n"
    )
    assert "round" not in target.read_text()


def test_write_draft_twice_changes_nothing(tmp_path: Path) -> None:
    """Idempotent: same bytes, no file beside."""
    path = write_draft(make_draft(), tmp_path)
    before = path.read_bytes()
    assert write_draft(make_draft(), tmp_path) == path
    assert path.read_bytes() == before
    assert len(list(tmp_path.rglob("*.md"))) == 2


def test_write_draft_keeps_a_writers_edits_and_takes_the_new_lines(tmp_path: Path) -> None:
    """Edits to title and steps survive, the new line comes in, the id stays although the title changed."""
    path = write_draft(make_draft(), tmp_path)
    edited = path.read_text().replace("How do I skip?", "Skip a box").replace("Press Confirm.", "Press **Confirm**.")
    path.write_text(edited)
    lines = (*make_draft().lines, line("Refuse it.", is_confirmed=False))
    again = make_draft(article=ArticleId("other-q7f3k"), lines=lines, round=RoundId("r0002"))
    assert write_draft(again, tmp_path) == path
    merged = path.read_text()
    assert 'title: "Skip a box"' in merged
    assert "Press **Confirm**." in merged
    assert "- Refuse it." in merged
    assert 'round: "r0002"' in merged
    assert read_draft(tmp_path, ArticleId("q7f3k")).id == "how-do-i-skip-q7f3k"


def test_write_draft_with_a_conflict_leaves_the_draft_and_writes_beside(tmp_path: Path) -> None:
    """Both changed one line: the writer's file stays as it is, the other has both versions and blocks publishing."""
    path = write_draft(make_draft(), tmp_path)
    edited = path.read_text().replace("Press Confirm.", "Press the green button.").encode()
    path.write_bytes(edited)
    lines = tuple(replace(one, text=one.text.replace("Press Confirm.", "Tap Confirm.")) for one in make_draft().lines)
    beside = write_draft(make_draft(lines=lines), tmp_path)
    assert beside.name == "how-do-i-skip-q7f3k.new.md"
    assert path.read_bytes() == edited
    text = beside.read_text()
    assert text.index("<<<<<<< yours") < text.index("||||||| as generated") < text.index(">>>>>>> new")
    (draft,) = read_drafts(tmp_path)
    with pytest.raises(ArticleError, match="settle it first"):
        publish(draft, approve(draft, by="Lea", on=TODAY, owner="support"), tmp_path)
    assert path.read_bytes() == edited


def test_write_draft_follows_a_moved_file(tmp_path: Path) -> None:
    """A draft that was renamed and moved is merged where it is, no twin appears."""
    path = write_draft(make_draft(), tmp_path)
    moved = tmp_path / "drafts" / "lea" / "skipping.md"
    moved.parent.mkdir()
    path.rename(moved)
    assert write_draft(make_draft(round=RoundId("r0002")), tmp_path) == moved
    assert not path.exists()
    assert 'round: "r0002"' in moved.read_text()


def test_write_draft_without_base_never_overwrites(tmp_path: Path) -> None:
    """A draft somebody wrote by hand for the question stays; ours goes beside it."""
    path = tmp_path / "drafts" / "mine.md"
    path.parent.mkdir()
    path.write_text('---\nid: mine\ntitle: "Mine"\nanswers:\n  - q7f3k\n---\n\nBy hand.\n')
    assert write_draft(make_draft(), tmp_path) == tmp_path / "drafts" / "mine.new.md"
    assert path.read_text().endswith("By hand.\n")


def test_write_draft_with_a_taken_id_gets_another(tmp_path: Path) -> None:
    """An id in use by another question's draft is not taken twice."""
    write_draft(make_draft(question=QuestionId("q1")), tmp_path)
    write_draft(make_draft(), tmp_path)
    assert [draft.id for draft in read_drafts(tmp_path)] == ["how-do-i-skip-q7f3k", "how-do-i-skip-q7f3k-2"]


def test_write_draft_of_a_brief_is_marked_and_says_what_is_missing(tmp_path: Path) -> None:
    """A brief names reason, questions and what was tried, all of it unpublishable."""
    path = write_draft(make_brief(), tmp_path)
    draft = read_draft(tmp_path, ArticleId("gift-cards-q9"))
    assert is_brief(draft)
    assert "brief: true\n" in path.read_text()
    assert unconfirmed(draft.body) == (
        "Why there is no draft: the answers do not agree.",
        "4 customers asked, in 5 inquiries.",
        "What they ask:",
        "Do you sell gift cards?",
        "What agents answered, each to be checked:",
        "Try the shop.",
    )
    with pytest.raises(ArticleError, match="is a brief"):
        approve(draft, by="Lea", on=TODAY, owner="support")


def test_read_drafts_with_bad_files_names_all(tmp_path: Path) -> None:
    """Every broken draft is named; without kb/drafts there is none."""
    assert read_drafts(tmp_path) == ()
    folder = tmp_path / "drafts"
    folder.mkdir()
    (folder / "a.md").write_text("no front matter\n")
    (folder / "b.md").write_text("---\nid: b\n---\n\nx\n")
    with pytest.raises(ArticleError) as raised:
        read_drafts(tmp_path)
    assert [entry.split("drafts/")[1][:5] for entry in str(raised.value).splitlines()] == ["a.md:", "b.md:"]


def test_read_draft_with_an_unknown_id_says_which_there_are(tmp_path: Path) -> None:
    """The message helps on."""
    write_draft(make_draft(), tmp_path)
    with pytest.raises(ArticleError, match=r"no draft 'x' \(there: how-do-i-skip-q7f3k\)"):
        read_draft(tmp_path, ArticleId("x"))


def test_publish_with_an_id_already_published_is_refused(tmp_path: Path) -> None:
    """Nothing published is overwritten; the draft stays."""
    write_draft(make_draft(), tmp_path)
    draft = read_draft(tmp_path, ArticleId("q7f3k"))
    approved = approve(draft, by="Lea", on=TODAY, owner="support")
    publish(draft, approved, tmp_path)
    with pytest.raises(ArticleError, match="published under the id"):
        publish(draft, approved, tmp_path)


def test_withdraw_takes_draft_and_base_away(tmp_path: Path) -> None:
    """After a no, nothing is left; a second time is fine."""
    write_draft(make_draft(), tmp_path)
    (draft,) = read_drafts(tmp_path)
    withdraw(draft, tmp_path)
    withdraw(draft, tmp_path)
    assert list(tmp_path.rglob("*.md")) == []


HOSTILE = (
    "<script>alert(1)</script>",
    "--> <img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](//evil.example/x.png)",
    "{{ 7*7 }} {% raw %} {: onclick=alert(1) }",
    "--8<-- '.env'",
    "1. # Heading",
    "- [ ] task > quote",
    "&lt;script&gt; &#60;script&#62;",
    "`code` *em* _em_ ~~x~~ $$y$$ :smile: http://evil.example www.evil.example",
    "a\n\n# b\u2028c\x00\ud800",
)


EXTENSIONS = """attr_list md_in_html tables def_list footnotes abbr pymdownx.magiclink pymdownx.tilde pymdownx.betterem
    pymdownx.superfences pymdownx.tasklist pymdownx.arithmatex pymdownx.emoji"""


def _shows_itself(text: str) -> bool:
    """Whether a list item of the escaped text renders as nothing but that text."""
    html = markdown(f"Text.\n\n- {readable(text)}\n- x\n", extensions=EXTENSIONS.split()).split("Text.</p>")[1]
    items = re.fullmatch(r"\s*<ul>\s*<li>(.*?)</li>\s*<li>x</li>\s*</ul>\s*", html, re.DOTALL)
    return items is not None and "<" not in items[1] and unescape(items[1]).strip() == unescape(escape(text)).strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_readable_with_hostile_text_shows_it_as_text(text: str) -> None:
    """Markdown makes nothing of it, although dots, commas and arrows of menu paths are given back."""
    assert _shows_itself(text)
    made = render_draft(make_draft(lines=(line(text), line(text, is_confirmed=False, note=f"contradicts: {text}"))))
    body = made.split("\n---\n", 1)[1]
    outside = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    assert "<" not in outside
    assert outside.count("-->") == 0


def test_readable_gives_back_what_is_harmless() -> None:
    """A writer reads sentences, ranges, times and paths; a number at the beginning opens no list."""
    text = "Don't wait 3-5 days (or 2.4 hours, 10%): go to My box > Next delivery and/or call at 22:00; OK?"
    assert readable(text) == text
    assert readable("1. Open it") == "1&#46; Open it"
    assert readable("Open a.b/c") == "Open a&#46;b/c"


def test_readable_with_payload_corpora_shows_them_as_text(data_dir: Path) -> None:
    """The payloads of DOMPurify's tests and the list of naughty strings stay text."""
    rows = (data_dir / "text" / "xss_dompurify.jsonl").read_text("utf-8").split("\n")
    payloads = [json.loads(row)["text"] for row in rows if row]
    for path in [data_dir / "hostile" / "blns" / "blns.txt"]:
        payloads += path.read_text("utf-8", "replace").splitlines()
    assert len(payloads) > 200
    assert [payload for payload in payloads if payload.strip() and not _shows_itself(payload)] == []
