"""Turns what agents answered to one question into a draft with evidence per line, or into a brief where that is too
little.

Extractive consensus after docs/measured: split, drop chatter, group what was said alike, rank by distinct inquiries and
agents, keep the order of
a reply that recurs. Nothing is written that no agent wrote.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helploop.domain import ArticleId, Brief, Draft, DraftLine, Inquiry, Question, QuestionId, RoundId
from helploop.drafting.evidence import Evidences, collect
from helploop.drafting.lines import instruct, is_destructive, is_step, volatile
from helploop.drafting.naming import Wording, aliases_of, title_of, wordings_of
from helploop.drafting.ranking import Group, backbone, choose, contradicts, group_lines, repeats, without_repeats

__all__ = ["DraftingOptions", "draft", "draft_id", "is_step"]

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class DraftingOptions:
    """What a draft needs to be one. Defaults: docs/measured, and read on the sample's 45 questions and 10 groups of the
    Thunderbird log."""

    max_lines: int = 10  # confirmed lines of a draft
    max_unconfirmed: int = 6  # lines under "not confirmed"
    min_agents: int = 2  # distinct agents that confirm a line ...
    min_support_of_one: int = 3  # ... or distinct inquiries, when one agent alone says it
    min_confirmed: int = 2  # fewer confirmed lines: a brief
    min_support_alone: int = 4  # inquiries behind a single line of several agents that make it an answer all the same
    min_agreement: float = 0.4  # share of inquiries with useful replies that got a confirmed line; less: a brief
    macro_inquiries: int = 3  # inquiries one agent must repeat a line in before it counts as a macro
    max_open_questions: int = 6  # wordings a brief lists
    min_relevance: float = 0.12  # cosine of a line to the question
    max_inquiries: int = 120  # answered members whose replies are read, the most helpful and newest first: each costs
    #   about .1 s to encode the first time
    max_oddity: float = 0.34  # share of an unconfirmed line's words that no other inquiry's replies use

    def __post_init__(self) -> None:
        if min(self.max_lines, self.min_agents, self.min_support_of_one, self.macro_inquiries) < 1:
            raise ValueError("DraftingOptions: counts start at 1")


def draft(
    question: Question,
    members: Sequence[Inquiry],
    encode: Encode,
    round_id: RoundId,
    options: DraftingOptions | None = None,
) -> Draft | Brief:
    """A draft from the agents' replies to a question's members, or a brief saying why there is none.

    encode gives float32 (n, d), rows of length 1; it is called three times. The order of members does not matter.
    Cost is quadratic in the
    distinct lines, of which the 2,500 most frequent count.
    """
    options = options or DraftingOptions()
    evidences = collect(_best_answered(members, options))
    centre = _centre(question, members, encode)
    wordings = _wordings(question, members, evidences, encode, centre)
    groups = group_lines(evidences.lines, encode, centre)
    confirmed = _confirmed(groups, evidences, options)
    unconfirmed = _unconfirmed(groups, confirmed, options)
    title = title_of(wordings, question.label, confirmed or groups[:5])
    aliases = aliases_of(wordings, title)
    reason = _why_brief(evidences, confirmed, options)
    article = draft_id(title, question.id)
    if reason:
        tried = [*confirmed, *unconfirmed][: options.max_lines]
        return Brief(
            article=article,
            question=question.id,
            round=round_id,
            title=title,
            aliases=aliases,
            reason=reason,
            open_questions=_open_questions(wordings, options),
            tried=tuple(_line(group, False, confirmed) for group in tried),
            customers=question.customers,
            inquiries=len(members),
        )
    lines = [_line(group, True, unconfirmed) for group in confirmed]
    lines += [_line(group, False, confirmed) for group in unconfirmed]
    return Draft(
        article=article,
        question=question.id,
        round=round_id,
        title=title,
        aliases=aliases,
        lines=tuple(lines),
        customers=question.customers,
        inquiries=len(members),
    )


def draft_id(title: str, question: QuestionId) -> ArticleId:
    """The id a draft starts with: readable, and unique by the question's id."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:44].rsplit("-", 1)[0] if title else ""
    return ArticleId(f"{words}-{question}" if words else str(question))


def _centre(question: Question, members: Sequence[Inquiry], encode: Encode) -> NDArray[np.float32]:
    texts = sorted({inquiry.question_text or inquiry.text for inquiry in members} | {question.label})
    total: NDArray[np.float32] = np.asarray(encode(texts), dtype=np.float32).sum(axis=0)
    return total / (float(np.linalg.norm(total)) or 1.0)


def _wordings(
    question: Question, members: Sequence[Inquiry], evidences: Evidences, encode: Encode, centre: NDArray[np.float32]
) -> tuple[Wording, ...]:
    texts = wordings_of(members, evidences.names)
    if not texts:
        return ()
    vectors = np.asarray(encode(texts), dtype=np.float32)
    return tuple(Wording(text, vector, float(vector @ centre)) for text, vector in zip(texts, vectors, strict=True))


def _confirmed(groups: Sequence[Group], evidences: Evidences, options: DraftingOptions) -> list[Group]:
    macro = backbone(groups, max(options.macro_inquiries, round(0.1 * evidences.answered)))

    shared = [group for group in groups if group.agents >= options.min_agents and _is_confirmed(group, options)]
    backed = {line.reply for group in shared for line in (*group.lines, *group.echoes)}

    def is_wanted(group: Group) -> bool:
        is_near = group in macro or group.relevance >= options.min_relevance
        return is_near and _is_confirmed(group, options) and (group in shared or _is_backed(group, backed))

    chosen = without_repeats(choose(groups, macro, options.max_lines, is_wanted), macro)
    kept: list[Group] = []
    for group in chosen:
        rivals = [other for other in kept if contradicts(group, other)]
        if not any(_weight(other) >= _weight(group) for other in rivals):
            kept = [other for other in kept if other not in rivals] + [group]
    head = [group for group in macro if group in kept]
    rest = sorted((group for group in kept if group not in head), key=lambda group: (group.place, group.text))
    return head + rest


def _is_backed(group: Group, backed: set[int]) -> bool:
    """Whether one agent's line stands mostly in replies that also say what others say.

    A detail of the common answer does; one agent's own, perhaps wrong, answer does not, however often it is given.
    """
    replies = {line.reply for line in group.lines}
    return 2 * len(replies & backed) >= len(replies)


def _is_confirmed(group: Group, options: DraftingOptions) -> bool:
    if is_destructive(group.text):
        return group.agents >= max(2, options.min_agents) and group.support >= 2
    if group.agents >= options.min_agents:
        return group.support >= 2  # two agents in one conversation may only repeat each other
    return group.support >= options.min_support_of_one


def _best_answered(members: Sequence[Inquiry], options: DraftingOptions) -> list[Inquiry]:
    def order(inquiry: Inquiry) -> tuple[int, float, str]:
        votes = sum(min(reply.helpful, 3) for reply in inquiry.replies if reply.is_agent)
        return -votes, -inquiry.received_at.timestamp() if inquiry.received_at else 0.0, inquiry.id

    answered = [member for member in members if any(reply.is_agent for reply in member.replies)]
    silent = [member for member in members if not any(reply.is_agent for reply in member.replies)]
    return [*sorted(answered, key=order)[: options.max_inquiries], *silent]


def _unconfirmed(groups: Sequence[Group], confirmed: Sequence[Group], options: DraftingOptions) -> list[Group]:
    """First what contradicts a confirmed line, then the best single voices worth a check."""
    left = [group for group in groups if group not in confirmed]
    found = [group for group in left if any(contradicts(group, other) for other in confirmed)]
    for group in left:
        if len(found) >= options.max_unconfirmed:
            break
        is_near = group.relevance >= 2 * options.min_relevance and group.oddity <= options.max_oddity
        is_useful = is_near and instruct(group.text) >= 0.5 and not group.is_leaning
        if is_useful and group not in found and not repeats(group, [*confirmed, *found]):
            found.append(group)
    return found[: options.max_unconfirmed]


def _why_brief(evidences: Evidences, confirmed: Sequence[Group], options: DraftingOptions) -> str:
    if not evidences.answered:
        return "no agent has answered any of these inquiries"
    if not evidences.lines:
        return "the agents' replies hold nothing that could stand in an article"
    voices = sum(group.support for group in confirmed if group.agents >= options.min_agents)
    if len(confirmed) < options.min_confirmed and voices < options.min_support_alone:
        return f"only {len(confirmed)} line(s) that more than one agent or inquiry confirms"
    useful = {line.inquiry for line in evidences.lines}
    agreeing = {line.inquiry for group in confirmed for line in (*group.lines, *group.echoes)}
    if len(agreeing) < options.min_agreement * len(useful):
        return f"the answers do not agree: only {len(agreeing)} of {len(useful)} inquiries got one of the common lines"
    return ""


def _open_questions(wordings: Sequence[Wording], options: DraftingOptions) -> tuple[str, ...]:
    asking = [wording for wording in wordings if wording.text.endswith("?")] or list(wordings)
    return aliases_of(asking, "")[: options.max_open_questions]


def _line(group: Group, is_confirmed: bool, others: Sequence[Group]) -> DraftLine:
    notes = [f"contradicts: {other.text}" for other in others if other is not group and contradicts(group, other)]
    if is_destructive(group.text):
        notes.append("destructive: can lose data" + ("" if group.agents > 1 else ", one agent only"))
    elif group.agents == 1:
        notes.append("one agent only")
    changing = volatile(group.text)
    if changing:
        notes.append(f"volatile: {', '.join(changing)}")
    return DraftLine(group.text, group.evidence(), group.agents, is_confirmed, "; ".join(notes))


def _weight(group: Group) -> tuple[int, int]:
    return (group.agents, group.support)
