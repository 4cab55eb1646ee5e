"""Texts that break programs (docs/measured.md, bad inputs: text 6): stored as what a reader would see, fast."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.intake.hostile import Taken, take

# Our own list, by the kinds of the big list of naughty strings; the list itself is read below where it is at hand.
NAUGHTY = (
    "undefined", "null", "None", "NaN", "true", "1e309", "-0", "0x7f", "1/0", "١٢٣", "½", "",
    "Ω≈ç√∫˜µ≤≥÷", "田中さんにあげて下さい", "ﷺ", "ɐnbᴉlɐ ɐuƃɐɯ", "ﬃ", "𝕿𝖍𝖊 𝖖𝖚𝖎𝖈𝖐", "👩🏽‍🚀", "🇺🇳🇺🇳", "¯\\_(ツ)_/¯",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "&lt;b&gt;", "<![CDATA[x]]>",
    "'; DROP TABLE inquiries; --", "\" OR 1=1 --", "`touch x`", "$(touch x)", "../../etc/passwd", "C:\\NUL", "%d%s%n",
    "{{ 7*7 }}", "{% raw %}", "{0.__class__}", "${jndi:ldap://x.example}", "-- ", "---\na: x\n---", "=1+1", "@SUM(A1)",
    "\x7f\x80\x9f", "a\u0000b", "\ufffe", "\u2028", "\u00a0", "\u00ad", "\r\n", "\t", "[b]x[/b]", "x" * 300,
)  # fmt: skip


def texts(folder: Path, *given: str) -> Taken:
    """Each text as a record, in order, between two plain ones."""
    rows = ["Where is the first box?", *given, "Where is the last box?"]
    records = ({"id": f"{number:06d}", "text": text} for number, text in enumerate(rows))
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    taken = take(folder, "in.jsonl", "".join(lines))
    assert taken.rows == () and (taken.texts[0], taken.texts[-1]) == (rows[0], rows[-1])
    return taken


def stays(folder: Path, given: str) -> list[str]:
    """What of one text is stored."""
    return texts(folder, given).texts[1:-1]


def test_naughty_strings(tmp_path: Path) -> None:
    """Every one is stored or, where nothing of it can be seen, blank; none reaches a shell, SQL or a format string."""
    taken = texts(tmp_path, *NAUGHTY)
    found = {inquiry.source_id: inquiry.text for inquiry in taken.inquiries}
    gone = [text for number, text in enumerate(NAUGHTY, 1) if f"{number:06d}" not in found]
    assert gone == ["", "\x7f\x80\x9f", "\ufffe", "\u2028", "\u00a0", "\u00ad", "\r\n", "\t"]
    plain = {text for text in NAUGHTY if text.isprintable() and text.strip() == text and not set(text) & set("<&")}
    assert plain - set(found.values()) == {""}


def test_naughty_strings_of_the_public_list(tmp_path: Path, data_dir: Path) -> None:
    """All 515 of them, as texts, titles, customers and replies."""
    strings = json.loads((data_dir / "hostile" / "blns" / "blns.json").read_text("utf-8"))
    assert texts(tmp_path, *strings).counts["read"] == len(strings) + 2
    (tmp_path / "all").mkdir()
    rows = [{"text": "Where is it?", "title": s, "customer": s, "tags": [s], "replies": [{"text": s}]} for s in strings]
    taken = take(tmp_path / "all", "in.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert taken.counts["read"] == len(strings) and taken.rows == ()


def test_zalgo(tmp_path: Path) -> None:
    """A letter keeps the few marks that languages need, not hundreds."""
    marks = "".join(map(chr, range(0x300, 0x360)))
    (found,) = stays(tmp_path, "".join(letter + marks for letter in "where is it") + "?")
    assert len(found) < 50 and found[0] == "w" and found[-1] == "?"


def test_bidi_override(tmp_path: Path) -> None:
    """What turns text round is dropped; Arabic and Hebrew stay as they are."""
    assert stays(tmp_path, "Open \u202egnp.exe\u202c or \u2066this\u2069, please? שלום") == [
        "Open gnp.exe or this, please? שלום"
    ]


def test_zero_width(tmp_path: Path) -> None:
    """Letters kept apart by nothing are one word again."""
    assert stays(tmp_path, "wh\u200bere is\ufeff m\u2060y p\u200darcel\u00ad?") == ["where is my parcel?"]


def test_a_million_emoji(tmp_path: Path) -> None:
    """The text is cut at 20,000 characters, within seconds."""
    (found,) = stays(tmp_path, "Help 😭" + "😭" * 1_000_000)
    assert found.startswith("Help 😭") and len(found) <= 20_000


@pytest.mark.parametrize("text", ["", " ", "\n\t \u00a0", "\u200b\ufeff", "\u3000", "\u202e\u202c", "\x00"])
def test_blank(tmp_path: Path, text: str) -> None:
    """Nothing to see is counted as blank, not stored."""
    taken = texts(tmp_path, text)
    assert len(taken.texts) == 2 and taken.counts["ignored"] == {"blank": 1}
