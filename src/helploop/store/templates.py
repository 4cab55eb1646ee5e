"""Template lines in the database, and from how many inquiries of each source they were learned."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from helploop.domain import Side, TemplateLine, text_hash
from helploop.store.schema import template_lines


def read_lines(connection: Connection) -> list[TemplateLine]:
    """All lines, by source, side and line."""
    return [line for line in _rows(connection) if line.line]


def read_learned_from(connection: Connection) -> dict[str, int]:
    """How many inquiries each source had when its lines were last learned: the row with an empty line says it."""
    return {line.source: line.inquiries for line in _rows(connection) if not line.line}


def write_lines(connection: Connection, source: str, learned_from: int, lines: Sequence[TemplateLine]) -> None:
    """Replaces a source's lines."""
    connection.execute(delete(template_lines).where(template_lines.c.source == source))
    rows = [
        {
            "source": source,
            "side": line.side.value,
            "line_hash": text_hash(line.line),
            "line": line.line,
            "inquiries": line.inquiries,
        }
        for line in (*lines, TemplateLine(source, Side.CUSTOMER, "", learned_from))
    ]
    connection.execute(insert(template_lines), rows)


def _rows(connection: Connection) -> list[TemplateLine]:
    columns = template_lines.c
    query = select(template_lines).order_by(columns.source, columns.side, columns.line)
    return [
        TemplateLine(row.source, Side(row.side), row.line, row.inquiries) for row in connection.execute(query).all()
    ]
