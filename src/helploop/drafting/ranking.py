"""Groups what agents said alike, weighs it, and puts it into an order that can be followed."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from helploop.domain import Evidence
from helploop.drafting.evidence import Line
from helploop.drafting.facts import Quantities, covered, differ, opposes, quantities, stems
from helploop.drafting.lines import instruct, is_destructive, paths_in

Vectors = NDArray[np.float32]

GROUP_DISTANCE = 0.30  # average link, cosine: docs/measured.md, step 2
REPEAT_SIMILARITY = 0.72  # docs/measured.md, step 3
REPEAT_MIN_STEMS = 5  # a shorter line ("Choose Skip this one.") is a step of its own, whatever the others hold
REPEAT_COVER = 0.8  # share of a line's stems that the chosen lines hold already
SAME_THING = (
    0.55  # cosine above which two lines speak of one thing (sample: 3-5 against 10 working days lie at .55 to .9)
)
OPPOSED = 0.35  # the same for "not vinegar" against "use vinegar", where the word itself is the evidence
ECHO_SIMILARITY = 0.35  # cosine below which a line with the same words speaks of something else
SUPPORT_COVER = 0.8  # share of a line's stems in another reply's line that makes it say the same
_MOST_TEXTS = 2_500  # linked in one go: 25 MB of distances
_MOST_CANDIDATES = 80  # groups whose support is looked for in other wordings


@dataclass(frozen=True)
class Group:
    """What agents said alike: the wording to show, and everyone who said it."""

    text: str
    lines: tuple[Line, ...]
    vector: Vectors  # (d,), length 1: the wording's own
    stems: frozenset[str]
    quantities: Quantities
    relevance: float  # cosine to the question
    tightness: float  # mean cosine of its wordings to their centre
    oddity: float = 0.0  # share of its stems that no other inquiry's replies use: one customer's case, not the rule
    echoes: tuple[Line, ...] = ()  # lines that say the same within other words
    score: float = 0.0

    @property
    def support(self) -> int:
        """Distinct inquiries behind it."""
        return len({line.inquiry for line in (*self.lines, *self.echoes)})

    @property
    def agents(self) -> int:
        """Distinct agents behind it."""
        return len({line.agent for line in (*self.lines, *self.echoes)})

    @property
    def place(self) -> float:
        """Where it usually stands in a reply, 0 to 1."""
        return sum(line.place for line in self.lines) / len(self.lines)

    @property
    def is_leaning(self) -> bool:
        """Whether it needs the line before it."""
        return sum(line.is_leaning for line in self.lines) * 2 > len(self.lines)

    def evidence(self) -> tuple[Evidence, ...]:
        """Every reply sentence behind it, sorted."""
        pairs = {(line.inquiry, line.hash) for line in (*self.lines, *self.echoes)}
        return tuple(Evidence(inquiry, digest) for inquiry, digest in sorted(pairs))


def group_lines(
    lines: Sequence[Line], encode: Callable[[Sequence[str]], Vectors], question: Vectors
) -> tuple[Group, ...]:
    """Groups of lines that say the same, scored, best first. question: float32 (d,), length 1."""
    by_text: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_text[line.text].append(line)
    texts = sorted(by_text, key=lambda text: (-len(by_text[text]), text))[:_MOST_TEXTS]
    if not texts:
        return ()
    vectors = np.asarray(encode(texts), dtype=np.float32)
    oddities = _oddities(texts, by_text)
    groups: list[Group] = []
    for indexes in _link(vectors):
        parts = _apart(texts, indexes)
        groups += [_make_group(texts, vectors, part, by_text, question=question, oddities=oddities) for part in parts]
    groups.sort(key=_rank)
    groups[:_MOST_CANDIDATES] = [_with_echoes(group, groups) for group in groups[:_MOST_CANDIDATES]]
    return tuple(sorted(groups, key=_rank))


def backbone(groups: Sequence[Group], min_inquiries: int) -> tuple[Group, ...]:
    """The lines one agent repeats in at least min_inquiries inquiries, in the order of the reply that holds most of
    them."""
    best: tuple[Group, ...] = ()
    weight = 0
    for agent in sorted({line.agent for group in groups for line in group.lines}):
        macro = [group for group in groups if _repeats(group, agent) >= min_inquiries]
        total = sum(_repeats(group, agent) for group in macro)
        if len(macro) >= 2 and total > weight:
            best, weight = _in_reply_order(macro, agent), total
    return best


def choose(
    groups: Sequence[Group], first: Sequence[Group], most: int, is_wanted: Callable[[Group], bool]
) -> list[Group]:
    """first, then the best wanted groups that repeat nothing (maximal marginal relevance), at most `most` in all."""
    chosen: list[Group] = []
    for group in first:
        is_told = any(
            float(group.vector @ other.vector) >= REPEAT_SIMILARITY or _is_retold(group, other) for other in chosen
        )
        if is_wanted(group) and not is_told and (chosen or not group.is_leaning) and len(chosen) < most:
            chosen.append(group)
    left = [group for group in groups if is_wanted(group) and group not in chosen and not group.is_leaning]
    while left and len(chosen) < most:
        left = [group for group in left if not repeats(group, chosen)]
        if not left:
            break
        best = max(left, key=lambda group: (group.score - 0.7 * _nearest(group, chosen), group.text))
        chosen.append(best)
        left.remove(best)
    return chosen


def repeats(group: Group, chosen: Sequence[Group]) -> bool:
    """Whether the chosen lines say it already, near enough in meaning or in their words together."""
    if any(float(group.vector @ other.vector) >= REPEAT_SIMILARITY for other in chosen):
        return True
    held = frozenset().union(*(other.stems for other in chosen)) if chosen else frozenset()
    if len(group.stems) >= REPEAT_MIN_STEMS and covered(group.stems, held) >= REPEAT_COVER:
        return True
    return any(_is_retold(group, other) for other in chosen)


def without_repeats(chosen: Sequence[Group], whole: Sequence[Group] = ()) -> list[Group]:
    """The chosen lines without those that others hold, the least confirmed first; those of `whole` stay.

    A line never gives way to ones that far fewer say: "Repair folder" of 91 replies to the longer sentence of two.
    """
    kept = list(chosen)
    loose = [group for group in chosen if group not in whole]
    for group in sorted(loose, key=lambda group: (group.agents, group.support, group.text)):
        others = [other for other in kept if other is not group]
        rivals = [other for other in others if 3 * other.support >= group.support]
        held = frozenset[str]().union(*(other.stems for other in rivals))
        is_part = any(float(group.vector @ other.vector) >= 0.5 and group.stems <= other.stems for other in rivals)
        is_told = len(group.stems) >= REPEAT_MIN_STEMS and covered(group.stems, held) >= REPEAT_COVER
        if is_part or is_told:
            kept = others
    return kept


def contradicts(one: Group, other: Group) -> bool:
    """Whether two groups speak of one thing and give different quantities, or one forbids what the other tells."""
    if {line.agent for line in one.lines} == {line.agent for line in other.lines}:
        return False
    if {line.reply for line in (*one.lines, *one.echoes)} & {line.reply for line in (*other.lines, *other.echoes)}:
        return False  # one reply says both: they are about two things
    similarity = float(one.vector @ other.vector)
    if similarity >= SAME_THING and differ(one.quantities, other.quantities):
        return len(one.stems & other.stems) >= 2
    return similarity >= OPPOSED and opposes(one.text, other.text)


def _is_retold(group: Group, other: Group) -> bool:
    """Whether both give the same quantities about one thing, or stand on mostly the same sentences."""
    similarity = float(group.vector @ other.vector)
    if (
        similarity >= 0.5
        and group.quantities
        and all(other.quantities.get(unit) == values for unit, values in group.quantities.items())
    ):
        return covered(group.stems, other.stems) >= 0.4
    if similarity >= 0.65 and paths_in(group.text) and paths_in(group.text) <= paths_in(other.text):
        return True
    one, two = set(group.evidence()), set(other.evidence())
    return similarity >= 0.5 and len(one & two) * 2 > min(len(one), len(two))


def _link(vectors: Vectors) -> list[list[int]]:
    """Average-link groups as lists of row numbers, sorted."""
    if len(vectors) == 1:
        return [[0]]
    # heavy, and only needed here
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415

    distances = np.clip(1.0 - vectors @ vectors.T, 0.0, 2.0).astype(np.float64)
    labels = fcluster(linkage(distances[np.triu_indices(len(vectors), 1)], "average"), GROUP_DISTANCE, "distance")
    found: dict[int, list[int]] = defaultdict(list)
    for index, label in enumerate(labels.tolist()):
        found[label].append(index)
    return sorted(found.values())


def _apart(texts: Sequence[str], indexes: Sequence[int]) -> list[list[int]]:
    """A group split where its lines give different quantities or forbid what another tells: an encoder hardly sees
    either."""
    parts: list[list[int]] = []
    for index in indexes:
        facts = quantities(texts[index])
        for part in parts:
            if all(not differ(facts, quantities(texts[i])) and not opposes(texts[index], texts[i]) for i in part):
                part.append(index)
                break
        else:
            parts.append([index])
    return parts


def _make_group(
    texts: Sequence[str],
    vectors: Vectors,
    part: Sequence[int],
    by_text: dict[str, list[Line]],
    *,
    question: Vectors,
    oddities: Sequence[float],
) -> Group:
    rows = vectors[list(part)]
    weights = np.array([len(by_text[texts[i]]) for i in part], dtype=np.float32)
    centre = (rows * weights[:, None]).sum(axis=0)
    centre /= float(np.linalg.norm(centre)) or 1.0
    closeness = rows @ centre
    values = [
        0.5 * math.log1p(float(weights[k]))
        + float(closeness[k])
        + 0.5 * instruct(texts[i])
        - _clumsiness(texts[i])
        - oddities[i]
        for k, i in enumerate(part)
    ]
    best = max(range(len(part)), key=lambda k: (values[k], texts[part[k]]))
    text = texts[part[best]]
    lines = sorted(
        (line for i in part for line in by_text[texts[i]]), key=lambda line: (line.inquiry, line.reply, line.number)
    )
    group = Group(
        text=text,
        lines=tuple(lines),
        vector=rows[best],
        stems=stems(text),
        quantities=quantities(text),
        relevance=float(centre @ question),
        tightness=float((closeness * weights).sum() / weights.sum()),
        oddity=oddities[part[best]],
    )
    return replace(group, score=_score(group))


def _score(group: Group) -> float:
    """docs/measured, step 3: support and authors (logarithmic), instruct, nearness to question and group, outcome, less
    clumsiness."""
    outcome = sum(line.outcome for line in group.lines) / len(group.lines)
    return (
        0.6 * math.log1p(group.support)
        + 0.8 * math.log1p(group.agents)
        + instruct(group.text)
        + 1.5 * group.relevance
        + 0.5 * group.tightness
        + 0.3 * outcome
        - _clumsiness(group.text)
        - group.oddity
    )


def _oddities(texts: Sequence[str], by_text: dict[str, list[Line]]) -> list[float]:
    users: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        for stem in stems(text):
            users[stem].update(line.inquiry for line in by_text[text])
    if len({line.inquiry for lines in by_text.values() for line in lines}) < 4:
        return [0.0] * len(texts)
    return [sum(len(users[stem]) == 1 for stem in stems(text)) / max(1, len(stems(text))) for text in texts]


def _clumsiness(text: str) -> float:
    """What makes a line bad reading: over-long, shouting, trailing dots, brackets left open."""
    words = text.split()
    long = max(0, len(words) - 28) * 0.03
    shouting = 0.3 * (sum(word.isupper() and len(word) > 3 for word in words) > 2)
    return long + shouting + 0.3 * ("..." in text) + 0.3 * (text.count("(") != text.count(")"))


def _with_echoes(group: Group, groups: Sequence[Group]) -> Group:
    """The group with the lines of other groups that hold all it says and no other quantity."""
    paths = paths_in(group.text)
    is_short_path = bool(paths) and len(group.stems) < 3  # "Go to Account > Subscription.": the path itself must recur
    if len(group.stems) < 3 and not is_short_path:
        return group
    echoes = []
    for other in groups:
        if other is group or float(group.vector @ other.vector) < ECHO_SIMILARITY:
            continue
        if is_destructive(group.text) and not is_destructive(other.text):
            continue  # only who says to delete stands behind "delete"
        for line in other.lines:
            if is_short_path and not any(longer.startswith(path) for path in paths for longer in paths_in(line.text)):
                continue
            if covered(group.stems, stems(line.text)) < SUPPORT_COVER:
                continue
            if not differ(group.quantities, quantities(line.text)) and not opposes(group.text, line.text):
                echoes.append(line)
    fuller = replace(group, echoes=tuple(echoes))
    return replace(fuller, score=_score(fuller))


def _repeats(group: Group, agent: str) -> int:
    return len({line.inquiry for line in group.lines if line.agent == agent})


def _in_reply_order(macro: Sequence[Group], agent: str) -> tuple[Group, ...]:
    """Macro lines in the order of the agent's fullest reply, the others put in by where they usually stand."""
    places: dict[int, dict[int, int]] = defaultdict(dict)  # reply -> group -> place
    for index, group in enumerate(macro):
        for line in group.lines:
            if line.agent == agent:
                places[line.reply].setdefault(index, line.number)
    fullest = min(places, key=lambda reply: (-len(places[reply]), reply))
    ordered = sorted(places[fullest], key=lambda index: places[fullest][index])
    for index in range(len(macro)):
        if index not in ordered:
            before = Counter[int]()
            for held in places.values():
                if index in held:
                    before.update(other for other in ordered if other in held and held[other] < held[index])
            earlier = sum(macro[other].place <= macro[index].place for other in ordered)
            after = max((ordered.index(other) + 1 for other, count in before.items() if count), default=earlier)
            ordered.insert(after, index)
    return tuple(macro[index] for index in ordered)


def _nearest(group: Group, chosen: Sequence[Group]) -> float:
    return max((float(group.vector @ other.vector) for other in chosen), default=0.0)


def _rank(group: Group) -> tuple[float, str]:
    return (-round(group.score, 6), group.text)
