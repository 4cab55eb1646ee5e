"""The sentences that ask: what a person would underline in an inquiry, for the encoder to read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from helploop.cleaning.forms import is_form_field

CAP = 400  # characters; docs/measured.md measured a real forum with title + 400
_SENTENCES = 200  # looked at
_SEEN = 300  # characters of a sentence that are judged
_LEAST = 1.2  # weight of a sentence that is worth its room once something is said
_SAID = 100  # characters that say something
_TELLING = 25  # characters of a sentence that may be taken for its neighbour's sake
_PART = 120  # characters of a sentence that is cut to fit

_BREAK = re.compile(r"(?<=[.!?…])[\"'”’)\]]{0,2}\s+|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|no|nr|vs|approx|etc|e\.g|i\.e|eg|ie|incl|tel|inc|ltd|bzw|ca|z\.b|p\.s|ps)"
    r"|\b[A-Za-z])\.\Z",
    re.IGNORECASE,
)


def _words(listed: str) -> frozenset[str]:
    return frozenset(" ".join(item.split()) for item in listed.split(",") if item.strip())


# A word, or two words in a row, that ask: English, then the eight other languages of cleaning without what would be
# an English word ("come", "var").
_ASKING = _words("""
    which, wonder, wondering, please, pls, plz, kindly, explain, advise, suggest, suggestion, suggestions, wish,
    wie, wo, warum, wieso, weshalb, wann, welche, welcher, welches, wer, womit, bitte, möchte, würde, könnten,
    comment, pourquoi, où, quand, combien, quel, quelle, quels, puis-je, pouvez, pourriez, voudrais, souhaite,
    cómo, dónde, cuándo, cuál, cuánto, puedo, pueden, podrían, quisiera, quiero, gustaría, agradecería,
    agradeceria, perché, posso, potete, potrei, vorrei,
    hoe, waarom, wanneer, welke, kunt, graag, como, onde, quando, podem, gostaria, qual,
    jak, gdzie, kiedy, dlaczego, czy, mogę, proszę, hur, när, varför, vilken, önskar
""")
_ASKING_PAIRS = _words("""
    how do, how can, how to, how does, how would, how should, how long, how much, how many, how often, how come,
    how is,
    how are, how did, how will, how could, where do, where can, where is, where are, where does, where would,
    where should, where did, what's the, what is, what are, what do, what does, what can, what should, what happens,
    what if, what would, what am, what now, when do, when does, when will, when can, when is, why is, why are,
    why do,
    why does, why can, why did, why am, why would, why was, why won't, why can't, why has, who do, who can,
    who is, is there,
    is it, is this, is that, are there, do i, do you, do we, does it, does the, does this, does anyone, did i,
    did you,
    can i, can we, can you, can it, can someone, can somebody, can anyone, can the, could i, could we, could you,
    could someone, could anyone, would you, would it, would there, will i, will it, will you, will the, should i,
    may i,
    am i, have i, shall i, tell me, let me, help me, i'd like, i'd love, i'd rather, i'd prefer, would like,
    would love,
    would rather, would prefer, i want, i wish, i have to, need to, i need, want to, trying to, try to,
    attempting to, problem is, question is, issue is, questions are, issue with, like to, anyone know,
    anyone have, anybody know, anyone help, any chance, any idea, any ideas,
    any way,
    any help, a way, no way, way to, looking for, not sure, no idea, don't know, be able, have to, it possible,
    kann ich, kann man, können sie, gibt es, ist es, haben sie, est-ce que, y a-t-il, hay alguna, es posible,
    por qué,
    è possibile, c'è un, kan ik, is het, é possível, kan jag, går det
""")
_TROUBLE = _words("""
    can't, cannot, cant, won't, wont, doesn't, doesnt, don't, didn't, didnt, isn't, isnt, aren't, wasn't,
    weren't, hasn't,
    haven't, couldn't, wouldn't, unable, fail, fails, failed, failing, failure, error, errors, problem, problems,
    issue,
    issues, missing, lost, stuck, broke, broken, wrong, never, nothing, longer, stopped, stops, gone, blocked,
    locked, keep,
    keeps, kept, instead, twice, damaged, charged, late, impossible, trouble, annoying, crash, crashes, crashed,
    freezes,
    hangs, slow, blank, empty, corrupt, corrupted, loses, deleted, unreadable, useless, bug, without, not,
    persistently,
    nicht, kein, keine, keinen, fehler, fehlt, leider, verschwunden, kaputt, gelöscht, pas, erreur, problème,
    bloqué,
    disparu, impossible, problema, falla, imposible, desaparecido, non, errore, impossibile, scomparso, niet,
    geen, fout,
    probleem, kapot, não, erro, avaria, nie, błąd, zniknęły, inte, fel, försvunnit
""")
_TROUBLE_STEMS = _words("refus, declin, reject, disapp, vanish, cancel, refund, prompt, delaye, duplic, disabl")
_STEM = 6  # letters
_FILLER = re.compile(
    r"\W{0,3}(?:(?:many |so |much )?thanks\b|thank(?:s| you)\b|cheers\b|i hope (?:you|this)\b|hope (?:you"
    r"|all|someone|somebody|this)\b|sorry (?:for|if|to)\b|(?:please )?forgive\b|apologies\b|i(?:'ve| have) been (?:a"
    r"|with) (?:you|customer|user|loyal)|i(?:'m| am) (?:not|no) (?:very |much )?(?:good|expert|techie|tech)"
    r"|i look forward|looking forward|have a (?:nice|good|great|lovely)"
    r"|any (?:help|assistance|advice|input|guidance|insight)\b.{0,60}apprec|(?:please|pls) (?:help|advise)\W"
    r"|my (?:number|phone|mobile) is"
    r"|(?:you can |i can be )?(?:reach|call|ring|phone) (?:me )?|if you need to (?:ring|call)|it's (?:me"
    r"|the \w+) again|this is my first|i (?:love|adore|enjoy) (?:your|the)|keep up|no rush|no hurry"
    r"|ok(?:ay)?\W|bye\b|bold text\W|to the .{1,40} (?:team|community|forum|support)\W"
    r"|i(?:'m| am) asking (?:my|this|the) question|i guess my question is|(?:please )?see (?:below|above"
    r"|attached)\b.{0,40}\Z"
    r"|(?:a )?(?:screenshot|screen ?shot|copy|picture|image)s? .{0,40}(?:attached|below)\W{0,3}\Z"
    r"|(?:danke|vielen dank|merci|gracias|grazie|bedankt|obrigad[oa]|dziękuję|tack)\b.{0,30}\Z)",
    re.IGNORECASE,
)
# What a machine is made of: true, and asks nothing.
_SETTING = re.compile(
    r"\W{0,3}(?:i(?:'m| am) (?:currently )?(?:running|using|on)\b|(?:i )?(?:use|run|have) (?:the )?(?:latest|windows"
    r"|mac|linux)"
    r"|(?:this is |currently )?(?:running|using|on) (?:windows|mac|linux|ubuntu|version|the latest|thunderbird"
    r"|firefox|chrome)"
    r"|(?:os|platform|version|system|browser|build|device|model|details?|win(?:dows)? ?\d+|my system|my (?:os"
    r"|computer|pc))\b"
    r"[^?]{0,80}\Z)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]{2,}")
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_MARKS = re.compile(r"[\W_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_LIST = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s")
_LINK = re.compile(r"\(?https?://\S+")
_QUOTE_LINE = re.compile(r"\s*(?:>|\|\s)")
_LONG_TOKEN = re.compile(r"\S{80,}")
_VAGUE_TITLE = frozenset(
    """
    a an the my your our about help please question questions query enquiry inquiry request quick one urgent
    problem problems issue issues hello hi info information support need some customer service hey error follow
    up update general other ticket message
    """.split()  # noqa: SIM905
)


def question_text(text: str, title: str = "") -> str:
    """What the inquiry asks, at most about 400 characters, in the text's own order; the title in front where it adds.

    Empty only when text and title are.
    """
    sentences = split_sentences(text)
    said = [s for s in sentences if not _FILLER.match(s)] or sentences
    body = " ".join(said)
    prefix = title if _adds(title, body) else ""
    room = CAP - len(prefix) - 2 if prefix else CAP
    if len(body) > room:
        body = " ".join(_chosen(said, max(room, CAP // 2)))
    if not prefix:
        return body or title
    joint = " " if prefix[-1] in ".!?:…" else ". "
    return f"{prefix}{joint}{body}" if body else prefix


def is_asking(line: str) -> bool:
    """Whether a line asks, wants or names a trouble, by its question mark or its words."""
    return _score(line) > 0


def split_sentences(text: str) -> list[str]:
    """Sentences and lines; quoted lines and a form's fields are left out when there are others; at most 200."""
    lines = text.split("\n")
    own = [line for line in lines if not (_QUOTE_LINE.match(line) or (":" in line and is_form_field(line)))]
    joined = _unwrapped(own if any(line.strip() for line in own) else lines)
    found: list[str] = []
    for part in _BREAK.split(joined):
        piece = " ".join(part.split())
        if len(piece) >= 80:
            piece = _LONG_TOKEN.sub("…", piece)
        if not piece or not _WORD.search(piece):
            continue
        if found and found[-1][-1] == "." and _ABBREVIATION.search(found[-1][-6:]):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
        if len(found) >= _SENTENCES:
            break
    return found or [" ".join(joined.split())] * bool(joined.strip())


def _unwrapped(lines: list[str]) -> str:
    """Lines that a mail program broke at 60 to 80 characters are one sentence again."""
    out: list[str] = []
    is_wrapped = False
    for line in lines:
        if out and is_wrapped and line[:1].islower():
            out[-1] = f"{out[-1]} {line}"
        else:
            out.append(line)
        is_wrapped = 50 <= len(line) <= 100 and line[-1] not in ".!?:"
    return "\n".join(out)


def _chosen(sentences: list[str], room: int) -> list[str]:
    """The best sentences that fit, in their order: those that ask, what troubles, how it begins, their neighbours."""
    weights = _weights(sentences)
    order = sorted(range(len(sentences)), key=lambda i: (-weights[i], i))
    taken: dict[int, str] = {}
    said = 0
    for rank, i in enumerate(order):
        if weights[i] < _LEAST and said >= _SAID:
            break
        sentence, cost = sentences[i], len(sentences[i]) + 1
        if cost > room and (not taken or (rank < 3 and room >= _PART)):
            sentence = f"{cut(sentence, room - 1)}…"
            cost = len(sentence) + 1
        if cost <= room + 1:
            taken[i] = sentence
            said += cost
            room -= cost
    return [taken[i] for i in sorted(taken)]


def _weights(sentences: Sequence[str]) -> list[float]:
    scores = [_score(sentence) for sentence in sentences]
    weights = []
    for i, (sentence, score) in enumerate(zip(sentences, scores, strict=True)):
        neighbour = max(scores[i - 1 : i] + scores[i + 1 : i + 2], default=0.0) if i else max(scores[1:2], default=0.0)
        weight = score + (0.5 * neighbour if len(sentence) >= _TELLING else 0.0) - 0.02 * i
        if i == 0:
            weight += 1.0  # people say first what it is about
        if "?" not in sentence:
            if _SETTING.match(sentence):
                weight = 0.3 * score
            elif _LIST.match(sentence) or _is_link(sentence):
                weight = 0.5 * score
            elif _is_dump(sentence):
                weight = 0.2 * score
        weights.append(weight)
    return weights


def _score(sentence: str) -> float:
    tokens = _TOKEN.findall(sentence[:_SEEN].lower().replace("’", "'"))
    words = set(tokens)
    asks = 3.0 if "?" in sentence else 0.0
    if words & _ASKING or not _ASKING_PAIRS.isdisjoint(map(" ".join, pairwise(tokens))):
        asks += 2.0
    if words & _TROUBLE or any(word[:_STEM] in _TROUBLE_STEMS for word in tokens):
        asks += 1.5
    return asks * (0.5 if len(tokens) < 4 else 1.0)  # "Any ideas?" says nothing


def _is_link(sentence: str) -> bool:
    """Whether a sentence is hardly more than a link."""
    return "http" in sentence and 2 * len(_LINK.sub("", sentence)) < len(sentence)


def _is_dump(sentence: str) -> bool:
    """Whether a sentence is what a program printed: colons, paths, numbers, hardly words."""
    seen = sentence[:_SEEN]
    if len(seen) <= 40 or not (":" in seen or "=" in seen or "\\" in seen or "/" in seen):
        return False
    letters = sum(map(len, _LETTERS.findall(seen))) + seen.count(" ")
    return letters < 0.8 * len(seen) or 25 * seen.count(":") > len(seen) or seen.count("=") > 1


def cut(text: str, room: int) -> str:
    """The text's start of at most `room` characters, at a word, never inside a number (redaction comes later)."""
    if len(text) <= room:
        return text
    short = text[:room]
    short = short.rsplit(" ", 1)[0] if " " in short else short
    return re.sub(r"[\d\s()+./-]{1,40}\Z", "", short) or short


def _adds(title: str, body: str) -> bool:
    """Whether the title says something: it is not vague and not already in the text."""
    if not title:
        return False
    words = [w.lower() for w in _WORD.findall(title)]
    if not words or (body and all(w in _VAGUE_TITLE for w in words)):
        return False
    lowered = body.lower()
    if not all(word in lowered for word in words):
        return True
    return _MARKS.sub(" ", title.lower()).strip() not in _MARKS.sub(" ", lowered)
