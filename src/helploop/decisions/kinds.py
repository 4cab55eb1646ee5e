"""People's words on the kind of single inquiries: kb/triage.jsonl, a line each. Ids only, never an inquiry's text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import msgspec

from helploop.articles import write_atomically
from helploop.domain import InquiryId, KindDecision
from helploop.errors import ArticleError

FILE = "triage.jsonl"

_ID = re.compile(r"[0-9a-f]{16}")
_MERGE_MARK = re.compile(r"(?:<{7}|\|{7}|={7}|>{7})(?: |$)")


def read_kinds(kb: Path) -> dict[InquiryId, KindDecision]:
    """The decisions of kb/triage.jsonl by inquiry; of two about one inquiry (after a git merge) the later holds.

    Raises:
        ArticleError: one line `file:line: what` for each bad line.
    """
    path = kb / FILE
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ArticleError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ArticleError(f"{path}: is not UTF-8: save it as UTF-8") from error
    found: list[KindDecision] = []
    mistakes: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(_decision(line))
        except ValueError as error:
            mistakes.append(f"{path}:{number}: {error}")
    if mistakes:
        raise ArticleError("\n".join(mistakes))
    return {decision.inquiry: decision for decision in sorted(found, key=lambda d: (d.inquiry, d.at, d.kind))}


def write_kinds(kb: Path, decisions: Mapping[InquiryId, KindDecision]) -> Path:
    """Writes all decisions, sorted by inquiry; the file goes with the last of them. Raises ArticleError."""
    path = kb / FILE
    if not decisions:
        path.unlink(missing_ok=True)
        return path
    rows = []
    for key in sorted(decisions):
        decision = decisions[key]
        row = {"inquiry": decision.inquiry, "kind": decision.kind.value, "at": decision.at.isoformat()}
        rows.append(msgspec.json.encode(row | ({"by": decision.by} if decision.by else {})))
    write_atomically(path, b"\n".join(rows) + b"\n")
    return path


def _decision(line: str) -> KindDecision:
    if _MERGE_MARK.match(line):
        raise ValueError("a git merge was left unsettled: keep both sides' lines and take out the marks")
    try:
        decision = msgspec.json.decode(line, type=KindDecision)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"is no decision ({error}); `helploop triage set` writes them") from error
    if not _ID.fullmatch(decision.inquiry):
        raise ValueError(f'"inquiry" must be an inquiry\'s id, not {decision.inquiry!r}')
    if decision.at.tzinfo is None:
        raise ValueError('"at" needs a zone, like 2026-07-06T12:00:00Z')
    return replace(decision, at=decision.at.astimezone(UTC))
