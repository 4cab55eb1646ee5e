"""What redaction needs to know of the company."""

from __future__ import annotations

from dataclasses import dataclass

# Letters, a hyphen and digits, or what follows the word "order".
ORDER_NUMBER = (
    r"(?<![\w/\\.#=&?%:-])(?-i:[A-Z]{2,6}|[a-z]{2})[-–]\d{5,14}\b|\border (?:number |no\.? |id )?(#?\d{5,14})\b"
)


@dataclass(frozen=True)
class RedactionOptions:
    """What differs from company to company."""

    # A regular expression, matched without regard to case; where it has a group, that is masked, else all of it.
    order_number: str = ORDER_NUMBER
    own_addresses: tuple[str, ...] = ()  # "support@shop.example", "@shop.example": not personal, kept readable
    no_names: tuple[str, ...] = ()  # words that a model takes for names and that are none: "Gmail"


DEFAULTS = RedactionOptions()
