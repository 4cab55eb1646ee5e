"""Misses: what counts, how it is weighed, and the evidence behind each cause."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from helploop.domain import Channel, MissCause, SearchAction, SearchEvent, Verdict
from helploop.misses import MissOptions, find_misses, may_form_question, normalise_query, to_inquiries, words_of

START = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)


def search(term: str, visitor: str = "v1", minutes: float = 0.0, verdict: str = "none", **facts: Any) -> SearchEvent:
    """A search event; its query_id is made of all that distinguishes it."""
    values: dict[str, Any] = {
        "event": SearchAction.SEARCH,
        "query_id": f"{visitor}/{minutes}/{term}",
        "at": START + timedelta(minutes=minutes),
        "visitor": visitor,
        "search_term": term,
        "verdict": Verdict(verdict),
    }
    return SearchEvent(**(values | facts))


def after(event: SearchEvent, action: str, seconds: int = 5, **facts: Any) -> SearchEvent:
    """What the visitor did after a search."""
    return SearchEvent(
        event=SearchAction(action),
        query_id=event.query_id,
        at=event.at + timedelta(seconds=seconds),
        visitor=event.visitor,
        **facts,
    )


def test_normalise_query_when_only_case_punctuation_and_plural_differ() -> None:
    """Wordings that differ in case, punctuation and plural are one query; different words stay apart."""
    assert {normalise_query(q) for q in ("Gift-Cards?", "gift card", "GIFT  cards!")} == {"gift card"}
    assert normalise_query("don’t send deliveries to my address") == "dont send delivery to my address"
    assert normalise_query("boxes, glass; bus") == "box glass bus"
    assert normalise_query("?!") == ""


def test_find_misses_when_each_way_of_failing_occurs() -> None:
    """None, weak without click, click and return, and contact are misses; hit, and weak with a click, are not."""
    weak, back, wrote, hit, read = (
        search("skip a box", "a", verdict="weak"),
        search("my points", "b", verdict="hit"),
        search("wrong bag", "c", verdict="hit"),
        search("invoice", "d", verdict="hit"),
        search("where is it", "e", verdict="weak"),
    )
    events = [
        search("student discount"),
        weak,
        after(weak, "abandon"),
        back,
        after(back, "click", position=1, article="sprigs"),
        after(back, "return"),
        wrote,
        after(wrote, "click", position=1, article="box"),
        after(wrote, "contact", 90),
        hit,
        after(hit, "abandon"),
        read,
        after(read, "click", position=2, article="track"),
    ]
    misses = find_misses(events)
    assert [m.query for m in misses] == ["my points", "skip a box", "student discount", "wrong bag"]
    assert {m.cause for m in misses} == {MissCause.NO_ARTICLE}
    assert (misses[0].nearest, misses[0].reason) == (
        "sprigs",
        "after 1 of 1 searches the article read did not answer",
    )


def test_find_misses_when_one_visitor_posts_ten_thousand_times() -> None:
    """10,000 posts of one visitor weigh 1 a day; three visitors of one day and one of the next weigh 4."""
    flood = [search("free iphone", "bot", i / 100) for i in range(10_000)]
    people = [search("refill tin", v, d * 1440) for v, d in (("a", 0), ("b", 0), ("c", 0), ("d", 1), ("d", 1))]
    tins, iphone = find_misses(flood + people)
    assert (tins.weight, tins.visitors, tins.days, tins.most_in_a_day) == (4.0, 4, 2, 3)
    assert (iphone.weight, iphone.days) == (len({e.at.date() for e in flood}), 1)


def test_find_misses_when_one_visitor_invents_queries() -> None:
    """A visitor's distinct queries beyond the day's cap are left out."""
    events = [search(f"zq{i}", "bot", i) for i in range(50)]
    assert len(find_misses(events, MissOptions(max_queries_a_day=10))) == 10


def test_find_misses_when_a_query_was_half_typed() -> None:
    """A prefix of the same visitor's next search within 30 seconds is not a search of its own; later ones are."""
    soon = [search("stud", "a", 0), search("student disc", "a", 0.2), search("student discount", "a", 0.4)]
    late = [search("stud", "b", 0), search("student discount", "b", 1)]
    assert [(m.query, m.weight) for m in find_misses(soon + late)] == [("student discount", 2.0), ("stud", 1.0)]


def test_find_misses_when_events_come_twice_and_shuffled() -> None:
    """An event that came twice counts once, and the order of rows changes nothing."""
    events = [search(term, v, i) for i, (term, v) in enumerate([("b", "x"), ("A b", "y"), ("a B?", "z"), ("c", "x")])]
    shuffled = events + events
    random.Random(4).shuffle(shuffled)
    assert find_misses(shuffled) == find_misses(events)
    assert [(m.query, m.weight) for m in find_misses(events)] == [("A b", 2.0), ("b", 1.0), ("c", 1.0)]


def test_cause_when_found_far_down() -> None:
    """Clicked at position 4 or below and stayed: ranking, with the article, though the verdict was a hit."""
    found = search("send it back", verdict="hit")
    (miss,) = find_misses([found, after(found, "click", position=5, article="returns")])
    assert (miss.cause, miss.nearest) == (MissCause.RANKING, "returns")
    assert miss.reason == "1 of 1 visitors opened returns only at position 4 or below"


def test_cause_when_rephrased_with_a_word_in_common() -> None:
    """A second try that shares a word and was answered: other_words, and the wording that worked is named."""
    second = search("change delivery address", "a", 2, "hit")
    click = after(second, "click", position=1, article="change-address")
    miss = find_misses([search("moved house address", "a"), second, click])[0]
    assert (miss.cause, miss.nearest) == (MissCause.OTHER_WORDS, "change-address")
    assert miss.reason == "1 of 1 visitors then tried “change delivery address” and stayed with change-address"


def test_cause_when_next_search_is_another_matter() -> None:
    """Without a word in common one visitor proves nothing; two who end at the same article do."""

    def visit(visitor: str) -> list[SearchEvent]:
        second = search("cancel subscription", visitor, 3, "hit")
        return [search("stop my box", visitor), second, after(second, "click", position=1, article="cancel")]

    assert find_misses(visit("a"))[0].cause is MissCause.NO_ARTICLE
    assert find_misses(visit("a") + visit("b"))[0].cause is MissCause.OTHER_WORDS


def test_cause_when_second_try_came_too_late_or_failed() -> None:
    """A second try after the window, or one the visitor came back from, says nothing."""
    late = search("descale the kettle", "a", 11, "hit")
    failed = search("descale the kettle", "b", 2, "hit")
    events = [
        search("kettle flakes", "a"),
        late,
        after(late, "click", position=1, article="descale"),
        search("kettle flakes", "b"),
        failed,
        after(failed, "click", position=1, article="descale"),
        after(failed, "return"),
    ]
    assert find_misses(events)[0].cause is MissCause.NO_ARTICLE


def test_cause_when_read_in_spite_of_the_verdict() -> None:
    """No match said, yet opened at the top and stayed: the words were wrong, not the site."""
    event = search("wheres my stuff")
    (miss,) = find_misses([event, after(event, "click", position=1, article="track")])
    assert (miss.cause, miss.nearest) == (MissCause.OTHER_WORDS, "track")


def test_cause_when_misspelt() -> None:
    """Corrected by the visitor, or one edit from a word of the site: misspelt; a word people ask with is not."""
    first = search("invioce for march", "a", unmatched_words=("invioce",))
    second = search("invoice for march", "a", 1, "hit")
    (by_visitor,) = find_misses([first, second, after(second, "click", position=1, article="invoice")])
    assert (by_visitor.cause, by_visitor.nearest) == (MissCause.MISSPELT, "invoice")
    lonely = [search("decalcifyer", unmatched_words=("decalcifyer",))]
    words = frozenset({"decalcifier"})
    (by_site,) = find_misses(lonely, MissOptions(site_words=words))
    assert (by_site.cause, by_site.reason) == (MissCause.MISSPELT, "“decalcifyer” is on no page, “decalcifier” is")
    asked = MissOptions(site_words=words, asked_words=frozenset({"decalcifyer"}))
    assert find_misses(lonely, asked)[0].cause is MissCause.NO_ARTICLE


def test_cause_when_one_visitor_of_many_differs() -> None:
    """One visitor of five who clicked low does not make it a matter of ranking."""
    events = [search("student discount", f"v{i}", i) for i in range(5)]
    events.append(after(events[0], "click", position=6, article="promo"))
    assert find_misses(events)[0].cause is MissCause.NO_ARTICLE


def test_cause_when_no_word_is_known() -> None:
    """Words of no article and no inquiry are out of scope, unless three visitors search or no log is there to tell."""
    events = [search("how do i unidays", v, unmatched_words=("unidays",)) for v in ("a", "b", "c")]
    known = MissOptions(site_words=words_of(["Track a delivery"]), asked_words=words_of(["Do I get a discount?"]))
    (miss,) = find_misses(events[:2], known)
    assert miss.cause is MissCause.OUT_OF_SCOPE
    assert miss.reason == "no article and no inquiry has a word of it, and only 2 searched for it"
    assert find_misses(events, known)[0].cause is MissCause.NO_ARTICLE
    assert find_misses(events[:2])[0].cause is MissCause.NO_ARTICLE
    assert find_misses([search("any discounts")], known)[0].cause is MissCause.NO_ARTICLE
    assert find_misses([search("tracking")], known)[0].cause is MissCause.NO_ARTICLE


def test_to_inquiries_when_causes_are_mixed() -> None:
    """Only what no article answers becomes an inquiry, with its visitors as weight and a stable id."""
    found = search("send back", "z", verdict="hit")
    events = [
        search("Student discounts?", "a"),
        search("Student discounts?", "b", 5),
        search("student discount", "c", 9),
        search("asdf", "d"),
        found,
        after(found, "click", position=7, article="returns"),
    ]
    (inquiry,) = to_inquiries(find_misses(events, MissOptions(asked_words=words_of(["a student"]))))
    assert (inquiry.source, inquiry.source_id, inquiry.text) == ("searches", "student discount", "Student discounts?")
    assert (inquiry.channel, inquiry.weight) == (Channel.SEARCH, 3.0)
    assert inquiry.received_at == START + timedelta(minutes=9)


def test_may_form_question_when_people_are_many_or_one() -> None:
    """Three visitors on a day and a second day form a question; one person of many wordings or many days does not."""
    wordings = ("student discount", "nhs code", "unidays")
    crowd = [search(term, f"v{i}", i) for i, term in enumerate(wordings)] + [search("uni discount", "v9", 1440)]
    assert may_form_question(find_misses(crowd), crowd)
    assert not may_form_question(find_misses(crowd[:3]), crowd[:3])
    alone = [search(term, f"day{day}", day * 1440 + i) for day in range(3) for i, term in enumerate(wordings)]
    assert not may_form_question(find_misses(alone), alone)
    assert not may_form_question((), crowd)
