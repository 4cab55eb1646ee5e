"""Tombstones: who was forgotten, as keyed hashes that tell nobody who it was, so that no export brings them back."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from helploop.domain import InquiryId
from helploop.erasure.files import write_privately
from helploop.errors import StoreError

VERSION = 1
_DIGITS = 32


class Tombstones:
    """The forgotten of one site: keyed hashes of customer keys and of inquiry ids, in a file beside the database.

    Beside it, so that an older database file put in its place does not bring anybody back. Without the site's key
    nobody can tell who is meant; with it one can only ask about somebody whose address is known already.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        """Reads the file; none is an empty one. Raises StoreError for a line that is no tombstone."""
        self._path = path
        self._key = key
        self._hashes: dict[str, str] = {}  # kind and hash -> day
        try:
            text = path.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return
        for number, line in enumerate(text.splitlines(), 1):
            try:
                row = json.loads(line)
                self._hashes[f"{row['kind']} {row['hash']}"] = str(row["on"])
            except (ValueError, TypeError, KeyError) as error:
                raise StoreError(
                    f"{path}:{number}: is no tombstone; take the file from a backup: without it a forgotten customer"
                    " may come back"
                ) from error

    def __len__(self) -> int:
        """How many there are."""
        return len(self._hashes)

    def customer_hash(self, customer_key: str) -> str:
        """What a tombstone and a receipt call a customer."""
        return self._hash("customer", customer_key)

    def add(self, customer_keys: Iterable[str], records: Iterable[InquiryId], on: date) -> int:
        """Writes tombstones for customers and for the records they had; how many are new. Whole or not at all."""
        wanted = [f"customer {self._hash('customer', key)}" for key in customer_keys if key]
        wanted += [f"record {self._hash('record', record)}" for record in records]
        new = [name for name in dict.fromkeys(wanted) if name not in self._hashes]
        if not new:
            return 0
        self._hashes |= dict.fromkeys(new, on.isoformat())
        self._write()
        return len(new)

    def lift(self, customer_keys: Iterable[str]) -> int:
        """Takes the tombstones of customers away, who come in again with what is new; their old records do not."""
        gone = {f"customer {self._hash('customer', key)}" for key in customer_keys} & self._hashes.keys()
        if gone:
            self._hashes = {name: day for name, day in self._hashes.items() if name not in gone}
            self._write()
        return len(gone)

    def _write(self) -> None:
        rows = [
            {"v": VERSION, "kind": kind, "hash": digest, "on": day}
            for (kind, digest), day in sorted((tuple(name.split(" ")), day) for name, day in self._hashes.items())
        ]
        write_privately(self._path, "".join(json.dumps(row) + "\n" for row in rows).encode())

    def holds_customer(self, customer_key: str) -> bool:
        """Whether a customer was forgotten."""
        return bool(self._hashes) and f"customer {self._hash('customer', customer_key)}" in self._hashes

    def holds_record(self, record: InquiryId) -> bool:
        """Whether a record belonged to somebody who was forgotten."""
        return bool(self._hashes) and f"record {self._hash('record', record)}" in self._hashes

    def _hash(self, kind: str, what: str) -> str:
        return hmac.new(self._key, f"forgotten\x00{kind}\x00{what}".encode(), "sha256").hexdigest()[:_DIGITS]
