"""Fits the verdict: is the right article among the first three? python verdict.py [words]

Pairs of articles and queries that they answer or do not: train rows of Banking77 with 10, 3 and no aliases, against
queries of other companies and with half or three quarters of its articles taken away; HINT3's train rows with a third
of the articles taken away; Thunderbird's questions of 2023; GOV.UK's first third. Reported on test rows, all unseen.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from measure import auroc
from ours import Answer, Ours, table_for
from sets import SETS, Query, SearchSet
from sklearn.linear_model import LogisticRegression

SHOWN = 3
WORDS = ("top", "gap", "words", "agreed", "points")
MEANING = ("meaning", "lexical", "gap", "agreed")
_LOGGED = {"words", "agreed", "points"}


def without(some: SearchSet, share: float) -> SearchSet:
    """The set with a share of its articles taken away: what they answered, nothing answers now."""
    chance = random.Random(3)
    ids = sorted(article["id"] for article in some.articles)
    gone = set(chance.sample(ids, int(share * len(ids))))
    kept = tuple(article for article in some.articles if article["id"] not in gone)

    def left(queries: Sequence[Query]) -> tuple[Query, ...]:
        return tuple(replace(query, right=query.right - gone) for query in queries)

    return replace(some, name=f"{some.name} -{share:.0%}", articles=kept, dev=left(some.dev), test=left(some.test))


def foreign(some: SearchSet, others: Sequence[SearchSet]) -> SearchSet:
    """The set with other companies' queries among its own."""
    dev = tuple(replace(query, right=frozenset()) for other in others for query in other.dev[:400])
    test = tuple(replace(query, right=frozenset()) for other in others for query in other.test[:400])
    return replace(some, name=f"{some.name} + foreign", dev=some.dev + dev, test=some.test + test)


def pairs() -> list[SearchSet]:
    """All pairs."""
    banking, three, none = (SETS[name]() for name in ("banking77", "banking77-3", "banking77-0"))
    shops = [SETS[name]() for name in ("curekart", "sofmattress")]
    forum = [SETS[f"thunderbird-{kind}-dev"]() for kind in ("titles", "texts")]
    others = [*shops, replace(forum[0], test=SETS["thunderbird-titles"]().test)]
    govuk = SETS["govuk"]()
    made = [foreign(some, others) for some in (banking, three, none)]
    made += [without(some, share) for some in (banking, three, none) for share in (0.5, 0.75)]
    made += [without(shop, 0.33) for shop in shops]
    made += [*forum, govuk, without(govuk, 0.5)]
    return made


def row(answer: Answer, names: Sequence[str]) -> list[float]:
    """The features of an answer."""
    values = [answer.evidence.get(name, 0.0) for name in names]
    return [float(np.log1p(value)) if name in _LOGGED else value for name, value in zip(names, values, strict=True)]


def is_right(answer: Answer, query: Query) -> bool:
    """Whether a right article is among the first three."""
    return any(article in query.right for article in answer.ids[:SHOWN])


def collect(some: SearchSet, queries: Sequence[Query], engine: Ours, names: Sequence[str]) -> tuple[np.ndarray, ...]:
    """Features, whether the first three hold the answer, whether anything does, and whether anything was found."""
    answers = engine.ask([query.text for query in queries], SHOWN)
    rights = [is_right(answer, query) for answer, query in zip(answers, queries, strict=True)]
    rows = [row(answer, names) for answer in answers]
    found = [bool(answer.ids) for answer in answers]
    return np.array(rows), np.array(rights), np.array([bool(query.right) for query in queries]), np.array(found)


def main() -> None:
    """Fits on dev, reports on test."""
    by_words = "words" in sys.argv[1:]
    names = WORDS if by_words else MEANING
    fitted = pairs()
    engines = {some.name: Ours(some, None if by_words else table_for(some)) for some in fitted}
    dev = [collect(some, some.dev, engines[some.name], names) for some in fitted]
    used = [rights.sum() > 0 for _, rights, _, _ in dev]
    rows = np.vstack([part[0][part[3]] for part, use in zip(dev, used, strict=True) if use])
    rights = np.concatenate([part[1][part[3]] for part, use in zip(dev, used, strict=True) if use])
    weights = np.concatenate(
        [np.full(part[3].sum(), 1 / part[3].sum()) for part, use in zip(dev, used, strict=True) if use]
    )
    model = LogisticRegression(C=1000, max_iter=5000).fit(rows, rights, sample_weight=weights * 1000)
    print("constant", round(float(model.intercept_[0]), 2), dict(zip(names, np.round(model.coef_[0], 2), strict=True)))
    extra = [SETS["curekart"](), SETS["sofmattress"]()]
    for some in [*fitted, *extra]:
        if not some.test:
            continue
        engine = engines.get(some.name) or Ours(some, None if by_words else table_for(some))
        values, rights, answered, found = collect(some, some.test, engine, names)
        sure = np.where(found, model.predict_proba(values)[:, 1], 0.0)
        line = f"{some.name:32s} right {auroc(sure[rights], sure[~rights]):.3f}"
        if answered.any() and (~answered).any():
            line += f"  answered {auroc(sure[answered], sure[~answered]):.3f}"
            line += f"  hit at .5: {np.mean(sure[answered] >= 0.5):.2f} / {np.mean(sure[~answered] >= 0.5):.2f}"
            line += f"  none at .25: {np.mean(sure[answered] < 0.25):.2f} / {np.mean(sure[~answered] < 0.25):.2f}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
