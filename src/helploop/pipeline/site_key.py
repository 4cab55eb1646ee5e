"""The site's secret: keys the hashes of customers, records and tombstones."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
from pathlib import Path

from helploop.config import Settings
from helploop.errors import HelploopError
from helploop.intake.values import as_person
from helploop.redaction import customer_key

_LENGTH = 32  # bytes
_KEY = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)


def site_key(settings: Settings) -> bytes:
    """32 bytes of .helploop/key. Made at the first call, 0600, never in git."""
    path = settings.state / "key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _make(path)
    key = path.read_bytes()
    if len(key) < _LENGTH:
        raise HelploopError(
            f"{path}: the site's key is damaged; restore it from a backup: all customers' keys hang on it"
        )
    return key


def _make(path: Path) -> None:
    """A new key, whole or not at all: a process killed meanwhile, or another at the same time, must not matter."""
    handle, temporary = tempfile.mkstemp(prefix=".key-", dir=path.parent)  # made 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_LENGTH))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(temporary, path)
    finally:
        Path(temporary).unlink()


def is_key(who: str) -> bool:
    """Whether it looks like the key of a customer, not like an address or a handle."""
    return _KEY.fullmatch(who.strip()) is not None


def keys_of(settings: Settings, who: str) -> tuple[str, ...]:
    """The keys that a mail address or a handle may stand for; a key of 16 hex digits stands for itself, too."""
    written = who.strip()
    if not written:
        raise HelploopError("name a customer: a mail address, a handle, or the key that `helploop inquiry` shows")
    read = (as_person(written)[0], written)  # as intake would read it, and as it stands
    keys = [customer_key(one, site_key(settings)) for one in dict.fromkeys(read) if one]
    return tuple(dict.fromkeys([written.lower(), *keys] if is_key(written) else keys))
