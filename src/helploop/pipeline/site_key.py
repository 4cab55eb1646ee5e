"""The site's secret: keys the hashes of customers, records and tombstones."""

from __future__ import annotations

import os
import secrets

from helploop.config import Settings


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
