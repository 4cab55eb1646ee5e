"""`helploop forget`: a customer goes from the database, from files and from kb/; a search proves it; a tombstone stays.

The order makes it safe to be killed: the tombstone first (from then on nothing of them comes in), then the files, whose
traces the database knows, then the database in one transaction, then its freed bytes. Running it again ends the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from helploop import __version__
from helploop.articles import read_articles
from helploop.clustering import count_anew
from helploop.config import Settings
from helploop.domain import Inquiry, InquiryId, Question, QuestionId, RawInquiry
from helploop.erasure import (
    Found,
    Needle,
    Needles,
    Receipt,
    Theirs,
    Tombstones,
    Treatment,
    What,
    alone,
    drop_rows,
    erase_in_decisions,
    erase_in_drafts,
    erase_in_ledger,
    erase_in_listed,
    files_below,
    is_leftover,
    is_telling,
    names,
    pieces,
    place_of,
    search_bytes,
    search_files,
    search_history,
    write_receipt,
)
from helploop.errors import ArticleError
from helploop.intake import Quarantine
from helploop.intake.values import as_person
from helploop.matching import article_texts
from helploop.pipeline.progress import Progress, silent
from helploop.pipeline.site_key import is_key, keys_of, site_key
from helploop.redaction import customer_key
from helploop.store import Erasure, InquiryFilter, Store, replies_of, texts_of

TOMBSTONES = "forgotten.jsonl"
LOCK = "erasing.lock"
UNDER_WAY = "erasing"  # stands while the database may hold bytes of what was deleted
MOST_OTHERS = 5  # a handle that stands in more inquiries of others is an ordinary word: it tells nobody
_ALL = 10_000_000  # inquiries of one customer: no page, all of them
_MAIL = re.compile(r"[^\s@<>\"'(),;:\[\]\\]+@[^\s@<>\"'(),;:\[\]\\]+\.[^\W\d_]{2,}")


@dataclass(frozen=True)
class Forgotten:
    """What came of it; a dry run changed nothing and has no receipt."""

    receipt: Receipt
    path: Path | None
    inquiries: int
    other_keys: tuple[str, ...]  # by which another system knows their conversations: perhaps the same person

    def as_json(self) -> dict[str, object]:
        """The documented shape: the receipt's, and where it is."""
        return {
            **self.receipt.as_json(),
            "dry_run": self.path is None,
            "receipt": str(self.path) if self.path else None,
            "other_keys": self.other_keys,
        }


def forget(
    settings: Settings,
    who: Sequence[str],
    *,
    also: Sequence[str] = (),
    dry_run: bool = False,
    at: datetime | None = None,
    progress: Progress = silent,
) -> Forgotten:
    """Erases customers: each an address, a handle or a key. also: names of theirs, to be looked for as well.

    Raises HelploopError when it cannot be done; what was done then stays done, and running it again goes on.
    """
    keys = tuple(dict.fromkeys(key for one in who for key in keys_of(settings, one)))
    given = [part for one in (*who, *also) if not is_key(one) for part in (*as_person(one), one)]
    with alone(settings.state / LOCK), Store(settings.database) as store:
        rows = store.find_inquiries(InquiryFilter(customer_keys=keys), _ALL).rows
        return _Erasing(settings, store, rows, keys, given, at or datetime.now(UTC), progress).run(dry_run=dry_run)


def purge_forgotten(settings: Settings, *, at: datetime | None = None) -> int:
    """Removes again what a restored backup brought back of the forgotten; how many inquiries. Ends what was killed."""
    tombstones = read_tombstones(settings)
    under_way = settings.state / UNDER_WAY
    if not len(tombstones) and not under_way.exists():
        return 0
    with alone(settings.state / LOCK), Store(settings.database) as store:
        back = [
            (home, key)
            for one, home, key in store.customers_of_ids()
            if tombstones.holds_record(one) or (key and tombstones.holds_customer(key))
        ]
        if back:
            keys = sorted({key for _, key in back if key and tombstones.holds_customer(key)})
            rows = store.inquiries([home for home, _ in back])
            _Erasing(settings, store, rows, keys, (), at or datetime.now(UTC), silent).run(dry_run=False)
        elif under_way.exists():
            store.compact()
            under_way.unlink(missing_ok=True)
        return len({home for home, _ in back})


def lift_tombstones(settings: Settings, who: Sequence[str]) -> int:
    """Lets forgotten customers in again who write anew, by their own wish; how many. What they wrote then stays out."""
    keys = [key for one in who for key in keys_of(settings, one)]
    with alone(settings.state / LOCK):
        return Tombstones(settings.state / TOMBSTONES, site_key(settings)).lift(keys)


def read_tombstones(settings: Settings) -> Tombstones:
    """The site's tombstones; their file is made by the first `forget`."""
    path = settings.state / TOMBSTONES
    return Tombstones(path, site_key(settings) if path.exists() else b"")


def is_forgotten(raw: RawInquiry, record: InquiryId, tombstones: Tombstones, key: bytes) -> bool:
    """Whether a record must not come in: it was removed, or its customer was.

    A customer who is only an id of another system is told by the addresses that the record names.
    """
    if not len(tombstones):
        return False
    who = [raw.customer, *(name for name in raw.customer_names if "@" in name and "@" not in raw.customer)]
    return tombstones.holds_record(record) or any(
        tombstones.holds_customer(customer_key(name, key)) for name in who if name.strip()
    )


def names_forgotten(text: str, tombstones: Tombstones, key: bytes) -> bool:
    """Whether a row that could not be read names the address of somebody who was forgotten."""
    if not len(tombstones):
        return False
    return any(tombstones.holds_customer(customer_key(address, key)) for address in set(_MAIL.findall(text)))


class _Erasing:
    """One erasure, from what is known of the customers to the receipt."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        rows: Sequence[Inquiry],
        keys: Sequence[str],
        given: Sequence[str],
        at: datetime,
        progress: Progress,
    ) -> None:
        self._settings = settings
        self._store = store
        self._rows = rows
        self._keys = tuple(key for key in keys if key)
        self._at = at
        self._progress = progress
        self._others = _other_keys(store, {row.id for row in rows}, self._keys)
        self._ids = frozenset([row.id for row in rows]) | frozenset(store.other_ids([row.id for row in rows]))
        progress("looking for what is only theirs", 0, 0)
        self._needles = _needles(store, rows, self._ids, self._keys, given)
        self._unsearched = len({" ".join(one.split()) for one in given} - {""}) - len(self._needles.only(What.NAME))
        words = self._needles.only(What.NAME, What.WORDS, What.REPLY)
        self._theirs = Theirs(self._ids, words.are_in)
        self._words = words

    def run(self, *, dry_run: bool) -> Forgotten:
        """Does it, or counts what would be done."""
        settings, under_way = self._settings, self._settings.state / UNDER_WAY
        tombstones = Tombstones(settings.state / TOMBSTONES, site_key(settings))
        if not dry_run:
            tombstones.add(self._keys, sorted(self._ids), self._at.date())
            under_way.touch(mode=0o600)
        with Quarantine(settings.state / "quarantine").held():
            removed = self._files(dry_run=dry_run)
        removed += self._kb(dry_run=dry_run)
        self._progress("erasing in the database", 0, 0)
        tables = self._store.erase(self._erasure(), dry_run=dry_run)
        removed.update({f"database: {table}": count for table, count in tables.items()})
        is_compacted = dry_run or self._store.compact()
        if not dry_run:
            under_way.unlink(missing_ok=True)
        people = tuple(tombstones.customer_hash(key) for key in self._keys)
        receipt = self._search(people, removed, is_compacted)
        if dry_run:
            return Forgotten(receipt, None, len(self._rows), self._others)
        path = write_receipt(receipt, self._needles, settings.state / "receipts")
        return Forgotten(receipt, path, len(self._rows), self._others)

    def _files(self, *, dry_run: bool) -> Counter[str]:
        """Files that hold something of them, in a row or as a whole: machine state, lists, leftovers of killed runs."""
        removed: Counter[str] = Counter()
        root = self._settings.root
        for path in [*files_below(self._settings.state), *files_below(self._settings.kb)]:
            name = path.relative_to(root).as_posix()
            place = place_of(name)
            treatment = Treatment.WHOLE if is_leftover(name) else place.treatment if place else Treatment.NONE
            pattern = place.pattern if place else name
            if treatment is Treatment.ROWS:
                removed[pattern] += drop_rows(path, self._is_theirs, dry_run=dry_run)
            elif treatment is Treatment.WHOLE and self._is_theirs(path.read_bytes()):
                removed[pattern] += 1
                if not dry_run:
                    path.unlink()
        listed = self._settings.state / "outbox" / "listed.json"
        removed[".helploop/outbox/"] += erase_in_listed(listed, self._theirs, dry_run=dry_run)
        return +removed

    def _is_theirs(self, data: bytes) -> bool:
        return next(self._needles.find(data), None) is not None

    def _kb(self, *, dry_run: bool) -> Counter[str]:
        kb = self._settings.kb
        parts = {
            "kb/drafts": erase_in_drafts(kb, self._theirs, dry_run=dry_run),
            "kb/questions.jsonl": erase_in_ledger(kb, self._theirs, self._labels(), dry_run=dry_run),
            "kb/decisions": erase_in_decisions(kb, self._theirs, dry_run=dry_run),
        }
        return Counter({f"{place}: {what}": n for place, counts in parts.items() for what, n in counts.items() if n})

    def _labels(self) -> dict[QuestionId, str]:
        """New labels for the newest round's questions that are worded in their words."""
        made = self._store.load_round()
        labels = {}
        for question in made.questions if made else ():
            left = [member for member in question.members if member not in self._ids]
            if left and self._words.are_in(question.label):
                labels[question.id] = self._renew(question, self._store.inquiries(left)).label
        return labels

    def _renew(self, question: Question, left: Sequence[Inquiry]) -> Question:
        return count_anew(question, left, self._words.are_in)

    def _erasure(self) -> Erasure:
        try:
            articles = read_articles(self._settings.articles)
        except ArticleError:  # is the gate's business: an article that cannot be read keeps nobody from being forgotten
            articles = ()
        return Erasure(
            inquiries=self._ids,
            are_words=self._words.are_in,
            mask=self._needles.mask,
            renew=self._renew,
            kept_texts=[text for article in articles for text in article_texts(article)],
        )

    def _search(self, people: tuple[str, ...], removed: Counter[str], is_compacted: bool) -> Receipt:
        settings = self._settings
        self._progress("searching every file", 0, 0)
        folders = [settings.state, settings.kb, *settings.root.glob("site"), *settings.root.glob(".site.*")]
        folders += self._store.files()
        searched = search_files(settings.root, folders, self._needles, besides=[settings.state / "key"])
        found = [*searched.found, *self._rows_left(searched.found)]
        commits = search_history(settings.root, self._needles)
        telling = tuple(one for one in commits or () if is_telling(one))
        theirs = {one.commit for one in telling}
        state = _folder_of(settings.state, settings.root)
        is_people = [not one.file.startswith(state) and one.file.startswith(("kb/", "site/")) for one in found]
        return Receipt(
            at=self._at,
            version=__version__,
            people=people,
            is_known=bool(self._rows),
            removed=dict(sorted(removed.items())),
            left=tuple(one for one, quoted in zip(found, is_people, strict=True) if not quoted),
            quoted=tuple(one for one, quoted in zip(found, is_people, strict=True) if quoted),
            commits=telling,
            commits_with_ids=len({one.commit for one in commits or ()} - theirs),
            needles=len(self._needles),
            files=searched.files,
            bytes=searched.bytes,
            has_history=commits is not None,
            is_compacted=is_compacted,
            not_searched=self._unsearched,
        )

    def _rows_left(self, found: Iterable[Found]) -> list[Found]:
        """What rows still hold: short handles, which raw bytes cannot tell; all of it in a server's database."""
        seen = {one.what for one in found if one.file.endswith(".db")}
        left: list[Found] = []
        for number, (table, data) in enumerate(self._store.every_row()):
            left += search_bytes(data, f"database: {table}", self._needles, offset=number)
        return [one for one in left if one.what not in seen]


def _other_keys(store: Store, homes: Collection[InquiryId], keys: Collection[str]) -> tuple[str, ...]:
    """Keys that stand for the same conversations and have others, too: not erased, as two may have written the same."""
    known = store.customers_of_ids()
    linked = {key for _, home, key in known if home in homes} - {"", *keys}
    return tuple(sorted(linked & {key for _, home, key in known if home not in homes}))


def _needles(
    store: Store, rows: Sequence[Inquiry], ids: Collection[InquiryId], keys: Iterable[str], given: Iterable[str]
) -> Needles:
    """What to look for: names, keys, ids, and of texts what nobody else wrote."""
    texts = [text for row in rows for text in texts_of(row)]
    replies = [text for row in rows for text in replies_of(row)]
    told = Needles([*names(given, store.own_words()), *pieces(texts, What.WORDS), *pieces(replies, What.REPLY)])
    others: Counter[Needle] = Counter()
    for record in store.others_words(ids):
        others.update({hit.needle for hit in told.find(record)})
    kept = told.without(lambda needle: others[needle] > _most_others(needle))
    return Needles([*kept, *(Needle(What.KEY, key) for key in keys), *(Needle(What.ID, one) for one in sorted(ids))])


def _most_others(needle: Needle) -> int:
    if needle.what is not What.NAME:
        return 0
    return 10**9 if "@" in needle.text else MOST_OTHERS


def _folder_of(state: Path, root: Path) -> str:
    return state.relative_to(root).as_posix() + "/"
