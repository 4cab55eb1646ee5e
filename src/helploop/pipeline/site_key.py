"""The site's secret: keys the hashes of customers, records and tombstones."""

from __future__ import annotations

import os
import re
import secrets

from helploop.config import Settings
from helploop.errors import HelploopError
from helploop.intake.values import as_person
from helploop.redaction import customer_key

_KEY = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)


def site_key(settings: Settings) -> bytes:
    """32 bytes of .helploop/key. Made at the first call, 0600, never in git."""
    path = settings.state / "key"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
    except FileExistsError:
        pass  # another process was first
    return path.read_bytes()


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
