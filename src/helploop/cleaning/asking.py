"""The sentences that ask: what a person would underline in an inquiry, for the encoder to read."""

from __future__ import annotations

import re

CAP = 400  # characters; docs/measured.md measured a real forum with title + 400
_SHORT = 60  # characters of a text that hardly stands alone
_SENTENCES = 200  # looked at

_BREAK = re.compile(r"(?<=[.!?…])[\"'”’)\]]{0,2}\s+|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|no|nr|vs|approx|etc|e\.g|i\.e|eg|ie|incl|tel|inc|ltd|bzw|ca|z\.b|p\.s|ps)"
    r"|\b[A-Za-z])\.\Z",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:how (?:do|can|to|does|would|should|long|much|many|often|come|is|are)|where (?:do|can|is|are"
    r"|does|would|should)"
    r"|what(?:'s| is| are| do| does| can| should| happens| if| would)|when (?:do|does|will|can|is)"
    r"|why (?:is|are|do|does|can|did|am|would|was)"
    r"|which|who (?:do|can|is)|is (?:there|it possible|this|that|it)|are there|do (?:i|you|we)|does (?:it"
    r"|the|this|anyone)|did (?:i|you)"
    r"|can (?:i|we|you|it|someone|somebody|anyone|the)|could (?:i|we|you|someone|somebody|anyone)"
    r"|would (?:you|it|there)"
    r"|will (?:i|it|you|the|my)|should i|may i|am i|have i|shall i|wonder(?:ing)?|(?:please|kindly|pls|plz) \w+"
    r"|tell me|explain|let me know|advise|help me|i(?:'d| would) (?:like|love|rather|prefer)|i (?:want"
    r"|need|wish|have) to|i need|i want"
    r"|want to|trying to|try to|any(?:one| ?body) (?:know|have|help)|any (?:chance|idea|way|help)"
    r"|looking for|not sure|no idea|don't know"
    r"|wie (?:kann|komme)|comment|cómo|come posso|hoe)\b",
    re.IGNORECASE,
)
_PROBLEM = re.compile(
    r"\b(?:can(?:no|')?t|cannot|won'?t|does ?n[o']?t|do ?n[o']?t|did ?n[o']?t|is ?n[o']?t|was ?n[o']?t"
    r"|has ?n[o']?t|have ?n[o']?t|unable|fail(?:s|ed|ing|ure)?|error"
    r"|problem|issue|missing|lost|stuck|broke(?:n)?|wrong|never|nothing|no longer|stopped|refus\w+"
    r"|declin\w+|reject\w+|disappear\w*|vanish\w*|gone"
    r"|blocked|locked|keeps?|instead|twice|damaged|leak\w*|jam\w*|crack\w*|charged|late|delay\w*|cancel\w*"
    r"|refund\w*|impossible|trouble|asks? for|prompt\w*)\b",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"\W{0,3}(?:(?:many |so |much )?thanks\b|thank(?:s| you)\b|cheers\b|i hope (?:you|this)\b|hope (?:you"
    r"|all)\b|sorry (?:for|if|to)\b|(?:please )?forgive\b|apologies\b|i(?:'ve| have) been (?:a"
    r"|with) (?:you|customer|user|loyal)"
    r"|i(?:'m| am) (?:not|no) (?:very |much )?(?:good|expert|techie|tech)|i look forward|looking forward"
    r"|have a (?:nice|good|great|lovely)|any help\b.{0,40}apprec|(?:please|pls) (?:help|advise)\W"
    r"|my (?:number|phone|mobile) is"
    r"|(?:you can |i can be )?(?:reach|call|ring|phone) (?:me )?|if you need to (?:ring|call)|it's (?:me"
    r"|the \w+) again|this is my first|i (?:love|adore|enjoy) (?:your|the)|keep up|no rush|no hurry"
    r"|ok(?:ay)?\W|bye\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]{2,}")
_MARKS = re.compile(r"[\W_]+")
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
    seen = line[:300]
    return "?" in seen or _ASKS.search(seen) is not None or _PROBLEM.search(seen) is not None


def split_sentences(text: str) -> list[str]:
    """Sentences and lines, quoted lines left out when there are others; at most 200."""
    lines = text.split("\n")
    own = [line for line in lines if not _QUOTE_LINE.match(line)]
    joined = _unwrapped(own if any(line.strip() for line in own) else lines)
    found: list[str] = []
    for part in _BREAK.split(joined):
        piece = _LONG_TOKEN.sub("…", " ".join(part.split()))
        if not piece or not _WORD.search(piece):
            continue
        if found and _ABBREVIATION.search(found[-1][-6:]):
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
    """The best sentences that fit, in their order: those that ask, what troubles, then their neighbours."""
    scores = [_score(s) for s in sentences]
    weight = [
        score + 0.5 * max(scores[i - 1 : i] + scores[i + 1 : i + 2], default=0.0) - 0.02 * i
        for i, score in enumerate(scores)
    ]
    order = sorted(range(len(sentences)), key=lambda i: (-weight[i], i))
    taken: set[int] = set()
    for i in order:
        cost = len(sentences[i]) + 1
        if cost <= room:
            taken.add(i)
            room -= cost
        elif not taken:
            return [cut(sentences[i], room)]
    return [sentences[i] for i in sorted(taken)]


def _score(sentence: str) -> float:
    asks = 3.0 if "?" in sentence else 0.0
    if _ASKS.search(sentence[:300]):
        asks += 2.0
    if _PROBLEM.search(sentence[:300]):
        asks += 1.5
    words = len(_WORD.findall(sentence[:300]))
    return asks * (0.5 if words < 4 else 1.0)  # "Any ideas?" says nothing


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
    flat = _MARKS.sub(" ", body.lower())
    return _MARKS.sub(" ", title.lower()).strip() not in flat
