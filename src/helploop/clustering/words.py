"""Words of texts: what a question's own words are is asked by its label, its keyphrases and the searches it draws."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_WORD_OR_STOP = re.compile(rf"{_WORD.pattern}|[.?!\n]")
_PLACEHOLDER = re.compile(r"<[a-z][a-z-]{0,24}\d{0,4}>|\[[A-Z_ ]{3,}\]")
_LINK = re.compile(r"https?://\S+|\bwww\.\S+")

# Words that tell nothing about what is asked. English only: in other languages rarity alone has to sort them out.
STOP_WORDS = frozenset(
    re.findall(
        r"[\w']+",
        "a about above after again all also although always am an and another any anybody anyone anything are "
        "aren't as at away back be became because been before being below between both but by came can can't "
        "cannot cant come could couldn't did didn't didnt do does doesn't doesnt doing don't done dont down during "
        "each either else etc even ever every few first for from further get gets getting give given go goes going "
        "gone got had hadn't has hasn't hasnt have haven't havent having he hello help her here hers hey hi him "
        "his hoping how however i i'd i'll i'm i've id if ill im in instead into is isn't isnt it it's its itself "
        "ive just keep keeps kind know last least less let like lot made make many may maybe me might mine more "
        "most much must my myself need needs never no nor not nothing now of off ok okay on once one only onto or "
        "other others our ours out over own per perhaps please possible previously question questions quite rather "
        "really regards said same saw say says second see seem seems several shall she should since so some "
        "somebody somehow someone something sometimes soon sorry still such suddenly sure take tell than thank "
        "thanks that that's the their theirs them then there these they they're thing things think this those "
        "though through till time to today together tomorrow too tried try trying two under unless until up upon "
        "us use used uses using very via want wants was wasn't way we well went were weren't what what's whatever "
        "when whenever where whether which while who whole whom whose why will with within without won't wont work "
        "worked working works would wouldn't yes yesterday yet you you're your yours yourself",
    )
)


def words(text: str) -> list[str]:
    """The words of a text in its order, small letters, without placeholders, links and numbers."""
    found: list[str] = _WORD.findall(_bare(text, " "))
    return [word.replace("’", "'") for word in found] if "’" in text else found


def words_and_stops(text: str) -> list[str]:
    """As `words`, and between them the marks that end a sentence or a line: what stands beside what is asked by it."""
    found: list[str] = _WORD_OR_STOP.findall(_bare(text, " "))
    return [word.replace("’", "'") for word in found] if "’" in text else found


def _bare(text: str, link: str) -> str:
    """In small letters, without placeholders, links replaced. Most texts have neither: looking is cheaper than sub."""
    if "<" in text or "[" in text:
        text = _PLACEHOLDER.sub(" ", text)
    if "http" in text or "www." in text:
        text = _LINK.sub(link, text)
    return text.casefold()


def content_words(text: str) -> set[str]:
    """The words of a text that tell what it is about."""
    return {word for word in words(text) if word not in STOP_WORDS and len(word) > 1}


_ACKNOWLEDGES = frozenset(
    re.findall(
        r"[\w']+",
        "afternoon alright anyone bro bye cool dear everyone evening everybody fine friend good goodbye great "
        "greetings guys ha haha hai hey hie hiya hlo hlw hm hmm k kk look lol madam maam mam mean morning mr "
        "mrs ms nah nice night no nope ok okay okey oh pls plz right sir somebody someone stuff sure team "
        "there thx ty u ur welcome yeah yep yo yup wanna i'm im",
    )
)
_TELLING = frozenset(  # stop words that a short question may turn on
    re.findall(
        r"[\w']+",
        "away back before came come cant can't cannot down first for get gets getting got help keep last less "
        "many more most much off on open out over per previously second soon take time today together "
        "tomorrow two under up use used uses using when where who without won't wont work worked working "
        "works yesterday",
    )
)
_MOST_WORDS = 6  # more say something even when each alone does not ("I asked for 100 and got 20")
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_REPEATED = re.compile(r"(.)\1+")
_MARKS = ("<", "[", "http", "www.")  # what `_bare` takes out of a text
_EMPTY = (STOP_WORDS - _TELLING) | _ACKNOWLEDGES
_SQUEEZED = frozenset(_REPEATED.sub(r"\1", word) for word in _EMPTY)


def says_nothing(text: str) -> bool:
    """Whether no word of a text tells what is asked: "Hiii sir", "ok thanks", "??", a number or code alone.

    Words of one letter and words with digits tell nothing by themselves; letters typed again and again ("hellooo")
    count once. The lists are English: in another language only signs, numbers and codes are found.
    Of 17,814 labelled rows it takes 119, of which 5 ask something (sizes without a word: "6*3").
    """
    if not any(mark in text for mark in _MARKS) and any(map(_tells, filter(str.isalpha, text.casefold().split()))):
        return False  # the same, sooner: nearly every text has a plain word that tells
    for place, found in enumerate(_TOKEN.finditer(_bare(text, " link "))):
        if place == _MOST_WORDS or _tells(found[0].replace("’", "'")):
            return False
    return True


@lru_cache(maxsize=100_000)  # a long log has few different words: 30,000 inquiries in a third of the time
def _tells(word: str) -> bool:
    if word in _EMPTY or (len(word) == 1 and word.isascii()) or any(letter.isdigit() for letter in word):
        return False
    return _REPEATED.sub(r"\1", word) not in _SQUEEZED
