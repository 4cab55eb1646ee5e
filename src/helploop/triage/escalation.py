"""Words that let a person look first: danger to people, the law, the press. Whole words, in four languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

# A star at the end stands for any ending. Words that are mostly about something else stay out: "press" is a button and
# a coffee maker, "court" a place for tennis, "doctor" and "allergic" are reasons for ordinary questions.
ESCALATION_WORDS: Mapping[str, tuple[str, ...]] = {
    "safety": (
        *("injur*", "scald*", "electrocut*", "electric shock*", "got a shock", "gave me a shock", "caught fire"),
        *("on fire", "catch fire", "catching fire", "went up in flames", "burst into flames", "fire hazard"),
        *(
            "saw sparks",
            "sparks coming",
            "sparks flying",
            "sparks flew",
            "sparks from",
            "throwing sparks",
            "sparking",
            "sparked",
            "smoke",
            "smoking",
            "smouldering",
            "smoldering",
            "explod*",
            "explosion",
        ),
        *("burning smell", "smell of burning", "smells of burning", "burnt my hand", "burned my hand", "burn injury"),
        *("smell of gas", "smell gas", "smelt gas", "smells of gas", "gas leak", "carbon monoxide", "hospital*"),
        *("ambulance", "emergency room", "allergic reaction", "anaphyla*", "food poisoning", "poisoned", "poisonous"),
        *("made me ill", "made us ill", "made me sick", "made us sick", "vomit*", "choked", "choking", "shard*"),
        *("glass in", "piece of metal", "pieces of metal", "toxic", "bleeding", "cut my hand", "cut my finger"),
        *("unsafe", "not safe", "isn't safe", "dangerous*", "safety hazard", "health hazard", "suicid*"),
        *("kill myself", "end my life", "self-harm", "verletz*", "stromschlag", "in flammen", "hat feuer gefangen"),
        *("verbrannt", "verbrüht", "rauchentwicklung", "explodiert*", "gasgeruch", "krankenhaus", "notaufnahme"),
        *("lebensmittelvergiftung", "allergische reaktion", "glassplitter", "gefährlich*", "blessé*", "blessure*"),
        *("a pris feu", "électrocut*", "décharge électrique", "brûlé*", "brûlure*", "fumée", "explosé", "hôpital"),
        *("urgences", "intoxication", "réaction allergique", "dangereux", "dangereuse*", "herid*", "se incendió"),
        *("descarga eléctrica", "calambrazo", "quemadura*", "humo", "explotó", "hospital", "intoxica*"),
        *("reacción alérgica", "peligros*"),
    ),
    "legal": (
        *("lawyer*", "solicitor*", "attorney*", "legal action", "legal advice", "legal proceedings", "legal steps"),
        *("legal team", "legally", "small claims", "to court", "in court", "court order", "sue", "suing", "lawsuit*"),
        *("litigat*", "ombudsman", "trading standards", "consumer rights", "consumer protection", "regulator"),
        *("breach of contract", "data breach", "data protection", "gdpr", "subject access request", "anwalt"),
        *("anwält*", "rechtsanw*", "verklage*", "vor gericht", "rechtliche schritte", "klage", "verbraucherzentrale"),
        *("verbraucherschutz*", "datenschutz*", "dsgvo", "strafanzeige", "mon avocat", "un avocat", "notre avocat"),
        *("mon avocate", "tribunal", "porter plainte", "mise en demeure", "en justice", "poursuites", "dgccrf", "rgpd"),
        *("abogad*", "demandar*", "tribunales", "juzgado", "acciones legales", "denunciar*", "protección de datos"),
        *("hoja de reclamaciones", "consumo"),
    ),
    "press": (
        *("journalist*", "reporter*", "newspaper*", "to the press", "press office", "press enquiry", "press inquiry"),
        *("press request", "press deadline", "to the media", "media enquiry", "media inquiry", "local paper"),
        *("the papers", "local radio", "tv programme", "tv show", "consumer programme", "watchdog", "go viral"),
        *("gone viral", "going viral", "presseanfrage", "an die presse", "zur presse", "der presse", "zeitung*"),
        *("fernsehen", "redaktion", "à la presse", "dans la presse", "la presse", "journaux", "a la prensa"),
        *("la prensa", "periodista*", "periódico*"),
    ),
}
_SEEN = 20_000  # characters of a text that are looked at: as much as is kept of one


def check_words(words: tuple[str, ...]) -> None:
    """Raises ValueError for a word that would match everything, or nothing."""
    for word in words:
        if not word.strip().rstrip("*").strip() or "*" in word.strip()[:-1]:
            raise ValueError(f"{word!r}: write a word or a phrase; a star may stand at its end, for any ending")


def find_words(text: str, topics: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Topic -> the first of its words in the text, as it stands there; topics without one are left out."""
    seen = text[:_SEEN].replace("’", "'")
    found = {topic: _pattern(words).search(seen) for topic, words in topics.items() if words}
    return {topic: " ".join(match[0].split()).lower() for topic, match in found.items() if match}


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    parts = []
    for word in sorted({word.strip().lower() for word in words}, key=lambda word: (-len(word), word)):
        stem = r"\s{1,5}".join(re.escape(part) for part in word.removesuffix("*").split())
        parts.append(stem + (r"\w{0,40}" if word.endswith("*") else ""))
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)
