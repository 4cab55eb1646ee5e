"""Addresses of people and machines: mail, IP, MAC, wallets of crypto money."""

from __future__ import annotations

import ipaddress
import re

from stdnum import bitcoin

from helploop.redaction.rules import Digits, Rule, Span

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w+][\w.+%'-]{0,63}(?:@|%40)(?:[\w-]{1,63}\.){1,6}(?:[^\W\d_]{2,24}|xn--[\w-]{2,59})(?![\w-])"
    r"|(?<![\w.+-])[\w.+-]{1,64}\s?[(\[]\s?(?:at|@)\s?[)\]]\s?[\w-]{1,63}"
    r"(?:\s?(?:\.|[(\[]\s?(?:dot|\.)\s?[)\]])\s?[a-z][\w-]{1,63}){1,4}",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_VERSION_CUE = re.compile(
    r"(?:\bv|\bversions?|\breleases?|\bbuild|\b(?:up|down)(?:dat|grad)\w{1,4}|\bfirmware|\bdriver|\bkernel|/)"
    r":?(?:\s(?:to|from|is|was|and|or|now|[\w.-]{0,20}\d[\w.-]{0,20}),?){0,4}\s{0,2}\Z",
    re.IGNORECASE,
)
_MAC = re.compile(
    r"(?<![\w:.-])(?:[0-9a-f]{2}:(?:[0-9a-f]{2}:){4}[0-9a-f]{2}|[0-9a-f]{2}-(?:[0-9a-f]{2}-){4}[0-9a-f]{2}"
    r"|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![\w:-]|\.\w)",
    re.IGNORECASE,
)
_MAC_CUE = re.compile(r"\bmac\b|address|adresse", re.IGNORECASE)
_WALLET = re.compile(r"(?<!\w)(?:0x[0-9a-fA-F]{40}|bc1[a-z0-9]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?!\w)")


def _ip(match: re.Match[str], home: str) -> Span | None:
    """A real address, and no version of four numbers."""
    try:
        address = ipaddress.ip_address(match[0])
    except ValueError:
        return None
    before = match.string[max(0, match.start() - 50) : match.start()]
    is_nobody = address.is_loopback or address.is_unspecified
    return None if is_nobody or _VERSION_CUE.search(before) else match.span()


def _mac(match: re.Match[str], home: str) -> Span | None:
    """Six pairs joined by colons; joined otherwise, they need a letter or a word that says what they are."""
    is_sure = ":" in match[0] or re.search("[a-fA-F]", match[0]) is not None
    before = match.string[max(0, match.start() - 30) : match.start()]
    return match.span() if is_sure or _MAC_CUE.search(before) else None


def _wallet(match: re.Match[str], home: str) -> Span | None:
    return match.span() if match[0].startswith("0x") or bitcoin.is_valid(match[0]) else None


EMAIL = Rule("email", _EMAIL, cues=("@", "%40", "(at)", "[at]", "( at )", "[ at ]"))
RULES = (
    Rule("mac", _MAC, _mac, digits=Digits.ONE, longest=14),
    Rule("ip", _IPV6, _ip, (":",)),
    Rule("ip", _IPV4, _ip, (".",), Digits.ONE),
    Rule("crypto-address", _WALLET, _wallet, digits=Digits.ONE, longest=26),
)
