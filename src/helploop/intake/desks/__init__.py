"""Readers of the exports of help desks, forums and chats: their fields are known, no mapping is needed."""

from __future__ import annotations

from helploop.intake.desks import chatwoot, discourse, freshdesk, intercom, slack, zammad, zendesk
from helploop.intake.interface import Reader

__all__ = ["READERS"]

READERS: tuple[Reader, ...] = (
    zendesk.READER,
    freshdesk.READER,
    intercom.READER,
    chatwoot.READER,
    zammad.READER,
    discourse.READER,
    slack.READER,
)
