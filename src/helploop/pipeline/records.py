"""Looking at single records: inquiries, and where the members of a round came from."""

from __future__ import annotations

from helploop.config import Settings
from helploop.domain import Inquiry, InquiryId, Round
from helploop.errors import HelploopError
from helploop.store import Store


def find_inquiries(settings: Settings, words: str, limit: int) -> list[Inquiry]:
    """The newest inquiries with the words in them, at most `limit`."""
    with Store(settings.database) as store:
        return store.find_inquiries(words, limit)


def read_inquiry(settings: Settings, which: str) -> Inquiry:
    """One inquiry. Raises HelploopError when there is none of that id."""
    with Store(settings.database) as store:
        found = store.inquiries([InquiryId(which)])
    if not found:
        raise HelploopError(f"{which}: no such inquiry; `helploop inquiries` lists them")
    return found[0]


def sources(settings: Settings, made: Round) -> dict[str, dict[str, str]]:
    """Of each inquiry of a round, the source it came from and its id there."""
    wanted = [member for question in made.questions for member in question.members]
    with Store(settings.database) as store:
        rows = store.inquiries([*wanted, *made.noise])
    return {row.id: {"source": row.source, "source_id": row.source_id} for row in rows}
