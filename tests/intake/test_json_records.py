"""JSON objects are found whatever holds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from helploop.intake.json_records import list_prefix, read_objects

ONE, TWO = '{"id": 1, "text": "a"}', '{"id": 2, "text": "b"}'


@pytest.mark.parametrize(
    "content",
    [
        f"{ONE}\n{TWO}\n",
        f"[{ONE}, {TWO}]",
        f"[\n  {ONE},\n  {TWO}\n]\n",
        f'{{"tickets": [{ONE}, {TWO}], "count": 2, "next_page": null}}',
        f'{{"count": 2,\n "data": {{"meta": {{"page": 1}},\n "payload": [{ONE},\n {TWO}]}}}}',
        f'{{"tickets": [{ONE}]}}\n{{"tickets": [{TWO}]}}\n',
        '{\n "id": 1,\n "text": "a"\n}\n{\n "id": 2,\n "text": "b"\n}\n',
    ],
    ids=["lines", "array", "pretty array", "document", "nested document", "pages", "pretty objects"],
)
def test_two_records_in_any_shape(tmp_path: Path, content: str) -> None:
    """Lines, arrays, documents with a list inside, pages of those, and objects over several lines."""
    path = tmp_path / "in.json"
    path.write_text(content)
    assert [value for _line, value in read_objects(path)] == [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}]


def test_record_with_a_list_of_its_own_is_one_record(tmp_path: Path) -> None:
    """A conversation with its messages is not mistaken for a list of messages."""
    path = tmp_path / "in.json"
    path.write_text('{\n "id": 7,\n "messages": [{"text": "a"}, {"text": "b"}]\n}')
    assert [value for _line, value in read_objects(path)] == [{"id": 7, "messages": [{"text": "a"}, {"text": "b"}]}]


@pytest.mark.parametrize(
    "row", ['{"messages": [{"text": "a"}], "ref": "c1"}', '{"ref": "c1", "messages": [{"text": "a"}]}']
)
def test_lines_with_lists_inside_are_records(tmp_path: Path, row: str) -> None:
    """An object a line whose first key is a list, without an id: conversations, not messages."""
    path = tmp_path / "in.jsonl"
    path.write_text(f"{row}\n{row}\n")
    assert [value for _line, value in read_objects(path)] == [{"ref": "c1", "messages": [{"text": "a"}]}] * 2


def test_document_cut_off_says_how_far_it_was_read(tmp_path: Path) -> None:
    """What came before the cut is read, the rest is one reject."""
    path = tmp_path / "in.json"
    path.write_text('{"tickets": [' + ", ".join([ONE] * 3) + ', {"id": 4, "te')
    found = [value for _line, value in read_objects(path)]
    assert found[:3] == [{"id": 1, "text": "a"}] * 3
    assert str(found[3]).startswith("the document cannot be read after record 3")


def test_a_list_under_an_empty_key_is_part_of_a_record() -> None:
    """An export's key may be damaged to nothing: such a document is a record itself."""
    assert list_prefix('{"": [{"id": 1}]}') is None
