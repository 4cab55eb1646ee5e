"""The site's key: made once, private, whole."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from helploop.config import Settings
from helploop.errors import HelploopError
from helploop.pipeline.site_key import site_key


def test_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    """32 bytes that stay; nothing else is left in the folder."""
    settings = Settings(root=tmp_path)
    key = site_key(settings)
    assert len(key) == 32 and site_key(settings) == key
    (path,) = settings.state.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_key_is_never_used(tmp_path: Path) -> None:
    """An empty one would let everybody guess who wrote; a new one would make every customer a stranger."""
    settings = Settings(root=tmp_path)
    site_key(settings)
    (settings.state / "key").write_bytes(b"")
    with pytest.raises(HelploopError, match="the site's key is damaged; restore it from a backup"):
        site_key(settings)
