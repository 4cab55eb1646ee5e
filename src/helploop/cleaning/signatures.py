"""Signatures: what stands under "-- ", what a device or an app adds, and contact lines that nothing announces."""

from __future__ import annotations

import re

_DELIMITER = re.compile(r"\s*(?:--|[—–]{1,20}|__)\s*\Z")
_ONLY_MARKS = re.compile(r"[\s\-_–—*#~=+.ᐧ]{1,200}\Z")
_DEVICE = re.compile(
    r"[(<\s\[]*(?:sent|someone|from my|gesendet|von meinem|diese nachricht wurde|envoyé|enviado|verzonden"
    r"|inviato|wysłan[eo]|skickat|sendt|get outlook|outlook für|holen sie sich outlook|obtenez outlook|obtener outlook"
    r"|obtenha o outlook|scarica outlook|pobierz (?:program )?outlook|hämta outlook|outlook voor|télécharger outlook"
    r"|從我的|get \[?outlook)(?:$|\W).{0,120}\Z"
    r"|sent (?:from|via) (?:the (?:contact )?form (?:on|at) )?https?://\S{1,200}\Z"
    r"|.{0,80}(?:gesendet|傳送|mit K-9 Mail gesendet)\.?\s*\Z",
    re.IGNORECASE,
)
_DEVICE_CUE = re.compile(
    r"iphone|ipad|ipod|phone|mobile|mobil|android|samsung|galaxy|htc|blackberry|outlook|mail|windows"
    r"|tablet|cell|device|handy|smartphone|airmail|yahoo|\bTI-|from my|mon |mijn|mein|my |傳送"
    r"|\bapp\b|https?://|pixel|huawei|xiaomi|courriel|proton",
    re.IGNORECASE,
)
_APP_FIELD = re.compile(
    r"(?:app(?:lication)?[ -]?version|version|build|device|model|gerät|appareil|dispositivo|os|platform|system|locale"
    r"|user[ -]?(?:id|agent)|language|sprache)\s?:\s?\S.{0,80}\Z",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?:\b(?:tel|fon|phone|mobile|mob|cell|fax|direct|office|telefon|handy|mobil|téléphone|tél|móvil|tlf|gsm|www)\b"
    r"|\A[tpmfewad][:.|]|\| ?[tpmfewad][:.]|[^\s@]{1,64}@[^\s@]{1,200}\.[a-z]{2,}|<email(?:-\d{1,3})?>"
    r"|<phone(?:-\d{1,3})?>"
    r"|(?:https?://|www\.)\S|\+\d{1,3}[ (./-]?\d|\b0\d{2,5}[ )/-]{1,2}\d{2,}[\d ]{2,})",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:(?:Prof|Dr|Mr|Mrs|Ms|Ing|Dipl|Mag|Herr|Frau|M|Mme)\.?(?:-[A-Z]\w{1,5}\.?)?\s){0,3}"
    r"[A-ZÀ-ÞŁŚŻŹĆ][\w'’.-]{1,20}(?:\s(?:de|van|von|der|den|la|le|da|dos|[A-ZÀ-ÞŁŚŻŹĆ][\w'’.-]{0,20})){1,4}"
    r"(?:\s?[|,(–-].{0,80})?\Z"
)
_SENTENCE = re.compile(r"[.!]\s+\S.*[.!]\s*\Z|\w{3,}[.!]\s*\Z")
_LINK_ROW = re.compile(
    r"\W{0,3}(?:\[(?:logo|cid:|image|facebook|linkedin|twitter|instagram|icon)[^\]]{0,80}\]|follow us\b|folgen sie uns"
    r"|suivez[- ]nous|síguenos|seguici|volg ons|we['’]re hiring|(?:facebook|linkedin|twitter|instagram|youtube)\b)",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[_]{20,80}\s*\Z")  # over the footer of a mailing list
_RULE_LINES = 5
_NO_DEVICE = re.compile(
    r"\b(?:is|are|was|were|but|because|and (?:i|it)|i)\b", re.IGNORECASE
)  # "Sent from my desk, is much easier"
_SIGNATURE_LINES = 25  # what stands under "--" and is longer is no signature
_BLOCK_LINES = 10  # contact lines in one block
_BLOCK_WIDTH = 90  # characters of a contact line


def strip_signature(text: str) -> str:
    """Without what stands under "-- ", without device lines and lines of marks at the end. Empty only when text is."""
    lines = _without_delimited(text.split("\n"))
    end = len(lines)
    while end and _is_added(lines[end - 1]):
        end -= 1
    if end and _APP_FIELD.match(lines[end - 1].strip()[:200]):
        end = _above_app_fields(lines, end)
    kept = lines[:end] if any(_is_said(line) for line in lines[:end]) else lines
    return "\n".join(kept).strip("\n")


def strip_contacts(text: str) -> str:
    """Without a block of contact lines at the end that starts with a name: nothing in it asks, one line gives a way.

    A block that a line ending in ":" announces ("Please send it to:") stays.
    """
    if "\n" not in text:
        return text
    lines = text.rstrip().split("\n")
    end = len(lines)
    while end and _is_link_row(lines[end - 1]):
        end -= 1
    is_contact_seen = end < len(lines) and any(line.strip() for line in lines[end:])
    while end:
        start = _block_start(lines, end)
        block = [line for line in lines[start:end] if line.strip()]
        has_contact = any(_CONTACT.search(line[:_BLOCK_WIDTH]) for line in block)
        if not start or not _is_contact_block(block, has_contact or is_contact_seen):
            break
        is_contact_seen = is_contact_seen or has_contact
        end = start
    while end and not lines[end - 1].strip():
        end -= 1
    kept = lines[:end]
    return "\n".join(kept) if end and not kept[-1].rstrip().endswith(":") else text


def _without_delimited(lines: list[str]) -> list[str]:
    last_question = max((at for at, line in enumerate(lines) if "?" in line), default=-1)
    is_above, is_asked = False, False
    left = sum(1 for line in lines if line.strip())
    for at, line in enumerate(lines):
        left -= bool(line.strip())
        if (
            is_above
            and left <= _SIGNATURE_LINES
            and (_DELIMITER.match(line[:50]) or (left <= _RULE_LINES and _RULE.match(line[:100])))
            and (is_asked or last_question < at)
        ):
            return lines[:at]
        is_above = is_above or _is_said(line)
        is_asked = is_asked or "?" in line
    return lines


def _above_app_fields(lines: list[str], end: int) -> int:
    """The line above "Sent via our app" and the fields under it; `end` where there is no such line."""
    at = end
    while at and (not lines[at - 1].strip() or _APP_FIELD.match(lines[at - 1].strip()[:200])):
        at -= 1
    if not at or not _is_device_line(lines[at - 1]):
        return end
    while at and _is_added(lines[at - 1]):
        at -= 1
    return at


def _is_added(line: str) -> bool:
    """Blank, a line of marks, or what a device adds."""
    return not line.strip() or _is_device_line(line) or _ONLY_MARKS.match(line[:250]) is not None


def _is_said(line: str) -> bool:
    return bool(line.strip()) and not _ONLY_MARKS.match(line[:250])


def _is_device_line(line: str) -> bool:
    seen = line.strip()
    return (
        len(seen) < 160
        and _DEVICE.match(seen) is not None
        and _DEVICE_CUE.search(seen) is not None
        and not _NO_DEVICE.search(seen)
    )


def _is_link_row(line: str) -> bool:
    return not line.strip() or (len(line) <= 200 and "?" not in line and _LINK_ROW.match(line) is not None)


def _block_start(lines: list[str], end: int) -> int:
    """The first line of the paragraph that ends before `end`, blank lines below it skipped."""
    at = end
    while at and not lines[at - 1].strip():
        at -= 1
    while at and lines[at - 1].strip() and end - at <= _BLOCK_LINES:
        at -= 1
    return at


def _is_contact_block(block: list[str], is_reachable: bool) -> bool:
    """Short lines, none of them a sentence or a question; a name first, or nothing but ways to reach somebody."""
    if not block or not is_reachable or len(block) > _BLOCK_LINES:
        return False
    if any(len(line) > _BLOCK_WIDTH or "?" in line or line.rstrip().endswith(":") for line in block):
        return False
    if all(_CONTACT.search(line) for line in block):
        return len(block) > 1
    return _NAME.match(block[0].strip()) is not None and not any(_SENTENCE.search(line) for line in block)
