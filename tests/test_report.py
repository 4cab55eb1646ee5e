"""Reports: the machine's shape, two readable forms, hostile words that stay words, and the frozen baseline."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from helploop.domain import ArticleId, Coverage, CoverageVerdict, Figure, Question, QuestionId, QuestionState
from helploop.errors import HelploopError
from helploop.metrics import Period
from helploop.report import make_content, read_baseline, render_markdown, render_text, write_baseline, write_report
from tests.conftest import make_question

PERIOD = Period(date(2026, 9, 14), date(2026, 9, 27))
FIGURES = (
    Figure("inquiries", 1412.0, "inquiries", 1412.0, None, 3, None, "What customers wrote."),
    Figure("customers", 9.0, "customers", 9.0, None, 0, None, "Distinct customers."),
    Figure("reply_share", 0.71501, "share", 10.0, 14.0, 0, 0.65, "Share with a reply."),
    Figure("first_reply_hours_median", 3.81, "hours", None, 10.0, 4, 3.81, "Half came within."),
    Figure("contact_rate", None, "inquiries a customer", 1412.0, None, 0, None, "Not known."),
    Figure("searches", 40.0, "searches", 40.0, None, 0, 20.0, "Searches."),
    Figure("no_answer_search_share", 0.125, "share", 5.0, 40.0, 0, None, "No answer."),
    Figure("gap:qcheap", 12.0, "minutes", 2.0, None, 0, None, "Customers times minutes."),
)
QUESTIONS = (
    make_question(id=QuestionId("qbig"), label="How do I stop?", customers=9),
    make_question(id=QuestionId("qcheap"), label="Skip\n| <b>one</b> *box*", customers=4),
    make_question(id=QuestionId("qdone"), label="Where is my parcel?", customers=20),
    make_question(id=QuestionId("qold"), label="Old", state=QuestionState.ANSWERED),
)
COVERAGE = (
    Coverage(QuestionId("qdone"), ArticleId("track"), 0.9, CoverageVerdict.COVERED),
    Coverage(QuestionId("qbig"), ArticleId("pause"), 0.6, CoverageVerdict.PARTLY),
    Coverage(QuestionId("qcheap"), ArticleId("pause"), 0.2, CoverageVerdict.GAP),
)


def read(folder: Path, questions: tuple[Question, ...] = QUESTIONS) -> dict[str, str]:
    """The report's files by name."""
    paths = write_report(FIGURES, questions, COVERAGE, PERIOD, folder)
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def test_report_json_when_read_by_a_machine(tmp_path: Path) -> None:
    """The documented shape, every field of every figure."""
    shape = json.loads(read(tmp_path / "new" / "folder")["report.json"])
    assert list(shape) == ["v", "period", "figures"]
    assert (shape["v"], shape["period"]) == (1, {"start": "2026-09-14", "end": "2026-09-27"})
    assert [Figure(**row) for row in shape["figures"]] == list(FIGURES)


def test_report_markdown_when_read_by_a_person(tmp_path: Path) -> None:
    """The headline, figures with their parts, open questions with the costliest first, changes and definitions."""
    text = read(tmp_path)["report.md"]
    assert text == (
        "# What customers asked, 2026-09-14 to 2026-09-27\n\n"
        "1,412 inquiries of 9 known customers came in. 71.5 % of them got a reply, half of these within 3.8 h. "
        "Of 40 searches on the help site, 12.5 % found no answer. The first question to answer next is "
        "“Skip \\| \\<b\\>one\\</b\\> \\*box\\*” (2 customers, 12 min of agents' time).\n\n"
        "## Figures\n\n"
        "| Figure | Value | Of | Missing | Baseline | Change |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| Inquiries | 1,412 |  | 3 |  |  |\n"
        "| Customers who asked | 9 |  |  |  |  |\n"
        "| Got a reply | 71.5 % | 10 of 14 |  | 65.0 % | +6.5 points |\n"
        "| First reply, median | 3.8 h | of 10 | 4 | 3.8 h | same |\n"
        "| Inquiries per customer of the company | not known |  |  |  |  |\n"
        "| Searches on the help site | 40 |  |  | 20 | +100 % |\n"
        "| Searches without an answer | 12.5 % | 5 of 40 |  |  |  |\n\n"
        "## Questions without an article\n\n"
        "|  | Question | Customers | Customers x minutes | State | Nearest article |\n"
        "| ---: | --- | ---: | ---: | --- | --- |\n"
        "| 1 | Skip \\| \\<b\\>one\\</b\\> \\*box\\* | 2 | 12 min | new |  |\n"
        "| 2 | How do I stop? | 9 |  | new | pause |\n\n"
        "## Against the baseline\n\n"
        "* Got a reply: 65.0 % then, 71.5 % now (+6.5 points)\n"
        "* Searches on the help site: 20 then, 40 now (+100 %)\n\n"
        "## Definitions\n\n"
        "* **Inquiries**: What customers wrote.\n"
        "* **Customers who asked**: Distinct customers.\n"
        "* **Got a reply**: Share with a reply.\n"
        "* **First reply, median**: Half came within.\n"
        "* **Inquiries per customer of the company**: Not known.\n"
        "* **Searches on the help site**: Searches.\n"
        "* **Searches without an answer**: No answer.\n"
    )


class Tags(HTMLParser):
    """Collects the names of elements and the addresses they load."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        self.names.append(tag)
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href") or name.startswith("on")]


def test_report_page_when_a_label_is_hostile(tmp_path: Path) -> None:
    """Customers' words stay words; no script, no request, no handler; the page is laid out for a phone."""
    hostile = (replace(QUESTIONS[0], label='"><script>alert(1)</script><img src=x onerror=alert(1)>'),)
    page = read(tmp_path, hostile)["report.html"]
    tags = Tags()
    tags.feed(page)
    assert not {"script", "img", "iframe", "link", "form"} & set(tags.names)
    assert tags.loads == []
    assert "&lt;script&gt;alert(1)" in page
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    assert page.count("<td") == page.count("</td>") == 7 * 6 + 6


def test_report_when_nothing_is_open_or_compared() -> None:
    """It says so instead of an empty table."""
    text = render_markdown(make_content(FIGURES[:2], (), (), PERIOD))
    assert "None: every recurring question has an approved article." in text
    assert "There is no baseline yet" in text


def test_report_when_answered_is_given() -> None:
    """What metrics calls answered is not open, whatever the coverage says."""
    answered = {QuestionId("qbig"): ArticleId("pause"), QuestionId("qdone"): ArticleId("track")}
    content = make_content(FIGURES, QUESTIONS, COVERAGE, PERIOD, answered=answered)
    assert [question.id for question in content.open_questions] == ["qcheap"]


def test_report_when_written_twice(tmp_path: Path) -> None:
    """The same figures give the same bytes, and nothing else is left in the folder."""
    assert read(tmp_path) == read(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json", "report.md"]


def test_report_when_the_folder_is_a_file(tmp_path: Path) -> None:
    """An error of ours that names the folder."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(HelploopError, match=r"taken: the report cannot be written"):
        write_report(FIGURES, QUESTIONS, COVERAGE, PERIOD, tmp_path / "taken")


def test_text_when_printed_in_a_terminal() -> None:
    """A line per figure, aligned, without the gaps."""
    assert render_text((FIGURES[0], FIGURES[2], FIGURES[-1]), PERIOD) == (
        "2026-09-14 to 2026-09-27\nInquiries     1,412\nGot a reply  71.5 %  10 of 14  baseline 65.0 %, +6.5 points\n"
    )
    assert render_text(()) == ""


def test_baseline_when_frozen_and_read(tmp_path: Path) -> None:
    """It comes back as it was; no file is no baseline; a damaged one is an error that names it."""
    path = tmp_path / "kb" / "baseline.json"
    assert read_baseline(path) == ((), None)
    write_baseline(FIGURES, PERIOD, path)
    assert read_baseline(path) == (FIGURES, PERIOD)
    for damaged in ("{", '{"v": 9}', '{"v": 1}', '{"v": 1, "period": {}, "figures": [{"name": 3}]}', "[]"):
        path.write_text(damaged)
        with pytest.raises(HelploopError, match=r"baseline\.json"):
            read_baseline(path)
