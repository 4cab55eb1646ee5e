"""Figures: every value with its parts, unknown never counted as met, and the facts of a real log."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from helploop.domain import (
    ArticleId,
    Channel,
    Coverage,
    CoverageVerdict,
    Figure,
    Inquiry,
    InquiryId,
    QuestionId,
    Reply,
    ReviewState,
    Round,
    RoundId,
    SearchAction,
    SearchEvent,
    Verdict,
    inquiry_id,
)
from helploop.metrics import MetricOptions, Period, Week, answered_questions, figures, period_of, rank_gaps, weekly
from tests.conftest import NOON, make_article, make_inquiry, make_question

JULY = Period(date(2026, 7, 1), date(2026, 7, 28))


def make_round(**facts: Any) -> Round:
    """A round without questions; each field may be overridden."""
    values: dict[str, Any] = {
        "id": RoundId("r0001"),
        "at": NOON,
        "encoder_hash": "e",
        "settings_hash": "s",
        "questions": (),
        "noise": (),
        "inherited": {},
        "gone": (),
    }
    return Round(**(values | facts))


def of(
    inquiries: list[Inquiry], events: list[SearchEvent] | None = None, current: Round | None = None, **facts: Any
) -> dict[str, Figure]:
    """Figures by name, of July 2026 unless told."""
    values: dict[str, Any] = {"coverage": (), "articles": (), "period": JULY}
    made = figures(inquiries, events or [], current, **(values | facts))
    assert len({figure.name for figure in made}) == len(made)
    return {figure.name: figure for figure in made}


def parts(figure: Figure) -> tuple[float | None, float | None, float | None, int]:
    """Value, numerator, denominator, missing."""
    return figure.value, figure.numerator, figure.denominator, figure.missing


def at_hours(hours: float, **facts: Any) -> Inquiry:
    """An inquiry whose first reply came after so many hours."""
    return make_inquiry(f"q {hours} {facts}", first_reply_at=NOON + timedelta(hours=hours), **facts)


def test_period_when_days_are_at_its_ends() -> None:
    """Both ends belong to a period, an unknown time never does, and it cannot end before it starts."""
    assert JULY.days == 28
    assert [JULY.has(datetime(2026, m, d, tzinfo=UTC)) for m, d in ((6, 30), (7, 1), (7, 28), (7, 29))] == [
        False,
        True,
        True,
        False,
    ]
    assert not JULY.has(None)
    assert JULY.before() == Period(date(2026, 6, 3), date(2026, 6, 30))
    with pytest.raises(ValueError, match="cannot end"):
        Period(date(2026, 7, 2), date(2026, 7, 1))


def test_period_of_when_some_are_undated() -> None:
    """It spans the dated records of both kinds; nothing dated, no period."""
    dated = make_inquiry("a")
    event = search_event("x", 3)
    assert period_of([dated, make_inquiry("b", received_at=None)], [event]) == Period(
        date(2026, 7, 6), date(2026, 7, 9)
    )
    assert period_of([make_inquiry("b", received_at=None)]) is None


def test_volume_when_some_records_cannot_count() -> None:
    """Searches are no inquiries, undated ones and unknown customers are missing, and outside the period is outside."""
    made = of(
        [
            make_inquiry("a", customer_key="c1"),
            make_inquiry("b", customer_key="c1"),
            make_inquiry("c", customer_key=""),
            make_inquiry("undated", received_at=None),
            make_inquiry("later", received_at=NOON + timedelta(days=60)),
            make_inquiry("miss", channel=Channel.SEARCH, weight=40),
        ]
    )
    assert parts(made["inquiries"]) == (3, 3, None, 1)
    assert parts(made["inquiries_per_week"]) == (0.75, 3, 4.0, 1)
    assert parts(made["customers"]) == (1, 1, None, 1)
    assert parts(made["contact_rate"]) == (None, 3, None, 0)
    assert parts(of([make_inquiry("a")], options=MetricOptions(customer_base=200))["contact_rate"]) == (
        0.005,
        1,
        200,
        0,
    )


def test_replies_when_times_are_missing_or_impossible() -> None:
    """Unanswered is not met; without a time, or dated before the question, is missing and never met."""
    reply = Reply(at=None, by="agent", is_agent=True, text="try again")
    own = Reply(at=None, by="customer", is_agent=False, text="me again")
    made = of(
        [
            at_hours(1),
            at_hours(4),
            at_hours(4.01),
            at_hours(-2),
            make_inquiry("no time", replies=(reply,)),
            make_inquiry("nobody", replies=(own,)),
            make_inquiry("silent", source="reviews"),
        ]
    )
    assert parts(made["reply_share"]) == (5 / 6, 5, 6, 1)
    assert parts(made["first_reply_hours_median"]) == (4.0, None, 3, 4)
    assert parts(made["replied_within_standard"]) == (0.5, 2, 4, 3)


def test_replies_when_no_source_records_any() -> None:
    """An export without replies says nothing about replies: the value is unknown, not zero."""
    made = of([make_inquiry("a"), make_inquiry("b")])
    assert parts(made["reply_share"]) == (None, 0, 0, 2)
    assert parts(made["replied_within_standard"]) == (None, 0, 0, 2)
    assert made["first_reply_hours_median"].value is None


def test_repeats_when_customers_wrote_again() -> None:
    """Of five inquiries two came from the one customer of three who asked twice; one is unknown and missing."""
    keys = ("c1", "c1", "c2", "c3", "")
    made = of([make_inquiry(f"q{n}", customer_key=key) for n, key in enumerate(keys)])
    assert parts(made["repeat_inquiry_share"]) == (0.5, 2, 4, 1)
    assert parts(made["repeat_customer_share"]) == (1 / 3, 1, 3, 1)


def test_coverage_when_an_article_is_a_draft_or_approved() -> None:
    """Only approved articles cover; one-offs count against it; what the round never saw is missing."""
    q1, q2 = QuestionId("q1"), QuestionId("q2")
    inquiries = [make_inquiry(f"i{n}", source_id=str(n), customer_key=f"c{n // 2}") for n in range(6)]
    ids = [inquiry_id("test", str(n)) for n in range(6)]
    current = make_round(
        questions=(make_question(id=q1, members=tuple(ids[:2])), make_question(id=q2, members=tuple(ids[2:4]))),
        noise=(ids[4],),
    )
    article = make_article(answers=(q1,))
    made = of(
        inquiries, current=current, articles=[article, make_article(id="d", review=ReviewState.DRAFT, answers=(q2,))]
    )
    assert parts(made["covered_inquiry_share"]) == (0.4, 2, 5, 1)
    assert parts(made["covered_customer_share"]) == (1 / 3, 1, 3, 1)
    assert parts(made["approved_articles"]) == (1, 1, None, 0)


def test_answered_questions_when_matched_or_named() -> None:
    """Matched as covered by an approved article, or named by one; partly, unknown articles and old ids do not count."""
    ids = [QuestionId(f"q{n}") for n in range(5)]
    current = make_round(questions=tuple(make_question(id=i, members=()) for i in ids[:4]))
    found, other = ArticleId("found"), ArticleId("other")
    coverage = [
        Coverage(ids[0], found, 0.9, CoverageVerdict.COVERED),
        Coverage(ids[1], found, 0.6, CoverageVerdict.PARTLY),
        Coverage(ids[2], ArticleId("nowhere"), 0.9, CoverageVerdict.COVERED),
    ]
    articles = [make_article(id=found), make_article(id=other, answers=(ids[3], ids[4]))]
    assert answered_questions(current, coverage, articles) == {ids[0]: found, ids[3]: other}


def test_gaps_when_minutes_are_known_assumed_or_absent() -> None:
    """Ranked by customers x minutes; the log's mean stands in, said so, for a question without; searches rank last."""
    day = [make_inquiry(f"a{n}", source_id=f"a{n}", agent_minutes=3.0) for n in range(2)]
    slow = [make_inquiry("b", source_id="b", agent_minutes=30.0)]
    untimed = [make_inquiry(f"c{n}", source_id=f"c{n}", customer_key="same") for n in range(2)]
    searched = [make_inquiry("s", source_id="s", source="searches", channel=Channel.SEARCH, weight=7.0)]
    inquiries = day + slow + untimed + searched
    groups = {"qday": day, "qslow": slow, "quntimed": untimed, "qsearch": searched, "qold": []}
    current = make_round(
        questions=tuple(
            make_question(id=QuestionId(name), label=name, members=tuple(i.id for i in group))
            for name, group in groups.items()
        )
    )
    gaps = rank_gaps(inquiries, current, {QuestionId("qday"): ArticleId("x")}, JULY)
    assert [(g.question, g.customers, g.minutes, g.is_assumed, g.searches) for g in gaps] == [
        ("qslow", 1, 30.0, False, 0),
        ("quntimed", 1, 12.0, True, 0),
        ("qsearch", 0, 0.0, True, 7.0),
    ]
    made = of(inquiries, current=current, options=MetricOptions(top_gaps=2))
    assert [name for name in made if name.startswith("gap:")] == ["gap:qslow", "gap:quntimed"]
    assert parts(made["gap:quntimed"]) == (12.0, 1, None, 2)
    assert rank_gaps(untimed, current, {}, JULY)[0].minutes is None


def search_event(
    term: str, days: int = 0, visitor: str = "v1", verdict: str | None = "hit", **facts: Any
) -> SearchEvent:
    """A search on a day of July."""
    values: dict[str, Any] = {
        "event": SearchAction.SEARCH,
        "query_id": f"{visitor}/{days}/{term}",
        "at": NOON + timedelta(days=days),
        "visitor": visitor,
        "search_term": term,
        "verdict": Verdict(verdict) if verdict else None,
    }
    return SearchEvent(**(values | facts))


def test_searches_when_answered_weak_or_not() -> None:
    """Shares of verdicts over judged searches, clicks over all; outside the period is outside."""
    events = [
        search_event("invoice"),
        search_event("stop box", verdict="weak"),
        search_event("student discount", verdict="none"),
        search_event("old log", verdict=None),
        search_event("later", 40),
    ]
    events.append(SearchEvent(SearchAction.CLICK, events[0].query_id, NOON, "v1", position=1))
    events.append(SearchEvent(SearchAction.CLICK, events[4].query_id, NOON + timedelta(days=40), "v1", position=1))
    made = of([], events)
    assert parts(made["searches"]) == (4, 4, None, 0)
    assert parts(made["no_answer_search_share"]) == (1 / 3, 1, 3, 1)
    assert parts(made["weak_search_share"]) == (1 / 3, 1, 3, 1)
    assert parts(made["search_click_share"]) == (0.25, 1, 4, 0)


def test_searches_when_one_client_floods() -> None:
    """Ten thousand posts of the same words are one search, of other words no more than the cap."""
    same = [search_event("buy", verdict="none", query_id=f"s{n}") for n in range(10_000)]
    made = of([], [search_event("invoice", visitor="v2"), *same])
    assert parts(made["searches"]) == (2, 2, None, 9_999)
    assert made["no_answer_search_share"].value == 0.5
    many = of([], [search_event(f"w{n}") for n in range(50)], options=MetricOptions(max_searches_a_day=10))
    assert parts(many["searches"]) == (10, 10, None, 40)


def test_changes_when_a_round_follows_another() -> None:
    """New, grown and gone are those of the round."""
    current = make_round(
        questions=tuple(make_question(id=QuestionId(f"q{n}"), members=()) for n in range(4)),
        inherited={"q0": "new", "q1": "new", "q2": "grown", "q3": "same"},
        gone=(QuestionId("q9"),),
    )
    made = of([], current=current)
    names = ("questions", "questions_new", "questions_grown", "questions_gone")
    assert [made[name].value for name in names] == [4, 2, 1, 1]


def test_baseline_when_periods_differ() -> None:
    """Rates are compared with any baseline, what grows with time only with one of the same length."""
    before = tuple(of([make_inquiry(f"b{n}") for n in range(8)], period=JULY).values())
    shorter = Period(date(2026, 7, 1), date(2026, 7, 14))
    made = of([make_inquiry("a")], period=shorter, baseline=before, baseline_period=JULY)
    assert (made["inquiries"].baseline, made["inquiries_per_week"].baseline) == (None, 2.0)
    same = of([make_inquiry("a")], baseline=before, baseline_period=JULY)
    assert same["inquiries"].baseline == 8


def test_figures_when_rows_are_reversed() -> None:
    """The order of rows changes nothing, nothing is written without a definition, and an empty log has no shares."""
    inquiries = [at_hours(n % 7, customer_key=f"c{n % 3}", source_id=str(n)) for n in range(20)]
    events = [search_event(f"t{n % 4}", n % 3, f"v{n % 2}", query_id=str(n)) for n in range(20)]
    assert of(inquiries, events) == of(inquiries[::-1], events[::-1])
    empty = of([])
    assert all(figure.definition.endswith(".") for figure in empty.values())
    assert {figure.value for figure in empty.values() if figure.unit == "share"} == {None}


def test_weekly_when_weeks_are_empty_or_cut() -> None:
    """Weeks start on Mondays, empty ones are there, cut ones say so, searches do not count."""
    days = (0, 0, 14)
    members = [
        make_inquiry(f"w{n}", source_id=f"w{n}", received_at=NOON + timedelta(days=day), customer_key="c")
        for n, day in enumerate(days)
    ]
    searched = make_inquiry("s", source_id="s", channel=Channel.SEARCH)
    ids = [i.id for i in [*members, searched]] + [InquiryId("gone")]
    series = weekly(ids, [*members, searched, make_inquiry("other")], Period(date(2026, 7, 3), date(2026, 7, 26)))
    assert series == (
        Week(date(2026, 6, 29), 0, 0, is_whole=False),
        Week(date(2026, 7, 6), 2, 1, is_whole=True),
        Week(date(2026, 7, 13), 0, 0, is_whole=True),
        Week(date(2026, 7, 20), 1, 1, is_whole=True),
    )


def read_years(folder: Path) -> list[Inquiry]:
    """The supplied forum's questions of 2023 and 2024, facts only."""
    found = []
    for year in (2023, 2024):
        with gzip.open(folder / "thunderbird" / f"inquiries_{year}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                reply = row.get("first_reply_at")
                found.append(
                    make_inquiry(
                        "",
                        source_id=row["id"],
                        channel=Channel.FORUM,
                        customer_key=row["author"],
                        received_at=datetime.fromisoformat(row["created_at"]),
                        first_reply_at=datetime.fromisoformat(reply) if reply else None,
                    )
                )
    return found


def test_figures_when_the_log_is_a_real_forum(data_dir: Path) -> None:
    """The figures of 27,594 real questions are those computed independently (data/README.md, Business facts)."""
    inquiries = read_years(data_dir)
    made = of(inquiries, period=period_of(inquiries))
    assert made["inquiries"].value == 27_594
    assert round(made["reply_share"].value or 0, 3) == 0.715
    assert round(made["first_reply_hours_median"].value or 0, 1) == 3.8
    assert round(made["replied_within_standard"].value or 0, 3) == 0.365
    assert made["replied_within_standard"].missing == 22
    assert round(made["repeat_inquiry_share"].value or 0, 3) == 0.325
