"""The wording that stands for a question: customers' own, the clearest of theirs, made neat."""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from helploop.clustering.folding import normalise
from helploop.clustering.words import STOP_WORDS, words
from helploop.domain import Inquiry, InquiryId, Question

MAX_LABEL = 90  # characters of a label: one line of `helploop questions`
NO_WORDING = "(no wording)"
_LONG = 60  # from here on a label is a story rather than a question; each ten characters more count against it
_MIN_LABEL = 18  # shorter ones ("Any news?") say what is wanted only to who wrote them
_CANDIDATE_MEMBERS = 40  # members nearest to the centre whose sentences may become the label
_CHOICES = 8  # kept for when another question has the same label
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening|day)|greetings)"
    r"(?: (?:there|all|team|everyone|sir|madam|support|folks|guys))*[ ,.!:–-]+)+",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:(?:so|ok|okay|well|also|and|but|please|hence|anyway|basically|quick question|question|subject|re|fwd?|help"
    r"|urgent|(?:my|the) question is|just wondering(?: if)?"
    r"|i(?: am|'m|’m)? (?:was )?(?:just )?wondering(?: if| whether)?"
    r"|(?:i(?: would|'d|’d) like|i want|i need) to know(?: if| whether)?"
    r"|(?:can|could|would) (?:you|someone|somebody|anyone|anybody) (?:please |kindly )?"
    r"(?:tell me|explain|advise|help me (?:understand|with))"
    r"|please (?:tell me|advise|help(?: me)?(?: with)?)|(?:does )?any(?:one|body) know)"
    r"(?:[ ,:;–-]+|$))+",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:[ ,.;:–-]+(?:please(?: help(?: me)?| advise| assist)?|pls(?: help)?|plz(?: help)?|help(?: me)?(?: please)?"
    r"|thanks?(?: you)?(?: (?:in advance|so much|a lot|for (?:any|your) help))?|thx|cheers"
    r"|any (?:ideas?|help|suggestions?|advice)(?: (?:please|appreciated|welcome))?|asap|urgent(?:ly)?))+(?=[?!.]*$)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?=\s|$)|[.!?](?=\S)[^.!?\n]*)*[.!?]*")
_PLACEHOLDER = re.compile(r"<[a-z][a-z-]{0,24}\d{0,4}>|\[[A-Z_ ]{3,}\]")
_LINK = re.compile(r"https?://|www\.|@\w")
_POINTS_BACK = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|there|he|she|him|her|above|below)\b", re.IGNORECASE
)
_HANGS_ON = re.compile(
    r"^(?:because|since|then|which|who|whose|or|nor|yet|thus|therefore|otherwise|after that|if so)\b", re.I
)
_WAITS = re.compile(
    r"\b(?:waiting|no (?:one|reply|response|answer|help)|nobody|ridiculous|unacceptable|disappointed|frustrat\w+|fed up"
    r"|(?:hours|days|weeks|months) (?:now|ago|later|already)|thank|thanks|sorry|solved|appreciate\w*|regards)\b",
    re.IGNORECASE,
)
_VERB = r"(?:can|could|is|are|do|does|did|will|would|should|may|am|was|were|has|have)(?:n['’]?t)?"
_ASKS = re.compile(  # "can I", "when will", not "can't send" or "when I start it"
    rf"^(?:(?:how|what|why|who|which|whose)\b|(?:when|where) {_VERB}\b|where to\b"
    rf"|{_VERB} (?:i|we|you|u|he|she|it|they|there|my|your|our|the|this|that|these|those|an?|any\w*|some\w*)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LogWords:
    """The words of a log's inquiries, each read once: what the words of a label are weighed by."""

    bags: Mapping[InquiryId, Sequence[str]]  # the different telling words of each inquiry
    spread: Counter[str]  # word -> inquiries it stands in


def read_words(inquiries: Iterable[Inquiry]) -> LogWords:
    """The telling words of what each inquiry asks. The same word is one object: a long log has few different ones."""
    bags = {inquiry.id: tuple(map(sys.intern, set(_telling_words(inquiry.question_text)))) for inquiry in inquiries}
    return LogWords(bags, Counter(chain.from_iterable(bags.values())))


def pick_label(members: Sequence[Inquiry], nearness: NDArray[np.float32], log: LogWords, rows: int) -> str:
    """The first of rank_labels()."""
    return rank_labels(members, nearness, log, rows)[0]


def rank_labels(members: Sequence[Inquiry], nearness: NDArray[np.float32], log: LogWords, rows: int) -> tuple[str, ...]:
    """The clearest real wordings among the members, best first: sentences of theirs, made neat, at most 90 characters.

    members, nearness: with their cosine to the centre, nearest first. log: words of the whole log of `rows` inquiries,
    the members among them. A wording is clear when its member is near the centre, its words are the question's own
    (the share of members that use them, by how rare they are elsewhere: class-based TF-IDF), and it is a question;
    placeholders, links, shouting, half sentences, complaints about waiting and whole stories count against it.
    """
    inside = Counter(chain.from_iterable(log.bags[member.id] for member in members))
    telling = {
        word: (count / len(members)) * math.log((1 + rows) / (1 + log.spread[word]))
        for word, count in inside.items()
        if count > 1 or len(members) < 3
    }
    best = max(telling.values(), default=1.0) or 1.0
    telling = {word: weight / best for word, weight in telling.items()}
    choices: dict[str, float] = {}
    for inquiry, cosine in zip(members[:_CANDIDATE_MEMBERS], nearness, strict=False):
        for sentence in _sentences(inquiry):
            clearness = round(_clearness(sentence, inquiry, float(cosine), telling), 6)
            choices[sentence] = max(clearness, choices.get(sentence, clearness))
    ranked = sorted(choices, key=lambda sentence: (-choices[sentence], len(sentence), sentence))
    return tuple(ranked[:_CHOICES]) or (NO_WORDING,)


def without_doubles(
    questions: Sequence[Question], choices: Mapping[str, Callable[[], Sequence[str]]], fixed: Collection[str]
) -> list[Question]:
    """The questions, none labelled like another: the one of fewer customers takes its next best wording.

    choices: by id, what gives rank_labels(), asked only where a label is there already. fixed: ids whose label a person
    gave; they keep it whatever the others are.
    """
    order = sorted(questions, key=lambda question: (question.id not in fixed, -question.customers, question.id))
    taken: set[str] = set()
    labels: dict[str, str] = {}
    for question in order:
        label = question.label
        if question.id not in fixed and normalise(label) in taken and question.id in choices:
            label = next((word for word in choices[question.id]() if normalise(word) not in taken), label)
        labels[question.id] = label
        taken.add(normalise(label))
    return [replace(question, label=labels[question.id]) for question in questions]


def _telling_words(text: str) -> list[str]:
    return [word for word in words(text) if len(word) > 2 and word not in STOP_WORDS]


def _sentences(inquiry: Inquiry) -> list[str]:
    """Neat candidates of one inquiry: its title, and each sentence of what it asks."""
    found: dict[str, None] = {}
    for text in (inquiry.title, *_SENTENCE.findall(inquiry.question_text)):
        if neat := _neat(text):
            found.setdefault(neat)
    return list(found)


def _neat(text: str) -> str:
    """A sentence without greeting, opening and closing words, marks made one; one that asks ends in a question mark."""
    text = _GREETING.sub("", " ".join(text.split())).strip(" \t\"'“”‘’*_-–—:,;")
    text = re.sub(r"\s*([?!])[?!.\s]*(?=$|\s)", r"\1", re.sub(r"\s*\.{2,}$", "", text))
    bare = _OPENING.sub("", text)
    text = _CLOSING.sub("", bare if len(words(bare)) > 1 else text)
    if len(text) > MAX_LABEL:
        text = text[: MAX_LABEL - 1].rsplit(" ", 1)[0].rstrip(" ,.;:-") + "…"
    elif _ASKS.match(text) and len(words(text)) > 3:
        text = text.rstrip(" .!,;:") + ("" if text.endswith("?") else "?")
    elif re.fullmatch(r"[^.!?]+\.", text):
        text = text[:-1]
    return text[:1].upper() + text[1:]


def _clearness(sentence: str, inquiry: Inquiry, cosine: float, telling: dict[str, float]) -> float:
    """The weights are judged by eye on the sample and on 15,000 posts of a forum; none is measured."""
    own = set(_telling_words(sentence))
    said = len(sentence) / max(len(sentence), len(inquiry.question_text))  # a short part says little of its member
    score = cosine * (0.6 + 0.4 * said)
    score += 0.5 * min(2.0, sum(sorted((telling.get(word, 0.0) for word in own), reverse=True)[:3]))
    score += 0.25 * sentence.endswith("?") + 0.2 * bool(_ASKS.match(sentence))
    score -= 0.15 * min(3, len(_POINTS_BACK.findall(sentence))) + 0.3 * bool(_HANGS_ON.match(sentence))
    score -= 0.4 * (len(sentence) < _MIN_LABEL) + 0.5 * sentence.endswith("…")
    score -= 0.1 * max(0, len(sentence) - _LONG) / 10 + 0.4 * bool(_WAITS.search(sentence))
    score -= 0.5 * bool(_PLACEHOLDER.search(sentence)) + 0.5 * bool(_LINK.search(sentence))
    score -= 0.3 * _is_shouting(sentence) + 0.4 * (len(own) < 2) + 0.3 * (sentence.count(",") > 2)
    return score


def _is_shouting(sentence: str) -> bool:
    if sentence[1:].islower():
        return False
    letters = [letter for letter in sentence if letter.isalpha()]
    return len(letters) > 8 and sum(letter.isupper() for letter in letters) > 0.6 * len(letters)
