"""What redaction needs to know of the company."""

from __future__ import annotations

from dataclasses import dataclass

from helploop.redaction import patterns


@dataclass(frozen=True)
class RedactionOptions:
    """What differs from company to company."""

    order_number: str = patterns.ORDER_NUMBER  # a regular expression, matched without regard to case
    own_addresses: tuple[str, ...] = ()  # "support@shop.example", "@shop.example": not personal, kept readable


DEFAULTS = RedactionOptions()
