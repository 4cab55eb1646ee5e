"""The newest round made again with a decision applied: no inquiry is read anew and nothing is encoded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from helploop.clustering import NoiseReason, Partition, bind, make_round
from helploop.config import Settings
from helploop.decisions import Decisions, read_ledger, write_ledger
from helploop.domain import Inquiry, QuestionId, Round, text_hash
from helploop.embedding import Progress, embed
from helploop.errors import EncoderError
from helploop.pipeline.binding import agree
from helploop.pipeline.rounds import with_states
from helploop.store import Store


def remake_round(
    settings: Settings, decisions: Decisions, *, at: datetime, relabel: Collection[QuestionId] = ()
) -> Round | None:
    """A new round of the newest one's inquiries and questions, with the decisions applied; stored.

    relabel: questions that get a label of their own again. None, and nothing is stored, where there is no round yet or
    the vectors that it was made with are not kept any more: the decisions then hold from the next `cluster` on.
    """
    with Store(settings.database) as store:
        last = store.load_round()
        if last is None:
            return None
        inquiries = store.inquiries([*last.noise, *(member for q in last.questions for member in q.members)])
        vectors = _kept_vectors(store, last.encoder_hash, inquiries)
        if vectors is None:
            return None
        ledger = read_ledger(settings.kb)
        partition = partition_of(last, inquiries, vectors)
        bound = bind(inquiries, vectors, partition, agree(decisions), previous=last, ledger=ledger)
        bare = [replace(q, representatives=()) if q.id in relabel else q for q in last.questions]
        made = make_round(
            inquiries,
            bound.partition,
            vectors,
            previous=replace(last, questions=tuple(bare)),
            ledger=ledger,
            renames=decisions.renames,
            bound=bound,
            taken=decisions.ids,
            round_id=store.next_round_id(),
            at=at,
            encoder_hash=last.encoder_hash,
            settings_hash=last.settings_hash,
            options=settings.clustering,
        )
        made = replace(made, questions=with_states(settings, made.questions, None))
        store.save_round(made)
        write_ledger(settings.kb, made.questions)
        return made


def kept_members(settings: Settings, round_encoder: str, inquiries: Sequence[Inquiry]) -> NDArray[np.float32] | None:
    """float32 (n, d): the kept vectors of inquiries; None when any is missing."""
    with Store(settings.database) as store:
        return _kept_vectors(store, round_encoder, inquiries)


def partition_of(made: Round, inquiries: Sequence[Inquiry], vectors: NDArray[np.float32]) -> Partition:
    """The partition that a round stands for, over the inquiries of it that are still there."""
    where = {member: number for number, question in enumerate(made.questions) for member in question.members}
    labels = np.array([where.get(inquiry.id, -1) for inquiry in inquiries], dtype=np.int64)
    order = np.array(sorted(range(len(inquiries)), key=lambda row: inquiries[row].id), dtype=np.int64)
    centroids = np.zeros((len(made.questions), vectors.shape[1]), dtype=np.float32)
    for number in range(len(made.questions)):
        mean = vectors[order[labels[order] == number]].sum(axis=0)
        centroids[number] = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return Partition(
        labels,
        centroids,
        tuple(question.cohesion for question in made.questions),
        tuple(question.customers for question in made.questions),
        tuple(NoiseReason.ALONE if label < 0 else None for label in labels),
    )


@dataclass(frozen=True)
class _KeptEncoder:
    """Stands for the encoder of a round: what it encoded is kept, anything else it refuses."""

    hash: str
    dimensions: int
    name: str = "kept vectors"

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Refuses."""
        del progress
        raise EncoderError(f"the vectors of {len(texts)} texts are not kept: helploop cluster encodes them")


def _kept_vectors(store: Store, encoder_hash: str, inquiries: Sequence[Inquiry]) -> NDArray[np.float32] | None:
    texts = [inquiry.question_text for inquiry in inquiries]
    asking = next((text for text in texts if text.strip()), "")
    found = store.get(encoder_hash, [text_hash(asking)])
    if not found:
        return None
    try:
        return embed(texts, _KeptEncoder(encoder_hash, len(next(iter(found.values())))), store)
    except EncoderError:
        return None
