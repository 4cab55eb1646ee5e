"""The database: inquiries, vectors, rounds and search events behind one class. Takes nothing that is not redacted."""

from helploop.store.erasing import TABLES, Erasure, replies_of, texts_of
from helploop.store.finding import InquiryFilter, InquiryPage
from helploop.store.store import Outcome, Store

__all__ = ["TABLES", "Erasure", "InquiryFilter", "InquiryPage", "Outcome", "Store", "replies_of", "texts_of"]
