"""Search events to misses: which queries the help site did not answer, how many people stood behind them, and why."""

from __future__ import annotations

from helploop.misses.finding import SOURCE, find_misses, may_form_question, to_inquiries
from helploop.misses.searches import MissOptions, normalise_query, words_of

__all__ = ["SOURCE", "MissOptions", "find_misses", "may_form_question", "normalise_query", "to_inquiries", "words_of"]
