"""Takes a customer out of the lists of ids and decisions: ids, and wordings that are theirs alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from helploop.articles import write_atomically
from helploop.decisions import read_ledger
from helploop.domain import QuestionId
from helploop.erasure.drafts import Theirs
from helploop.errors import ArticleError
from helploop.outbox import read_listed

NO_WORDING = "(no wording)"  # as a question without one is called in a round
ERASED_REASON = "(erased)"


def erase_in_ledger(kb: Path, theirs: Theirs, labels: Mapping[QuestionId, str], *, dry_run: bool) -> Counter[str]:
    """Member ids go, and with the last of them the question; labels in their words become those given, or none."""
    counts: Counter[str] = Counter()
    kept = []
    for entry in read_ledger(kb):
        members = [member for member in entry["members"] if member not in theirs.inquiries]
        counts["ids"] += len(entry["members"]) - len(members)
        if entry["members"] and not members:
            counts["questions"] += 1
            continue
        label = entry["label"]
        if theirs.are_words(label):
            counts["wordings"] += 1
            label = labels.get(QuestionId(entry["id"]), NO_WORDING)
        kept.append({**entry, "label": label, "members": members})
    if counts.total() and not dry_run:
        lines = [json.dumps(entry, ensure_ascii=False) + "\n" for entry in kept]
        write_atomically(kb / "questions.jsonl", "".join(lines).encode("utf-8", "replace"))
    return +counts


def erase_in_decisions(kb: Path, theirs: Theirs, *, dry_run: bool) -> Counter[str]:
    """Their inquiries' ids go; a name in their words is taken back; a reason that holds any is replaced.

    The decision stays in force, for the inquiries of others that it names.
    """
    counts: Counter[str] = Counter()
    for path in sorted((kb / "decisions").glob("*.toml")):
        text = path.read_text("utf-8", "replace")
        if not theirs.are_in(text):
            continue
        try:
            document = tomlkit.parse(text)
        except TOMLKitError as error:
            raise ArticleError(f"{path}: is not valid TOML, mend it first: {error}") from error
        for kind, table in list(document.items()):
            if not isinstance(table, dict):
                continue  # no decision of ours: the search will tell
            label = table.get("label")
            if isinstance(label, str) and theirs.are_in(label):
                counts["texts"] += 1
                document.remove(kind)
            else:
                counts += _erase_in_table(table, theirs)
        if not dry_run:
            new = tomlkit.dumps(document)
            if list(document):
                write_atomically(path, new.encode())
            else:
                path.unlink()
    return +counts


def _erase_in_table(table: MutableMapping[str, Any], theirs: Theirs) -> Counter[str]:
    """Texts and ids in a table and in those below it."""
    counts: Counter[str] = Counter()
    for key, value in list(table.items()):
        if isinstance(value, MutableMapping):
            counts += _erase_in_table(value, theirs)
        elif isinstance(value, list):
            kept = [one for one in value if one not in theirs.inquiries]
            counts["ids"] += len(value) - len(kept)
            if len(kept) < len(value):
                lines = tomlkit.array()
                lines.extend(kept)
                table[key] = lines.multiline(True)
        elif isinstance(value, str) and theirs.are_in(value):
            counts["texts"] += 1
            table[key] = ERASED_REASON
    return counts


def erase_in_listed(path: Path, theirs: Theirs, *, dry_run: bool) -> int:
    """Ids out of the outbox's listed.json, which only has ids and days; how many."""
    if not path.is_file():
        return 0
    read_listed(path.parent)  # raises where it is damaged
    shape = json.loads(path.read_bytes())
    kept = {key: at for key, at in shape["first_at"].items() if key not in theirs.inquiries}
    gone = len(shape["first_at"]) - len(kept)
    if gone and not dry_run:
        write_atomically(path, json.dumps({**shape, "first_at": kept}, indent=1).encode() + b"\n")
    return gone
