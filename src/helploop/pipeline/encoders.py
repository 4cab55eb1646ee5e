"""The encoder that a site's settings name."""

from __future__ import annotations

from helploop.config import Settings
from helploop.embedding import Encoder, load_encoder


def site_encoder(settings: Settings, name: str = "") -> Encoder:
    """The site's encoder, or the named one computed as the site's is. Raises EncoderError when it cannot be loaded."""
    options = settings.encoder
    return load_encoder(name or options.name, backend=options.backend, kept_in=settings.state / "models")
