"""Excel workbooks (.xlsx, .xlsm): the first sheet that holds a log, without opening what could blow up."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from helploop.errors import IntakeError
from helploop.intake.interface import Row, Table
from helploop.intake.mapping import Mapping
from helploop.intake.sample import Sample
from helploop.intake.tables import header_names, is_understood, table_reader

# Of a workbook's parts. A sheet packs 5 to 15 times; a bomb 1,000 times.
_PARTS = 10_000
_RATIO = 100  # a part above _SMALL may unpack to this many times its packed size
_SMALL = 50_000_000  # bytes
_STRINGS_CAP = 400_000_000  # bytes of shared strings: they are held in memory
_ROWS, _COLUMNS = 1_048_576, 1_000  # Excel's own limit of rows; columns looked at
_HEADER_ROWS = 30  # a header stands among the first rows that hold anything
_BATCH = 500  # rows read at a time, with the library's warnings held back
_ERRORS = frozenset("#N/A #REF! #VALUE! #DIV/0! #NAME? #NULL! #NUM! #SPILL! #CALC! #GETTING_DATA".split())  # noqa: SIM905
# What the library raises for a damaged workbook. SyntaxError: both XML parsers' errors are kinds of it.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    OverflowError,
)


def _open(path: Path, mapping: Mapping | None) -> Table:
    import openpyxl  # noqa: PLC0415  slow to load

    _check_parts(path)
    try:
        with warnings.catch_warnings(action="ignore"):  # styles and validations that the library leaves out
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        found = [(sheet, *header) for sheet in _sheets(book) if (header := _header(book, sheet)) is not None]
    except _DAMAGE as error:
        raise IntakeError(f"{path}: the workbook is damaged ({_said(error)}); save it again, or as CSV") from error
    if not found:
        raise IntakeError(f"{path}: no sheet has a header line of column names")
    fitting = (one for one in found if is_understood([name for name in one[2] if name], mapping))
    sheet, line, names = next(fitting, found[0])
    names, twice = header_names(names)
    where = f"the header of {path.name}" + (f", sheet {sheet}" if len(book.sheetnames) > 1 else "")
    return Table(tuple(name for name in names if name), where, _rows(book, sheet, line, names), twice)


def _check_parts(path: Path) -> None:
    """Raises IntakeError for what must not be unpacked: bombs, entities, a password."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS:
                raise IntakeError(f"{path}: the workbook has {len(parts):,} parts; this looks like a zip bomb")
            for part in parts:
                if part.file_size > max(_SMALL, _RATIO * part.compress_size):
                    raise IntakeError(
                        f"{path}: {part.filename[:80]} unpacks to {part.file_size:,} bytes; this looks like a zip bomb"
                    )
                if part.filename.endswith("sharedStrings.xml") and part.file_size > _STRINGS_CAP:
                    raise IntakeError(f"{path}: too much text for a workbook to be read; save it as CSV")
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as file:
                        head = file.read(4096).replace(b"\x00", b"")  # UTF-16 is allowed, too
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise IntakeError(f"{path}: {part.filename[:80]} declares XML entities; no spreadsheet does")
    except _DAMAGE as error:
        raise IntakeError(f"{path}: the workbook is damaged or locked ({_said(error)}); save it again") from error


def _sheets(book: Any) -> list[str]:
    visible = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return visible or [sheet.title for sheet in book.worksheets]


def _header(book: Any, sheet: str) -> tuple[int, list[str]] | None:
    """The row number and the names of the header: the first row of texts that is about as wide as the sheet.

    Lines of a title above it are passed over. Of a header of two rows the lower one counts, and names that are blank
    there, because their cells are merged with the ones above, come from the upper one. None when the sheet is empty.
    """
    top = list(islice(_filled(book, sheet), _HEADER_ROWS))
    width = max((_count(cells) for _, cells in top), default=0)
    for (line, cells), (next_line, below) in pairwise([*top, (0, ())]):
        if _is_header(cells, width):
            if next_line == line + 1 and _is_header(below, width) and _fills_gaps(cells, below):
                return next_line, _names(below, cells)
            return line, _names(cells, ())
    return None


def _is_header(cells: tuple[Any, ...], width: int) -> bool:
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    return 0 < len(texts) == _count(cells) and len(texts) * 2 >= width


def _fills_gaps(upper: tuple[Any, ...], lower: tuple[Any, ...]) -> bool:
    """Whether the upper row has group names over several columns each, and the lower one the columns' own."""
    last = max(i for i, cell in enumerate(lower) if cell not in (None, ""))
    gaps = [i for i in range(1, last + 1) if upper[i] in (None, "")]
    return bool(gaps) and all(lower[i] not in (None, "") for i in gaps)


def _names(cells: tuple[Any, ...], above: tuple[Any, ...]) -> list[str]:
    names = [" ".join(str(cell or "").split()) for cell in cells]
    for i, cell in enumerate(above):
        names[i] = names[i] or " ".join(str(cell or "").split())
    while not names[-1]:
        names.pop()
    return names


def _filled(book: Any, sheet: str, columns: int = _COLUMNS, after: int = 0) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Row number and cells of the rows that hold anything. A sheet's word for its own size is not believed."""
    page = book[sheet]
    page.reset_dimensions()
    cells = page.iter_rows(min_row=after + 1, max_row=_ROWS, max_col=columns, values_only=True)
    numbered = enumerate(cells, after + 1)
    blank = None  # a million missing rows are one object
    while True:
        with warnings.catch_warnings(action="ignore"):  # dates out of range: the cell becomes #VALUE!
            batch = list(islice(numbered, _BATCH))
        if not batch:
            return
        for line, row in batch:
            if row is blank:
                continue
            if any(cell not in (None, "") for cell in row):
                yield line, row
            else:
                blank = row


def _rows(book: Any, sheet: str, header: int, names: list[str]) -> Iterator[Row]:
    line = header
    try:
        for line, cells in _filled(book, sheet, len(names), header):
            yield Row(line, {name: _value(cell) for name, cell in zip(names, cells, strict=False) if name})
    except _DAMAGE as error:
        yield Row(line + 1, None, "", f"the sheet cannot be read after row {line}: {_said(error)}")
    finally:
        book.close()


def _value(cell: Any) -> Any:
    """A cell as the other formats have it: whole numbers without ".0", errors as nothing, times as they are."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, str):
        return None if cell in _ERRORS else cell
    if isinstance(cell, timedelta):
        return round(cell.total_seconds() / 60, 2)  # a duration: minutes
    if isinstance(cell, time):
        return cell.isoformat()
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001  naive counts as UTC, see times.py
    return cell


def _count(cells: tuple[Any, ...]) -> int:
    return sum(cell not in (None, "") for cell in cells)


def _said(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _recognises(sample: Sample) -> bool:
    return "xl/workbook.xml" in sample.members


READER = table_reader("xlsx", "a workbook with a header line of column names", _recognises, _open)
