"""The sample log: large enough, varied enough, and not so easy that any encoder would do."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest
from rapidfuzz.fuzz import token_set_ratio

from helploop.articles import read_articles
from helploop.clustering import cluster
from helploop.domain import Channel, Inquiry, Kind, RawInquiry
from helploop.helpsite.index import search_files
from helploop.intake import IntakeOptions, read_file, read_mapping
from helploop.pipeline.new_site import sample_dir
from helploop.tuning import read_table
from tests.conftest import TrigramEncoder, make_inquiry
from tests.sample_labels import NONE, found_questions, read_labels


@pytest.fixture(scope="module")
def sample() -> dict[str, RawInquiry]:
    """All inquiries of both exports, by id; a ticket delivered twice counts once."""
    found: dict[str, RawInquiry] = {}
    for export in sorted((sample_dir() / "exports").iterdir()):
        for name, mapping in (("tickets.csv", "tickets.toml"), ("chats.jsonl", "chats.toml"), ("mail.mbox", None)):
            options = IntakeOptions(
                source=None if mapping else "kettlewren-mail",
                mapping=read_mapping(sample_dir() / mapping) if mapping else None,
                agent_addresses=("@kettlewren.example",),
            )
            for record in read_file(export / name, options):
                assert isinstance(record, RawInquiry)
                inquiry = make_inquiry("", source=record.source, source_id=record.source_id)
                found[inquiry.id] = record
    return found


def test_sample_is_a_quarter_of_a_shops_log(sample: dict[str, RawInquiry]) -> None:
    """600 inquiries over 12 weeks, 35 recurring questions, 80 asked once, every kind, three channels, replies, CSAT."""
    labels = read_labels()
    assert set(labels) == set(sample)
    assert len(sample) >= 600
    times = [raw.received_at for raw in sample.values() if raw.received_at]
    assert 11 * 7 <= (max(times) - min(times)).days <= 12 * 7
    customers = defaultdict(set)
    for identity, (question, _) in labels.items():
        customers[question].add(sample[identity].customer)
    assert sum(len(who) >= 7 for question, who in customers.items() if question != NONE) >= 35
    assert sum(question == NONE and kind == "question" for question, kind in labels.values()) >= 80
    kinds = {kind for _, kind in labels.values()}
    assert kinds >= {Kind.QUESTION, Kind.COMPLAINT, Kind.COMPLIMENT, Kind.IDEA, Kind.OTHER}
    assert {raw.channel for raw in sample.values()} == {Channel.TICKET, Channel.CHAT, Channel.MAIL}
    assert sum(any(r.is_agent for r in raw.replies) for raw in sample.values()) > 400
    assert sum(raw.csat is not None for raw in sample.values()) > 100
    assert sum(raw.agent_minutes is not None for raw in sample.values()) > 300
    by_customer = defaultdict(set)
    for raw in sample.values():
        by_customer[raw.customer].add(raw.channel)
    assert sum(len(channels) > 1 for channels in by_customer.values()) >= 20


def test_same_question_is_worded_in_many_ways(sample: dict[str, RawInquiry]) -> None:
    """At most 2 % of the pairs that ask the same are near-copies (token_set_ratio > 85)."""
    texts = defaultdict(list)
    for identity, (question, _) in read_labels().items():
        if question != NONE:
            texts[question].append(sample[identity].text.lower())
    ratios = [token_set_ratio(a, b) for rows in texts.values() for a, b in combinations(rows, 2)]
    assert sum(ratio > 85 for ratio in ratios) <= 0.02 * len(ratios)


def test_letters_alone_do_not_find_the_questions(sample: dict[str, RawInquiry]) -> None:
    """The fake encoder of the unit tests finds fewer than half of the questions: meaning is needed."""
    labels = read_labels()
    rows: list[Inquiry] = [
        make_inquiry(f"{raw.title} {raw.text}".strip(), source=raw.source, source_id=raw.source_id)
        for raw in sample.values()
    ]
    partition = cluster(rows, TrigramEncoder().encode([row.question_text for row in rows]))
    groups = defaultdict(list)
    for row, label in zip(rows, partition.labels, strict=True):
        if label >= 0:
            groups[int(label)].append(row.id)
    assert len(found_questions(groups.values(), labels)) < 45 / 2


def test_the_sample_sites_word_table_knows_its_articles() -> None:
    """kb/search of the repository fits its articles; after a change of theirs: make sample-table."""
    root = Path(__file__).resolve().parents[1]
    table = read_table(root / "kb" / "search")
    assert table is not None
    articles = read_articles(root / "kb" / "articles")
    assert search_files(articles, {one.id: one.path for one in articles}, table=table).note == ""
