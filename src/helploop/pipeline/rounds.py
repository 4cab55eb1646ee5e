"""Stages 4 to 6: inquiries -> vectors -> questions that keep their identity -> which of them an article answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from helploop.clustering import NoiseReason, Partition, anchor, bind, find_lost, make_round, settings_hash
from helploop.clustering import cluster as cluster_vectors
from helploop.config import Settings
from helploop.decisions import read_decisions, read_ledger, write_ledger
from helploop.domain import (
    Article,
    Channel,
    Coverage,
    CoverageVerdict,
    Inquiry,
    InquiryId,
    Kind,
    Question,
    QuestionId,
    QuestionState,
    Round,
    RoundId,
)
from helploop.embedding import Encoder, embed
from helploop.errors import HelploopError
from helploop.matching import article_texts, match
from helploop.misses import find_misses, may_form_question, normalise_query
from helploop.pipeline.binding import agree, articles_by_question, drafts_by_question, present_id
from helploop.pipeline.encoders import site_encoder
from helploop.pipeline.erasure import purge_forgotten
from helploop.pipeline.misses import miss_options, take_misses
from helploop.pipeline.progress import Progress, silent
from helploop.pipeline.triage import heed_decisions, refine_kinds
from helploop.store import Store

# A compliment or an idea is nobody's question. Complaints are in: most of them ask what others ask calmly.
CLUSTERED = frozenset({Kind.QUESTION, Kind.UNSURE, Kind.COMPLAINT})
_MOST_MEMBERS = 50  # of a question that its direction is taken from, beside the representatives

_OTHER_ENCODER = (
    "round {round} was made with another encoder than {encoder}: their vectors cannot be compared. Choose the same one "
    "again ([encoder] name in helploop.toml), or have all encoded and grouped anew: helploop cluster --rebuild"
)
_NOTHING = "no inquiries that ask anything; take a log in first: helploop intake FILE"


def cluster(
    settings: Settings,
    *,
    dry_run: bool = False,
    rebuild: bool = False,
    encoder: Encoder | None = None,
    at: datetime | None = None,
    progress: Progress = silent,
) -> Round:
    """Makes a round: all questions of the log with their ids, and what changed against the last one. Stored unless dry.

    After the first round the next ones are anchored: inquiries keep their question, what is new joins. rebuild: all is
    clustered anew, and ids are inherited. What a restored backup brought back of forgotten customers is removed first.
    Raises HelploopError when there is nothing to cluster, or when an anchored round would mix two encoders' vectors.
    """
    if not dry_run:
        purge_forgotten(settings)
    with Store(settings.database) as store:
        if not dry_run:
            take_misses(settings, store)
        heeded = heed_decisions(settings, store, store.inquiries(), dry_run=dry_run)
        if not any(may_be_clustered(inquiry, settings) for inquiry in heeded):
            raise HelploopError(_NOTHING)
        encoder = encoder or site_encoder(settings)
        previous = store.load_round()
        if previous is not None and not rebuild and previous.encoder_hash != encoder.hash:
            raise HelploopError(_OTHER_ENCODER.format(round=previous.id, encoder=encoder.name))
        refined = refine_kinds(settings, store, heeded, encoder, dry_run=dry_run)
        inquiries = [inquiry for inquiry in refined if may_be_clustered(inquiry, settings)]
        if not inquiries:
            raise HelploopError(_NOTHING)
        texts = [inquiry.question_text for inquiry in inquiries]
        vectors = embed(texts, encoder, store, lambda done, total: progress("encoding", done, total))
        progress("clustering", 0, 1)
        facts = (encoder, at or datetime.now(UTC))
        made = _group(settings, store, inquiries, vectors, facts, previous=previous, rebuild=rebuild)
        articles = articles_by_question(settings)
        rows = centres_of(made.questions, inquiries, vectors)
        found = match(made.questions, rows, articles, article_vectors(store, encoder, articles), settings.matching)
        made = replace(made, questions=with_states(settings, made.questions, found, articles))
        progress("clustering", 1, 1)
        if not dry_run:
            store.save_round(made)
            write_ledger(settings.kb, made.questions)
        return made


def _group(
    settings: Settings,
    store: Store,
    inquiries: Sequence[Inquiry],
    vectors: NDArray[np.float32],
    facts: tuple[Encoder, datetime],
    *,
    previous: Round | None,
    rebuild: bool,
) -> Round:
    """The round that inquiries make, anchored in the last one where that has questions. facts: encoder, time."""
    options, (encoder, at) = settings.clustering, facts
    if previous is None or not previous.questions or rebuild:
        partition, made_with = cluster_vectors(inquiries, vectors, options), settings_hash(options)
    else:
        partition, made_with = anchor(inquiries, vectors, previous, options), previous.settings_hash
    partition = _without_lone_searches(settings, store, inquiries, partition)
    decisions, ledger = read_decisions(settings.kb), read_ledger(settings.kb)
    bound = bind(inquiries, vectors, partition, agree(decisions), previous=previous, ledger=ledger, options=options)
    lost = find_lost(previous, ledger, [inquiry.id for inquiry in inquiries])
    places = dict(zip(lost, embed(list(lost.values()), encoder, store), strict=True))
    return make_round(
        inquiries,
        bound.partition,
        vectors,
        previous=previous,
        ledger=ledger,
        renames=decisions.renames,
        bound=bound,
        taken=decisions.ids,
        places=places,
        round_id=store.next_round_id(),
        at=at,
        encoder_hash=encoder.hash,
        settings_hash=made_with,
        options=options,
    )


def may_be_clustered(inquiry: Inquiry, settings: Settings) -> bool:
    """Whether a round looks at it: it asks something, in a language the encoder understands."""
    return settings.encoder.understands(inquiry) and inquiry.kind in CLUSTERED and bool(inquiry.question_text.strip())


def left_out(settings: Settings) -> Counter[str]:
    """Inquiries that no round looks at, by reason: their kind, or a language the encoder does not understand."""
    counts: Counter[str] = Counter()
    with Store(settings.database) as store:
        for inquiry in store.inquiries():
            if not may_be_clustered(inquiry, settings):
                foreign = inquiry.kind in CLUSTERED and inquiry.question_text.strip()
                counts[f"in {inquiry.language or inquiry.locale}" if foreign else inquiry.kind.value] += 1
    return counts


def labels_of(settings: Settings, made: Round) -> dict[str, str]:
    """The labels of a round's questions, and of all that were questions before it (from the ledger)."""
    known = {str(entry["id"]): str(entry["label"]) for entry in read_ledger(settings.kb)}
    return known | {question.id: question.label for question in made.questions}


def is_outdated(settings: Settings, made: Round) -> bool:
    """Whether the clustering settings have changed since all was last clustered anew: anchored rounds keep the old
    questions as they are."""
    return made.settings_hash != settings_hash(settings.clustering)


def undo(settings: Settings) -> RoundId:
    """Takes the newest round back, in the ledger, too: questions of the round before stand there as they were then,
    and ids that came with the round taken back stay for when they come again."""
    with Store(settings.database) as store:
        undone = store.undo_round()
        last = store.load_round()
    if last is not None:
        write_ledger(settings.kb, last.questions)
    return undone


def find_gaps(
    settings: Settings, *, encoder: Encoder | None = None, progress: Progress = silent
) -> tuple[tuple[Question, Coverage], ...]:
    """The last round's questions with what the articles of today make of them, in order of weight."""
    with Store(settings.database) as store:
        made = newest_round(store)
        articles = articles_by_question(settings)
        encoder = encoder or site_encoder(settings)
        found = _coverage(settings, store, encoder, made.questions, articles, progress)
        questions = with_states(settings, made.questions, found, articles)
        minutes = _minutes(store, made)
    pairs = list(zip(questions, found, strict=True))
    pairs.sort(key=lambda pair: (-pair[0].customers * minutes.get(pair[0].id, 1.0), pair[0].id))
    return tuple(pairs)


def read_questions(settings: Settings) -> Round:
    """The newest round, its questions' states as the files of kb/ have them now.

    Raises HelploopError when no round was made yet.
    """
    with Store(settings.database) as store:
        made = newest_round(store)
    return replace(made, questions=with_states(settings, made.questions, None))


def question_members(settings: Settings, which: QuestionId) -> tuple[Question, list[Inquiry]]:
    """A question and its inquiries. Raises HelploopError naming the nearest ids when there is no such question."""
    made = read_questions(settings)
    question = find_question(made, which, settings)
    with Store(settings.database) as store:
        return question, store.inquiries(question.members)


def newest_round(store: Store) -> Round:
    """The newest round. Raises HelploopError when there is none."""
    made = store.load_round()
    if made is None:
        raise HelploopError("no round yet: helploop cluster makes one")
    return made


def find_question(made: Round, which: str, settings: Settings | None = None) -> Question:
    """The question of an id. Raises HelploopError when the round has no such question, saying where it went if a
    person merged it into another one (settings: where that is looked up)."""
    for question in made.questions:
        if question.id == which:
            return question
    if settings is not None and (now := present_id(settings, which)) != which:
        raise HelploopError(f"{which}: was merged into {now}: name that (`helploop questions decisions` says by whom)")
    raise HelploopError(f"{which}: no such question in round {made.id}; `helploop questions` lists them")


def with_states(
    settings: Settings,
    questions: Sequence[Question],
    found: Sequence[Coverage] | None,
    articles: Sequence[Article] | None = None,
) -> tuple[Question, ...]:
    """The questions with state, article and a person's name, as kb/ has them.

    found: fresh coverage; None: what the round found.
    """
    decisions = read_decisions(settings.kb)
    published = articles_by_question(settings) if articles is None else articles
    ids = {article.id for article in published}
    answered = {q: article.id for article in published for q in article.answers}
    drafted = {q for draft in drafts_by_question(settings) for q in draft.answers}
    covered = {c.question: c.article for c in found or () if c.verdict is CoverageVerdict.COVERED}
    today = datetime.now(UTC).date()
    made = []
    for question in questions:
        matched = covered.get(question.id) if found is not None else question.article
        article = answered.get(question.id) or (matched if matched in ids else None)
        if article is not None:
            state = QuestionState.ANSWERED
        elif question.id in drafted:
            state = QuestionState.DRAFTED
        elif question.id in decisions.rejections:
            state = QuestionState.REJECTED
        elif (until := decisions.snoozes.get(question.id)) is not None and until > today:
            state = QuestionState.SNOOZED
        else:
            state = QuestionState.NEW
        label = decisions.renames.get(question.id, question.label)
        made.append(replace(question, state=state, article=article, label=label))
    return tuple(made)


def question_vectors(
    store: Store, encoder: Encoder, questions: Sequence[Question], progress: Progress = silent
) -> NDArray[np.float32]:
    """float32 (n, d): the direction of each question's members (some of them, for speed), rows of length 1."""
    rows = np.zeros((len(questions), encoder.dimensions), dtype=np.float32)
    for i, question in enumerate(questions):
        members = store.inquiries(sorted(_looked_at(question)))
        vectors = embed([m.question_text for m in members], encoder, store)
        mean = vectors.mean(axis=0) if len(vectors) else rows[i]
        rows[i] = mean / max(float(np.linalg.norm(mean)), 1e-9)
        progress("matching with articles", i + 1, len(questions))
    return rows


def centres_of(
    questions: Sequence[Question], inquiries: Sequence[Inquiry], vectors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """As question_vectors, of a round that was just made: its inquiries and their vectors are at hand."""
    row_of = {inquiry.id: row for row, inquiry in enumerate(inquiries)}
    rows = np.zeros((len(questions), vectors.shape[1]), dtype=np.float32)
    for place, question in enumerate(questions):
        mean = vectors[[row_of[one] for one in sorted(_looked_at(question))]].mean(axis=0)
        rows[place] = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return rows


def _looked_at(question: Question) -> frozenset[InquiryId]:
    return frozenset(question.representatives + question.members[:_MOST_MEMBERS])


def article_vectors(store: Store, encoder: Encoder, articles: Sequence[Article]) -> tuple[NDArray[np.float32], ...]:
    """For each article float32 (k, d): its title, title with lead, and every alias."""
    return tuple(embed(list(article_texts(article)), encoder, store) for article in articles)


def _coverage(
    settings: Settings,
    store: Store,
    encoder: Encoder,
    questions: Sequence[Question],
    articles: Sequence[Article],
    progress: Progress,
) -> tuple[Coverage, ...]:
    rows = question_vectors(store, encoder, questions, progress)
    return match(questions, rows, articles, article_vectors(store, encoder, articles), settings.matching)


def _minutes(store: Store, made: Round) -> dict[str, float]:
    """Agent minutes per question; where nobody wrote minutes down, one a customer."""
    minutes: dict[str, float] = {}
    for question in made.questions:
        known = [i.agent_minutes for i in store.inquiries(question.members) if i.agent_minutes is not None]
        minutes[question.id] = sum(known) / len(known) if known else 1.0
    return minutes


def _without_lone_searches(
    settings: Settings, store: Store, inquiries: Sequence[Inquiry], partition: Partition
) -> Partition:
    """Searches alone make a question only if enough different people typed them, on more than one day."""
    groups: dict[int, list[Inquiry]] = {}
    for inquiry, label in zip(inquiries, partition.labels, strict=True):
        if label >= 0:
            groups.setdefault(int(label), []).append(inquiry)
    alone = {
        label: members
        for label, members in groups.items()
        if all(member.channel is Channel.SEARCH for member in members)
    }
    if not alone:
        return partition
    events, options = store.events(), miss_options(settings, store)
    misses = {normalise_query(miss.query): miss for miss in find_misses(events, options)}
    refused = [
        label
        for label, members in alone.items()
        if not may_form_question([misses[m.source_id] for m in members if m.source_id in misses], events, options)
    ]
    return partition.without(refused, NoiseReason.SEARCHED)
