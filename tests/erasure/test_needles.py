"""What is looked for: in every form helploop writes, with odd characters, alone and not within other names."""

from __future__ import annotations

import html
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helploop.articles import escape, safe_value
from helploop.erasure import Needle, Needles, What, names, pieces
from tests.timing import assert_linear

TEXT = (
    'My "green" parrot café – it’s in\tthe <order-number>; can\'t get\n'
    "the tangerine drawer open since Monday (3-5 days)."
)


def _find(needles: Needles, data: bytes) -> list[str]:
    return [data[hit.start : hit.end].decode("utf-8", "replace") for hit in needles.find(data)]


@pytest.mark.parametrize(
    "written",
    [
        TEXT.encode(),
        TEXT.upper().encode(),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        json.dumps({"text": TEXT}).encode(),
        json.dumps({"text": TEXT}, ensure_ascii=False).encode(),
        json.dumps({"row": json.dumps({"text": TEXT})}).encode(),
        json.dumps({"row": json.dumps({"text": TEXT}, ensure_ascii=False)}).encode(),
        html.escape(TEXT).encode(),
        escape(TEXT).encode(),
        safe_value(TEXT).encode(),
        " ".join(TEXT.split()).encode(),
        TEXT[30:75].encode(),  # a part of it
    ],
)
def test_words_are_found_in_every_form(written: bytes) -> None:
    """As text, in JSON and JSON within JSON, escaped for pages, in another case, and in part."""
    needles = Needles(pieces([TEXT], What.WORDS))
    assert next(needles.find(b"\x01before " + written + b" after\xff", is_text=False), None) is not None
    assert next(needles.find(b"My green parrot, the tangerine drawer"), None) is None


def test_every_copy_of_forty_characters_is_found() -> None:
    """Wherever it begins in a long line."""
    line = " ".join(f"word{number} of a long story" for number in range(60))
    needles = Needles(pieces([line], What.WORDS))
    for start in range(len(line) - 40):
        assert needles.are_in(line[start : start + 40]), start


@pytest.mark.parametrize(
    "text", ["It works", "Thanks a lot!", "<email> <phone-2> <order-number>", "123 456 789 012 345 678"]
)
def test_what_anybody_writes_is_no_trace(text: str) -> None:
    """Short sentences, placeholders and figures tell nobody."""
    assert pieces([text], What.WORDS) == ()


@pytest.mark.parametrize(
    ("name", "text", "is_there"),
    [
        ("ann@mail.example", "from ann@mail.example.", True),
        ("ann@mail.example", "from ANN@Mail.Example", True),
        ("ann@mail.example", "from joann@mail.example", False),
        ("ann@mail.example", "from mary-ann@mail.example", False),
        ("ann@mail.example", '{"t":"me:\\nann@mail.example"}', True),
        ("ann@mail.example", "a%20ann%40mail.example", True),
        ("anna", "Anna wrote", True),
        ("anna", "Annapolis", False),
        ("anna", '{"t":"\\u201canna\\u201d"}', True),
        ("anna", "“anna”", True),
        ("Zoë Müller", "for ZOE\u0308 MU\u0308LLER", True),
        ("81234", "id 81234", True),
        ("81234", "id 812345", False),
    ],
)
def test_names_count_where_they_stand_alone(name: str, text: str, is_there: bool) -> None:
    """Any case and normal form; not as a part of another name."""
    assert Needles(names([name])).are_in(text) is is_there


def test_names_too_short_to_tell_anybody_are_not_looked_for() -> None:
    """Three letters or four digits stand everywhere."""
    assert names(["ann", "1234", " ", "ann@m.example"]) == (Needle(What.NAME, "ann@m.example"),)


def test_short_handle_is_not_looked_for_in_raw_bytes() -> None:
    """There it would be found by chance; rows are looked at one by one."""
    needles = Needles(names(["anna", "ann@mail.example"]))
    assert [hit.needle.text for hit in needles.find(b"\0annapolis\0ann@mail.examplee", is_text=False)] == [
        "ann@mail.example"
    ]


def test_mask_leaves_the_rest_and_valid_json() -> None:
    """Placeholders for names, in any case, also right behind an escape; other people's names stay."""
    needles = Needles(names(["ann@mail.example", "anna_77"]))
    text = json.dumps({"t": "I am\nANNA_77 (ann@mail.example), not joann@mail.example"})
    assert json.loads(needles.mask(text)) == {"t": "I am\n<name> (<email>), not joann@mail.example"}


@settings(deadline=None)
@given(st.text(min_size=5, max_size=40), st.text(max_size=20))
def test_any_name_is_found_and_masked(name: str, around: str) -> None:
    """Whatever characters a name has: what is masked holds it no more, and nothing fails."""
    needles = Needles(names([name]))
    if not len(needles):
        return
    written = " ".join(name.split())
    text = f"{around} ({written}) {around}"
    assert needles.are_in(f"({written})")
    masked = needles.mask(f"({written})")
    assert masked in {"(<name>)", "(<email>)"}
    assert isinstance(needles.mask(text), str)
    assert json.loads(needles.mask(json.dumps([f"({written})"], ensure_ascii=False))) == [masked]


def test_search_is_linear() -> None:
    """20 kB of the worst case in well under a second: overlapping pieces and escapes without end."""
    needles = Needles([*names(["a@a.example"]), *pieces(["ab" * 400], What.WORDS)])
    for probe in ("\\n" * 10_000, "a@a.example" * 2_000, "ab" * 10_000, "\\u0041" * 3_000):
        assert_linear(lambda text: list(needles.find(text.encode())), probe, 1.0)


def test_names_like_words_of_helploops_own() -> None:
    """A word of its own is nobody's name; what stands within one is looked for as a word, not in raw bytes."""
    own = "CREATE TABLE inquiries (source_id)"
    assert names(["Source_Id", "inquiries"], own) == ()
    (part,) = names(["source_i"], own)
    needles = Needles([part])
    assert needles.are_in("from SOURCE_I.") and not needles.are_in("from source_id.")
    assert next(needles.find(b"\0source_i\0", is_text=False), None) is None
    assert next(Needles(names(["source_i"])).find(b"\0source_i\0", is_text=False), None) is not None
