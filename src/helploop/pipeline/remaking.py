"""The newest round made again with a decision applied: no inquiry is read anew and nothing is encoded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from helploop.clustering import ClusteringOptions, NoiseReason, Partition, bind, make_round, partition_of
from helploop.config import Settings
from helploop.decisions import Decisions, read_ledger, write_ledger
from helploop.domain import Inquiry, QuestionId, Round
from helploop.pipeline.binding import agree
from helploop.pipeline.kept import whole_vectors
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
        ids = [*last.noise, *(member for q in last.questions for member in q.members)]
        inquiries = sorted(store.inquiries(ids), key=lambda inquiry: inquiry.id)
        vectors = whole_vectors(store, last.encoder_hash, inquiries)
        if vectors is None:
            return None
        ledger = read_ledger(settings.kb)
        options = settings.clustering
        partition = _partition_of(last, inquiries, vectors, options)
        bound = bind(inquiries, vectors, partition, agree(decisions), previous=last, ledger=ledger, options=options)
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
            options=options,
        )
        made = replace(made, questions=with_states(settings, made.questions, None))
        store.save_round(made)
        write_ledger(settings.kb, made.questions)
        return made


def _partition_of(
    made: Round, inquiries: Sequence[Inquiry], vectors: NDArray[np.float32], options: ClusteringOptions
) -> Partition:
    """The partition that a round stands for, over the inquiries of it that are still there, sorted by id.

    No cluster is too small: a person may have cut it out.
    """
    where = {member: number for number, question in enumerate(made.questions) for member in question.members}
    labels = np.array([where.get(inquiry.id, -1) for inquiry in inquiries], dtype=np.int64)
    kept = [made.reasons.get(inquiry.id) for inquiry in inquiries]
    reasons = [NoiseReason(reason) if reason else None for reason in kept]
    return partition_of(inquiries, vectors, labels, reasons, replace(options, min_customers=1))
