"""Finds the recurring questions among inquiries, and keeps their identity from round to round. Pure: no file, no clock.

`cluster` groups one log (recipe and figures: docs/measured.md and benchmarks/clustering); `make_round` turns the groups
into Questions whose ids are those of the last round wherever the members are.
"""

from helploop.clustering.agreement import Agreement, Conflict, settle
from helploop.clustering.anchoring import anchor
from helploop.clustering.binding import Bound, bind, find_asleep
from helploop.clustering.changes import Changes, compare_rounds
from helploop.clustering.identity import LedgerEntry, inherit_ids, new_id
from helploop.clustering.options import ClusteringOptions, settings_hash
from helploop.clustering.partition import OF_THE_ROUND, NoiseReason, Partition, partition_of
from helploop.clustering.rounds import count_anew, make_round
from helploop.clustering.searches import cluster
from helploop.clustering.splitting import propose_parts
from helploop.clustering.wordings import find_lost

__all__ = [
    "OF_THE_ROUND",
    "Agreement",
    "Bound",
    "Changes",
    "ClusteringOptions",
    "Conflict",
    "LedgerEntry",
    "NoiseReason",
    "Partition",
    "anchor",
    "bind",
    "cluster",
    "compare_rounds",
    "count_anew",
    "find_asleep",
    "find_lost",
    "inherit_ids",
    "make_round",
    "new_id",
    "partition_of",
    "propose_parts",
    "settings_hash",
    "settle",
]
