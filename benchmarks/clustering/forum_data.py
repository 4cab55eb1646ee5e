"""The Thunderbird log as helploop's own intake keeps it, and which of its questions helpers answered with one article.

The site, with its database and vectors, stays in a cache folder between runs: encoding 23,000 posts takes minutes.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from helploop.config import Settings, load_settings
from helploop.domain import Inquiry, text_hash
from helploop.embedding import embed, load_encoder
from helploop.intake import IntakeOptions, mapping_named
from helploop.pipeline import init_site, intake
from helploop.pipeline.rounds import CLUSTERED
from helploop.store import Store

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("HELPLOOP_DATA", ROOT.parent / "shared" / "data")) / "thunderbird"
YEARS = ("2023", "2024")
# what helpers link to whatever is asked: how to find the culprit, how to show what one sees
GENERIC = frozenset({"troubleshoot-mode-thunderbird", "how-do-i-create-screenshot-my-problem"})
_LINK = re.compile(r"\[*https?://\S+|\bwww\.\S+|\bsupport\.mozilla\.org\S*|/kb/\S+")


@dataclass(frozen=True)
class Log:
    """What a round clusters: the inquiries that ask something in a language of the encoder's, and their vectors."""

    inquiries: tuple[Inquiry, ...]  # by id
    vectors: NDArray[np.float32]  # (n, d), rows of length 1
    taken_in: int  # inquiries that intake stored


def read_log(cache: Path, years: Sequence[str]) -> Log:
    """The log of the years. Links and articles' titles are cut out of replies: the weak gold was read off them."""
    settings = _site(cache)
    with Store(settings.database) as store:
        stored = [i for i in store.inquiries() if i.received_at is not None and str(i.received_at.year) in years]
        asked = [i for i in stored if _is_clustered(i, settings)]
        vectors = embed([i.question_text for i in asked], load_encoder(), store, _say_progress)
    titles = _titles()
    return Log(tuple(_without_links(i, titles) for i in asked), vectors, len(stored))


def read_links() -> dict[str, frozenset[str]]:
    """Question (source_id) -> the articles that its helpers linked to, the generic ones left out."""
    links = {}
    with (DATA / "article_links_dev.jsonl").open(encoding="utf-8") as file:
        for record in map(json.loads, file):
            if found := frozenset(record["article_ids"]) - GENERIC:
                links[str(record["id"])] = found
    return links


def half_of(source_id: str) -> str:
    """The half of the weak gold that a question is in: "dev" to choose on, "held" to report."""
    return "dev" if int(text_hash(f"half {source_id}"), 16) % 2 == 0 else "held"


@dataclass(frozen=True)
class Pairs:
    """How the pairs of questions that one article answers fare in a grouping."""

    precision: float
    recall: float
    f1: float


def pair_scores(labels: Mapping[str, int], links: Mapping[str, frozenset[str]]) -> Pairs:
    """labels: question -> cluster, -1 for noise (in no pair). links: the labelled questions, and articles of each.

    Pairs among labelled questions only; two with several articles are alike when they share one.
    """
    known = sorted(labels.keys() & links.keys())
    together = alike = both = 0
    for a, b in combinations(known, 2):
        is_together = labels[a] >= 0 and labels[a] == labels[b]
        is_alike = not links[a].isdisjoint(links[b])
        together += is_together
        alike += is_alike
        both += is_together and is_alike
    precision, recall = both / max(1, together), both / max(1, alike)
    return Pairs(precision, recall, 2 * precision * recall / max(precision + recall, 1e-9))


def _site(cache: Path) -> Settings:
    site = cache / "forum"
    if not (site / "taken-in").exists():
        site.mkdir(parents=True, exist_ok=True)
        if not (site / "mkdocs.yml").exists():
            init_site(site)
        files = [DATA / f"inquiries_{year}.jsonl.gz" for year in YEARS]
        intake(load_settings(site), files, IntakeOptions(mapping=mapping_named(ROOT / "examples" / "forum.toml")))
        (site / "taken-in").touch()
    return load_settings(site)


def _is_clustered(inquiry: Inquiry, settings: Settings) -> bool:
    return settings.encoder.understands(inquiry) and inquiry.kind in CLUSTERED and bool(inquiry.question_text.strip())


def _titles() -> re.Pattern[str]:
    with (DATA / "articles.jsonl").open(encoding="utf-8") as file:
        titles = {json.loads(line)["title"] for line in file}
    telling = sorted((title for title in titles if len(title.split()) > 1), key=lambda title: (-len(title), title))
    return re.compile("|".join(map(re.escape, telling)), re.IGNORECASE)


def _without_links(inquiry: Inquiry, titles: re.Pattern[str]) -> Inquiry:
    cut = [replace(reply, text=titles.sub(" ", _LINK.sub(" ", reply.text))) for reply in inquiry.replies]
    return replace(inquiry, replies=tuple(cut))


def _say_progress(done: int, total: int) -> None:
    print(f"\rencoding {done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
