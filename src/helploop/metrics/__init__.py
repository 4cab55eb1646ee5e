"""Records of a period to figures that can be believed. Pure: figures() is the whole of it, the rest are its parts."""

from __future__ import annotations

from helploop.metrics.figures import MetricOptions, figures
from helploop.metrics.gaps import Gap, answered_questions, rank_gaps
from helploop.metrics.records import SITE_CHANNELS, Period, Week, distinct_customers, period_of, reply_hours, weekly

__all__ = [
    "SITE_CHANNELS",
    "Gap",
    "MetricOptions",
    "Period",
    "Week",
    "answered_questions",
    "distinct_customers",
    "figures",
    "period_of",
    "rank_gaps",
    "reply_hours",
    "weekly",
]
