"""The daily salt of visitor hashes: what makes a visitor countable for a day and nobody afterwards."""

from __future__ import annotations

import os
import secrets
from datetime import date, datetime, timedelta
from pathlib import Path

from helploop.errors import StoreError


class DailySalt:
    """The salt of a day's visitor hashes: a file of mode 0600, deleted 48 hours after its day began.

    Without its salt nobody can tell any more which address a hash was made of (as Plausible does).
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first salt is, with mode 0700."""
        self._folder = folder
        self._known: dict[date, bytes] = {}

    def __call__(self, day: date) -> bytes:
        """32 bytes, the same all day. Raises StoreError when the file can neither be read nor made."""
        if day not in self._known:
            self._known[day] = self._read_or_make(day)
        return self._known[day]

    def purge(self, now: datetime) -> int:
        """Deletes the salts that are 48 hours old at `now` (aware UTC); how many. To be called now and then."""
        oldest = now.date() - timedelta(days=1)
        self._known = {day: salt for day, salt in self._known.items() if day >= oldest}
        gone = [path for path in sorted(self._folder.glob("salt-*")) if path.name < f"salt-{oldest}"]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def _read_or_make(self, day: date) -> bytes:
        path = self._folder / f"salt-{day}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # made beside and linked: a second collector sees a whole salt or none, and the first one wins
            beside = self._folder / f".new-{secrets.token_hex(8)}"
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
            try:
                os.link(beside, path)
            except FileExistsError:
                pass
            finally:
                beside.unlink()
            return path.read_bytes()
        except OSError as error:
            raise StoreError(f"{path}: the day's salt can be neither read nor made ({error.strerror})") from error
