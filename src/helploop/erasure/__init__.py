"""Erasing customers: what of them there may be, taking it out of files, proving by a search that nothing is left.

Reading order: places (where anything can be), needles (what is looked for), drafts and ledger (kb/), search,
tombstones, receipts. The database's part is store/erasing.py; pipeline/erasure.py joins both. What is promised, and
what is not, stands in docs/privacy.md.
"""

from helploop.erasure.drafts import ERASED_MARK, ERASED_TITLE, Theirs, erase_in_drafts
from helploop.erasure.files import alone, drop_rows, files_below
from helploop.erasure.ledger import NO_WORDING, erase_in_decisions, erase_in_ledger, erase_in_listed
from helploop.erasure.needles import Needle, Needles, What, names, pieces
from helploop.erasure.places import PLACES, Place, Treatment, is_leftover, place_of
from helploop.erasure.receipts import Receipt, is_telling, write_receipt
from helploop.erasure.search import Found, FoundInCommit, Searched, search_bytes, search_files, search_history
from helploop.erasure.tombstones import Tombstones

__all__ = [
    "ERASED_MARK",
    "ERASED_TITLE",
    "NO_WORDING",
    "PLACES",
    "Found",
    "FoundInCommit",
    "Needle",
    "Needles",
    "Place",
    "Receipt",
    "Searched",
    "Theirs",
    "Tombstones",
    "Treatment",
    "What",
    "alone",
    "drop_rows",
    "erase_in_decisions",
    "erase_in_drafts",
    "erase_in_ledger",
    "erase_in_listed",
    "files_below",
    "is_leftover",
    "is_telling",
    "names",
    "pieces",
    "place_of",
    "search_bytes",
    "search_files",
    "search_history",
    "write_receipt",
]
