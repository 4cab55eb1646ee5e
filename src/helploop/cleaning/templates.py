"""Template lines: what recurs over many inquiries of one source whatever they are about, learned and cut.

Pure. Learning reads every inquiry as it came (before anything was cut), so the lines do not depend on the order of
rows, on how they were batched, or on what was learned before; cutting is undone by restore().
"""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from helploop.cleaning.asking import is_asking, question_text
from helploop.domain import Channel, Inquiry, Reply, Side, TemplateLine

_PLACEHOLDER = re.compile(r"<[a-z][a-z-]{1,20}(?:-\d{1,4})?>")
_DIGITS = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"(?<=[.!?:…])\s+")
_LETTERS = re.compile(r"[^\W\d_]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_FIRST_PERSON = re.compile(r"\b(?:i|i['’]m|i['’]ve|my|me|mine|ich|mein\w*|mir|mich|je|mon|ma|mes|yo|mi|io|ik|mijn)\b")
_LIST = re.compile(r"\s{0,8}(?:\d{1,2}[.)]|[-*•–])\s")
_STEP = re.compile(
    r"(?:(?:then|now|please|and|next|first|finally|to do so,?|bitte|dann|puis|ensuite) )?(?:press|click|tap|open"
    r"|choose|select"
    r"|go to|goto|restart|reboot|sign (?:in|out)|log (?:in|out|on|off)|enter|type|reset|check|uncheck|tick|turn"
    r"|switch|try|use"
    r"|remove|delete|update|install|uninstall|close|quit|exit|start|run|right[- ]click|scroll|send|confirm|save|wait"
    r"|drück\w*"
    r"|klick\w*|öffne\w*|wähle\w*|geh\w* sie|starte\w*|cliquez|ouvrez|choisissez|allez|haga clic|abra|elija|vaya|clicca"
    r"|apri|scegli|vai|klik|open|kies|ga naar|clique|abra|escolha|kliknij|otwórz|wybierz|klicka|öppna|välj)\b"
)
_EDGES = " *_-–—.!,:;#>|•·\"'"
_LINE_CAP = 400  # characters of a line that are compared; a template is no essay
_BUCKETS = 1 << 20  # counters of the first pass: 4 MB a side, however many different lines there are


@dataclass(frozen=True)
class TemplateOptions:
    """When a line counts as a template. Measured on 15,221 inquiries of a forum and on the sample: docs/measured.md."""

    min_inquiries: int = 20  # distinct
    min_customers: int = 15  # distinct
    customer_share: float = 0.002  # of the source's inquiries; the forum's rarest pasted heading has .0022
    agent_share: float = 0.05  # of the answered ones; the commonest answer has .012 in the forum, .026 in the sample
    topic_share: float = 0.4  # of its inquiries that share a word which ...
    topic_lift: float = 3.0  # ... is so much commoner there than elsewhere: then it answers, or is, one question
    company: float = 0.9  # of its texts that say something else as well: a line that is all there is, is no template


@dataclass
class _Seen:
    """What is known of a line that recurs."""

    inquiries: int = 0
    customers: set[str] = field(default_factory=set)
    example: str = ""
    accompanied: int = 0
    words: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)


_Lines = dict[Side, dict[str, _Seen]]  # by the form in which they are compared


def learn_template_lines(
    source: str, inquiries: Callable[[], Iterable[Inquiry]], options: TemplateOptions | None = None
) -> tuple[TemplateLine, ...]:
    """The template lines of a source, sorted. inquiries: called four times at most, the same inquiries each time.

    Linear in the text; memory grows with the lines that recur, not with the text.
    """
    options = options or TemplateOptions()
    frequent = _frequent(inquiries, options)
    general = _not_topical(inquiries, frequent, options)
    found = _accompanied(inquiries, general, options)
    lines = (
        TemplateLine(source, side, seen.example, seen.inquiries) for side in found for seen in found[side].values()
    )
    return tuple(sorted(lines, key=lambda line: (line.side, line.line)))


def cut_template_lines(inquiry: Inquiry, lines: Collection[TemplateLine] | KnownLines) -> Inquiry:
    """The inquiry without the lines; question_text is made anew where its text changed. Nothing becomes empty."""
    known = lines if isinstance(lines, KnownLines) else KnownLines(lines)
    inquiry = restore(inquiry)
    replies = tuple(_cut_reply(reply, known) for reply in inquiry.replies)
    if replies != inquiry.replies:
        inquiry = replace(inquiry, replies=replies)
    text = _cut(inquiry.text, Side.CUSTOMER, known)
    if text == inquiry.text:
        return inquiry
    return replace(
        inquiry,
        text=text,
        question_text=question_text(text, inquiry.title) or inquiry.question_text,
        uncut_text=inquiry.text,
        uncut_question=inquiry.question_text,
    )


def restore(inquiry: Inquiry) -> Inquiry:
    """The inquiry as it came, before anything was cut."""
    if any(reply.uncut_text for reply in inquiry.replies):
        replies = (replace(r, text=r.uncut_text, uncut_text="") if r.uncut_text else r for r in inquiry.replies)
        inquiry = replace(inquiry, replies=tuple(replies))
    if not inquiry.uncut_text:
        return inquiry
    text, question = inquiry.uncut_text, inquiry.uncut_question
    return replace(inquiry, text=text, question_text=question, uncut_text="", uncut_question="")


class KnownLines:
    """Template lines of one source, ready to be looked up."""

    def __init__(self, lines: Iterable[TemplateLine] = ()) -> None:
        self._keys: dict[Side, set[str]] = {side: set() for side in Side}
        for line in lines:
            self._keys[line.side].add(_key(line.line))

    def of(self, side: Side) -> Collection[str]:
        """The compared forms of a side's lines."""
        return self._keys[side]


def line_key(line: str) -> str:
    """The form in which lines are compared: without case, digits, placeholders and marks at the ends."""
    return _key(line)


def _cut_reply(reply: Reply, known: KnownLines) -> Reply:
    text = _cut(reply.text, Side.AGENT if reply.is_agent else Side.CUSTOMER, known)
    return reply if text == reply.text else replace(reply, text=text, uncut_text=reply.text)


def _cut(text: str, side: Side, known: KnownLines) -> str:
    keys = known.of(side)
    if not keys:
        return text
    out: list[str] = []
    is_cut = False
    for line in text.split("\n"):
        units = _units_of_line(line, side)
        kept = [unit for unit in units if _key(unit) not in keys]
        if len(kept) == len(units):
            out.append(line)
            continue
        is_cut = True
        if kept:
            out.append(" ".join(kept))
    if not is_cut:
        return text
    left = _BLANK_LINES.sub("\n\n", "\n".join(out)).strip("\n ")
    return left if _LETTERS.search(_PLACEHOLDER.sub(" ", left)) else text


def _units_of_line(line: str, side: Side) -> list[str]:
    """What is compared: a customer's whole line; each sentence of an agent's, but no step of a list."""
    if side is Side.CUSTOMER:
        return [line]
    return [] if _LIST.match(line) else _SENTENCE_END.split(line)


def _key(unit: str) -> str:
    flat = unit[:_LINE_CAP].lower()
    if "<" in flat:
        flat = _PLACEHOLDER.sub("<>", flat)
    return " ".join(_DIGITS.sub("0", flat).split()).strip(_EDGES)


def _keyed(inquiry: Inquiry) -> list[tuple[Side, dict[str, str]]]:
    """Every text of a conversation as it came: its side, and its lines by the form in which they are compared."""
    texts = [(Side.CUSTOMER, inquiry.uncut_text or inquiry.text)]
    texts += [(Side.AGENT if r.is_agent else Side.CUSTOMER, r.uncut_text or r.text) for r in inquiry.replies]
    found = []
    for side, text in texts:
        lines = text.split("\n")
        keys = {_key(unit): unit for line in lines for unit in _units_of_line(line, side) if unit}
        if side is Side.AGENT and any(_LIST.match(line) for line in lines):
            keys["step"] = "step"  # company, and a single word is never learned
        found.append((side, keys))
    return found


def _frequent(inquiries: Callable[[], Iterable[Inquiry]], options: TemplateOptions) -> _Lines:
    """The lines over the floors that may be templates by what they say. Two passes: counters first, then exactly."""
    buckets = {side: array("I", bytes(4 * _BUCKETS)) for side in Side}
    totals: Counter[Side] = Counter()
    for inquiry in _written(inquiries):
        for side, keys in _by_side(_keyed(inquiry)).items():
            totals[side] += 1
            counters = buckets[side]
            for key in keys:
                counters[hash(key) % _BUCKETS] += 1
    shares = {Side.CUSTOMER: options.customer_share, Side.AGENT: options.agent_share}
    floors = {side: max(options.min_inquiries, shares[side] * totals[side]) for side in Side}
    seen: _Lines = {side: {} for side in Side}
    if all(max(buckets[side]) < floors[side] for side in Side):
        return seen
    for inquiry in _written(inquiries):
        for side, keys in _by_side(_keyed(inquiry)).items():
            floor, counters = floors[side], buckets[side]
            for key, unit in keys.items():
                if counters[hash(key) % _BUCKETS] >= floor:
                    _note(seen[side].setdefault(key, _Seen()), unit, inquiry, options)
    return {side: {key: s for key, s in seen[side].items() if _is_over(key, s, side, floors, options)} for side in Side}


def _is_over(key: str, seen: _Seen, side: Side, floors: Mapping[Side, float], options: TemplateOptions) -> bool:
    is_common = seen.inquiries >= floors[side] and len(seen.customers) >= options.min_customers
    return is_common and _may_be_template(key, side)


def _by_side(keyed: Sequence[tuple[Side, dict[str, str]]]) -> dict[Side, dict[str, str]]:
    found: dict[Side, dict[str, str]] = {}
    for side, keys in keyed:
        found.setdefault(side, {}).update(keys)
    return found


def _note(line: _Seen, unit: str, inquiry: Inquiry, options: TemplateOptions) -> None:
    line.inquiries += 1
    unit = unit[:_LINE_CAP].strip()
    if not line.example or (len(unit), unit) < (len(line.example), line.example):
        line.example = unit  # the shortest, then the first by letters: the same in any order of rows
    if inquiry.customer_key and len(line.customers) < options.min_customers:
        line.customers.add(inquiry.customer_key)


def _written(inquiries: Callable[[], Iterable[Inquiry]]) -> Iterator[Inquiry]:
    return (inquiry for inquiry in inquiries() if inquiry.channel is not Channel.SEARCH)


def _may_be_template(key: str, side: Side) -> bool:
    """Never what asks, names a trouble or speaks of the writer; no agent's "Press Save"; no bare "Windows 10"."""
    words = _LETTERS.findall(key)
    is_value = "0" in key or "<>" in key or "http" in key
    if len(words) < (3 if is_value else 2) or "?" in key:
        return False
    if side is Side.AGENT:
        return not _STEP.match(key)
    return not (is_asking(key) or _FIRST_PERSON.search(key))


def _not_topical(inquiries: Callable[[], Iterable[Inquiry]], frequent: _Lines, options: TemplateOptions) -> _Lines:
    """Those whose inquiries are about anything: no word of what is asked is common with them and rare elsewhere."""
    if not any(frequent.values()):
        return frequent
    by_language: dict[str, Counter[str]] = defaultdict(Counter)
    of_language: Counter[str] = Counter()
    for inquiry in _written(inquiries):
        asked = f"{inquiry.title} {inquiry.uncut_question or inquiry.question_text}".lower()
        words = {word for word in _LETTERS.findall(asked) if len(word) > 2}
        of_language[inquiry.language] += 1
        by_language[inquiry.language].update(words)
        for side, keys in _by_side(_keyed(inquiry)).items():
            for key in keys.keys() & frequent[side].keys():
                frequent[side][key].words.update(words)
                frequent[side][key].languages[inquiry.language] += 1
    general: _Lines = {side: {} for side in Side}
    for side, lines in frequent.items():
        for key, seen in lines.items():
            # an answer shares the words of its question; a customer's own line stands in what they ask
            own = frozenset(_LETTERS.findall(key)) if side is Side.CUSTOMER else frozenset()
            if not _is_topical(seen, own, by_language, of_language, options):
                general[side][key] = seen
    return general


def _accompanied(inquiries: Callable[[], Iterable[Inquiry]], general: _Lines, options: TemplateOptions) -> _Lines:
    """Those that seldom are all that is said; an agent's "we have your request" may, where another reply answers."""
    if not any(general.values()):
        return general
    for inquiry in _written(inquiries):
        keyed = _keyed(inquiry)
        is_more = [any(k not in general[side] and _LETTERS.search(k) for k in keys) for side, keys in keyed]
        is_agent_heard = any(more for (side, _), more in zip(keyed, is_more, strict=True) if side is Side.AGENT)
        for side, keys in _by_side(keyed).items():
            for key in keys.keys() & general[side].keys():
                alone = (
                    not more for (s, lines), more in zip(keyed, is_more, strict=True) if s is side and key in lines
                )
                general[side][key].accompanied += is_agent_heard if side is Side.AGENT else not any(alone)
    return {
        side: {key: seen for key, seen in lines.items() if seen.accompanied >= options.company * seen.inquiries}
        for side, lines in general.items()
    }


def _is_topical(
    seen: _Seen,
    own: Collection[str],
    by_language: Mapping[str, Counter[str]],
    of_language: Mapping[str, int],
    options: TemplateOptions,
) -> bool:
    for word, count in seen.words.items():
        share = count / seen.inquiries
        if share < options.topic_share or word in own:
            continue
        usual = sum(n * by_language[lang][word] / of_language[lang] for lang, n in seen.languages.items())
        if share * seen.inquiries >= options.topic_lift * usual:
            return True
    return False
