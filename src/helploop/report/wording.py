"""What a report says, before it has a form: headline, rows in words, open questions ranked, changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helploop.domain import ArticleId, Coverage, CoverageVerdict, Figure, Question, QuestionId, QuestionState
from helploop.metrics import Period

UNKNOWN = "not known"

TITLES: Mapping[str, str] = {
    "inquiries": "Inquiries",
    "inquiries_per_week": "Inquiries a week",
    "customers": "Customers who asked",
    "contact_rate": "Inquiries per customer of the company",
    "reply_share": "Got a reply",
    "first_reply_hours_median": "First reply, median",
    "replied_within_standard": "Replied within the standard",
    "repeat_inquiry_share": "Inquiries from customers who asked more than once",
    "repeat_customer_share": "Customers who asked more than once",
    "reopened_inquiry_share": "Inquiries that came back after they seemed settled",
    "approved_articles": "Approved articles",
    "covered_inquiry_share": "Inquiries that an article answers",
    "covered_customer_share": "Customers whom an article answers",
    "searches": "Searches on the help site",
    "no_answer_search_share": "Searches without an answer",
    "weak_search_share": "Searches with weak matches only",
    "search_click_share": "Searches that led to an article",
    "questions": "Recurring questions",
    "questions_new": "New questions",
    "questions_grown": "Questions that grew",
    "questions_gone": "Questions that went",
}


@dataclass(frozen=True)
class Line:
    """A figure in words."""

    title: str
    value: str
    parts: str  # "19,716 of 27,594"; "" where there are none
    missing: str
    baseline: str  # "" without one
    change: str  # "" without a baseline
    definition: str


@dataclass(frozen=True)
class OpenQuestion:
    """A question without an article, in words."""

    rank: int
    id: str
    label: str
    customers: str
    minutes: str  # customers x minutes; "" when not among the top gaps
    state: str
    nearest: str  # the article that comes near, "" when none does


@dataclass(frozen=True)
class Content:
    """A whole report."""

    period: Period
    headline: tuple[str, ...]
    lines: tuple[Line, ...]
    open_questions: tuple[OpenQuestion, ...]
    changes: tuple[str, ...]


def make_content(
    figures: Sequence[Figure],
    questions: Sequence[Question],
    coverage: Sequence[Coverage],
    period: Period,
    *,
    answered: Mapping[QuestionId, ArticleId] | None = None,
) -> Content:
    """The report in words. `answered` is metrics.answered_questions(); without it, what is covered by `coverage`."""
    by_name = {figure.name: figure for figure in figures}
    if answered is None:
        answered = {c.question: c.article for c in coverage if c.article and c.verdict is CoverageVerdict.COVERED}
    plain = [figure for figure in figures if not figure.name.startswith("gap:")]
    open_questions = _open_questions(by_name, questions, coverage, answered)
    lines = tuple(say_figure(figure) for figure in plain)
    return Content(
        period=period,
        headline=tuple(_headline(by_name, open_questions)),
        lines=lines,
        open_questions=open_questions,
        changes=tuple(
            f"{line.title}: {line.baseline} then, {line.value} now ({line.change})" for line in _moved(lines)
        ),
    )


def say_value(value: float | None, unit: str) -> str:
    """A figure's value as a person writes it: 0.715 of unit share is "71.5 %"."""
    if value is None:
        return UNKNOWN
    if unit == "share":
        return f"{100 * value:.1f} %"
    number = say_number(value)
    return {"hours": f"{number} h", "minutes": f"{number} min"}.get(unit, number)


def say_number(value: float) -> str:
    """27594 is "27,594", 3.81 is "3.8", 0.0052 is "0.0052"."""
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.2g}"


def say_figure(figure: Figure) -> Line:
    """A figure in words."""
    has_both = figure.value is not None and figure.baseline is not None
    return Line(
        title=TITLES.get(figure.name, figure.name.replace("_", " ")),
        value=say_value(figure.value, figure.unit),
        parts=_parts(figure),
        missing=say_number(figure.missing) if figure.missing else "",
        baseline="" if figure.baseline is None else say_value(figure.baseline, figure.unit),
        change=_change(figure.value or 0.0, figure.baseline or 0.0, figure.unit) if has_both else "",
        definition=figure.definition,
    )


def _parts(figure: Figure) -> str:
    if figure.denominator is None:
        return ""
    whole = say_number(figure.denominator)
    if figure.numerator is None:
        return f"of {whole}"
    joint = "of" if figure.unit == "share" else "over"
    return f"{say_number(figure.numerator)} {joint} {whole}"


def _change(now: float, then: float, unit: str) -> str:
    if unit == "share":
        points = round(100 * (now - then), 1)
        return "same" if points == 0 else f"{points:+.1f} points"
    if now == then:
        return "same"
    if then == 0:
        return "from nothing"
    percent = round(100 * (now - then) / then)
    return f"{percent:+d} %" if percent else "nearly the same"


def _moved(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.change not in ("", "same")]


def _open_questions(
    by_name: Mapping[str, Figure],
    questions: Sequence[Question],
    coverage: Sequence[Coverage],
    answered: Mapping[QuestionId, ArticleId],
) -> tuple[OpenQuestion, ...]:
    nearest = {c.question: c.article or "" for c in coverage if c.verdict is not CoverageVerdict.GAP}
    gaps = {name.removeprefix("gap:"): figure for name, figure in by_name.items() if name.startswith("gap:")}
    # the top gaps in the order of the figures, which is by cost; then the rest by customers
    place = {name: n for n, name in enumerate(gaps)}
    unanswered = [q for q in questions if q.id not in answered and q.state is not QuestionState.ANSWERED]
    ranked = sorted(unanswered, key=lambda q: (place.get(q.id, len(place)), -q.customers, q.id))
    return tuple(
        OpenQuestion(
            rank=rank,
            id=question.id,
            label=" ".join(question.label.split()),
            customers=say_number(gaps[question.id].numerator or 0 if question.id in gaps else question.customers),
            minutes=say_value(gaps[question.id].value, "minutes") if question.id in gaps else "",
            state=question.state.value.replace("_", " "),
            nearest=nearest.get(question.id, ""),
        )
        for rank, question in enumerate(ranked, 1)
    )


def _headline(by_name: Mapping[str, Figure], open_questions: Sequence[OpenQuestion]) -> list[str]:
    def value(name: str) -> str | None:
        figure = by_name.get(name)
        return None if figure is None or figure.value is None else say_value(figure.value, figure.unit)

    said = []
    if (inquiries := value("inquiries")) and (customers := value("customers")):
        said.append(f"{inquiries} inquiries of {customers} known customers came in.")
    if share := value("reply_share"):
        median = value("first_reply_hours_median")
        said.append(f"{share} of them got a reply" + (f", half of these within {median}." if median else "."))
    if covered := value("covered_inquiry_share"):
        said.append(f"Approved articles answer {covered} of the inquiries looked at.")
    if (searches := value("searches")) not in (None, "0") and (none := value("no_answer_search_share")):
        said.append(f"Of {searches} searches on the help site, {none} found no answer.")
    if open_questions:
        first = open_questions[0]
        cost = f", {first.minutes} of agents' time" if first.minutes not in ("", UNKNOWN) else ""
        said.append(f"The first question to answer next is “{first.label}” ({first.customers} customers{cost}).")
    return said
