"""People whom a record names itself: its customer and the agents who replied. Their names are masked in its texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from helploop.domain import RawInquiry
from helploop.redaction.options import RedactionOptions

_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_'’-]{2,40}")
_DETECTED = re.compile(r"(?!(?:https?|www)\b)[^\W\d_a-z][^\n\d@<>/_:\ufffc]{2,80}")  # a capital, no digits, one line
_POSSESSIVE = re.compile(r"['’]s(?=\n|\Z)")
_MIN_WHOLE = 4  # characters of a name, handle or id that is masked as a whole
_MIN_NUMBER = 5  # digits of an id that is a number: a shorter one stands for other things, too
# First and last names that are words as well: masked only where a name stands (after a greeting, before a line's end).
_COMMON = frozenset(
    """
    will may mark rose art grace hope joy bill jack rob sue pat chase rich june april august summer dawn faith
    grant frank jean drew dean guy gene miles christian earl dale glen heath lane brook brooks forest wood woods
    stone hill field fields park parker baker cook butcher farmer fisher mason taylor smith king young long
    short little white black brown green gray grey day knight bishop price bell cross best good love lord major
    moon frost snow winter penny olive ivy lily violet daisy heather holly ginger amber ruby pearl sandy sunny
    rusty buddy max bob van den der del the and von info mail email contact office hello support sales admin
    team shop service customer user name test no reply noreply post me my home web box order orders coffee tea
    ray clay cliff ford page case cash hall house banks rivers marsh reed reid street west north east south
    """.split()  # noqa: SIM905
)
# An agent of this name is a team or a machine; its words ("Kettlewren Support") name the company, not a person.
_NO_PERSON = frozenset(
    """support team sales service services helpdesk help desk bot admin care info customer customers office system
    staff crew moderator moderators community assistant automation""".split()  # noqa: SIM905
)


# Finds people's names in a text of a language (ISO 639-1, "" when unknown): their places, as (start, end). A model's
# work, so it comes from outside; redaction itself knows the record's people only.
NameDetector = Callable[[str, str], Iterable[tuple[int, int]]]


@dataclass(frozen=True)
class Person:
    """Somebody the record names."""

    values: tuple[str, ...] = field(repr=False)  # names, addresses, handles, ids
    kind: str = "name"  # the placeholder of the names
    is_exact: bool = False  # masked only whole and in the same letters: a model took it for a name


def people_of(
    raw: RawInquiry, options: RedactionOptions, detect_names: NameDetector | None = None
) -> tuple[Person, ...]:
    """The record's customer, then its agents, then those whom the detector finds in its texts, each once."""
    people: dict[Person, None] = {}
    if values := tuple(value for value in (*raw.customer_names, raw.customer) if value.strip()):
        people[Person(values)] = None
    own = own_words(options)
    for reply in raw.replies:
        if reply.is_agent and reply.by.strip():
            words = {word.lower() for word in _NAME_WORD.findall(reply.by)}
            if not words & _NO_PERSON and not words <= own:
                people[Person((reply.by,), "agent")] = None
    if detect_names:
        no_names = own | frozenset(word.lower() for word in options.no_names)
        texts = (raw.title, raw.text, *(reply.text for reply in raw.replies))
        people.update(dict.fromkeys(detected_people(texts, raw.language, detect_names, no_names)))
    return tuple(people)


def detected_people(
    texts: Iterable[str], language: str, detect_names: NameDetector, no_names: frozenset[str] = frozenset()
) -> tuple[Person, ...]:
    """Those whom the detector finds in any of the texts, longest name first.

    What is surely no name is left out, for small models err often. no_names: words in small letters; a name is not made
    of them alone.
    """
    found = {
        _POSSESSIVE.sub("", text[start:end].strip()) for text in texts for start, end in detect_names(text, language)
    }
    people = []
    for name in sorted({name.partition("\n")[0].strip() for name in found}, key=lambda name: (-len(name), name)):
        words = {word.lower() for word in _NAME_WORD.findall(name)}
        is_no_name = words <= _NO_PERSON | no_names or (len(words) == 1 and words <= _COMMON)
        if not is_no_name and _DETECTED.fullmatch(name):
            people.append(Person((name,), is_exact=True))
    return tuple(people)


def own_words(options: RedactionOptions) -> frozenset[str]:
    """Words that name the company itself, from its addresses' domains: "shop" of "@shop.example"."""
    domains = (address.rpartition("@")[2] for address in options.own_addresses if "@" in address)
    return frozenset(word.lower() for domain in domains for word in _NAME_WORD.findall(domain.rpartition(".")[0]))


def name_patterns(
    person: Person, lowered: str, own: frozenset[str] = frozenset()
) -> Iterable[tuple[re.Pattern[str], str]]:
    """Patterns for what of the person may stand in the text, with their kind: whole values first, then words of names.

    lowered: the text in small letters, so that no pattern is tried in vain.
    """
    if person.is_exact:
        yield from ((_exactly(value), person.kind) for value in person.values if value.lower() in lowered)
        return
    for value in person.values:
        whole = value.strip()
        if "@" in whole:
            if whole.lower() in lowered:
                yield _word(whole), "email"
            whole = whole.split("@", 1)[0]
        small = whole.lower()
        is_id = any(map(str.isdigit, whole))
        shortest = _MIN_NUMBER if whole.isdigit() else _MIN_WHOLE
        if len(whole) >= shortest and small in lowered and small not in _COMMON and small not in own:
            yield _word(whole), "customer-id" if is_id else person.kind
        if is_id:
            continue  # a handle or an id: its letters alone are no name
        for word in _NAME_WORD.findall(re.sub(r"[._+]", " ", whole)):
            small = word.lower()
            if small in lowered and small not in own:
                yield _common_name(word) if small in _COMMON else _word(word), person.kind


@lru_cache(maxsize=4096)
def _word(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w<-]){re.escape(value)}(?![\w>])", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _exactly(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w<-]){re.escape(value)}(?![\w>])")


@lru_cache(maxsize=4096)
def _common_name(word: str) -> re.Pattern[str]:
    # \ufffc stands for what is masked already: the other half of the name
    capital = re.escape(word.capitalize())
    return re.compile(
        rf"(?:(?<=\bHi )|(?<=\bHello )|(?<=\bDear )|(?<=\bHey )|(?<=\bMr )|(?<=\bMrs )|(?<=\bMs )"
        rf"|(?<=\ufffc )){capital}(?!\w)"
        rf"|(?<![\w<]){capital}(?= \ufffc|[ \t]*(?:\n|\Z))"
    )
