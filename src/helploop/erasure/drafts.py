"""Takes a customer out of kb/drafts: evidence, lines that nobody else stands behind, wordings that are theirs alone.

Generated lines go; a line that a person edited stays, marked as having lost its evidence: what somebody typed is never
lost. A draft and its .base are changed alike, so that the next merge finds them as it left them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from helploop.articles import write_atomically
from helploop.domain import InquiryId
from helploop.erasure.files import files_below

ERASED_MARK = "<!-- helploop: the evidence of this line was erased; check the line or take it out -->"
ERASED_TITLE = "(wording erased)"
_EVIDENCE = re.compile(r"(?<=<!-- evidence: )[^\n]*\n(?P<rows>(?:e:[^\n]*\n)*)")
_TAG = re.compile(r"<!-- e:(?P<key>[0-9a-f]+) (?P<count>\d+) (?:inquiry|inquiries),(?P<rest>[^>]*)-->")
_CONTRADICTS = re.compile(r" \*\*Contradicts:\*\* .*?(?= \*\*Contradicts:\*\* | <!-- e:)")
_LINE_OF = re.compile(r'^(?P<key>title|id): "?(?P<value>.*?)"?$', re.MULTILINE)
_ANSWERS = re.compile(r"^answers:\n  - \"?(?P<id>[\w-]+)", re.MULTILINE)


@dataclass(frozen=True)
class Theirs:
    """How to tell what is the customer's."""

    inquiries: Collection[InquiryId]
    are_words: Callable[[str], bool]  # whether a text holds words or names of theirs

    def are_in(self, text: str) -> bool:
        """Whether a file's text holds anything of them."""
        return any(inquiry in text for inquiry in self.inquiries) or self.are_words(text)


@dataclass
class _Change:
    """A draft's text on its way to being without them."""

    text: str
    counts: Counter[str] = field(default_factory=Counter)
    gone: set[str] = field(default_factory=set)  # keys of lines that nobody stands behind any more
    left: dict[str, int] = field(default_factory=dict)  # inquiries behind each other line
    is_title_theirs: bool = False


def erase_in_drafts(kb: Path, theirs: Theirs, *, dry_run: bool) -> Counter[str]:
    """Changes the drafts, their bases and the unsettled merges; how much of what: evidence, lines, wordings, files."""
    root, counts, done = kb / "drafts", Counter[str](), set[Path]()
    paths = [path for path in files_below(root) if path.suffix == ".md"]
    for path in paths:
        if ".base" in path.relative_to(root).parts or path.name.endswith(".new.md"):
            continue
        base = root / ".base" / f"{_value(path.read_text('utf-8', 'replace'), 'id') or path.stem}.md"
        counts += _erase_in_draft(path, base, theirs, dry_run)
        done |= {path, base}
    for path in paths:  # merges to be settled, and bases without a draft: `helploop draft` makes both again
        if path not in done and theirs.are_in(path.read_text("utf-8", "replace")):
            counts["files"] += 1
            if not dry_run:
                path.unlink()
    return counts


def _erase_in_draft(path: Path, base: Path, theirs: Theirs, dry_run: bool) -> Counter[str]:
    """One draft with its base, which may be missing: then all its lines count as edited."""
    text = path.read_text("utf-8", "replace")
    generated = base.read_text("utf-8", "replace") if base.is_file() else ""
    if not theirs.are_in(text + generated):
        return Counter()
    lines = frozenset(generated.splitlines())
    mine, before = _without_them(text, lines, theirs), _without_them(generated, lines, theirs)
    mine.counts["files"] += 1
    if dry_run:
        return mine.counts
    # the draft first: killed in between, the base still tells its generated lines when it runs again
    if text == generated and "<!-- e:" not in mine.text:
        path.unlink()
        base.unlink()
    elif mine.is_title_theirs and (question := _ANSWERS.search(text)):
        _write_renamed(path, base, question["id"], mine.text, before.text)
    else:
        write_atomically(path, mine.text.encode())
        if generated:
            write_atomically(base, before.text.encode())
    return mine.counts


def _write_renamed(path: Path, base: Path, name: str, text: str, generated: str) -> None:
    """A draft's id is made of its title: both change."""
    for old, new in ((path, text), (base, generated)):
        target = old.with_name(f"{name}.md")
        write_atomically(target, re.sub(r"(?m)^id: .*$", f'id: "{name}"', new, count=1).encode())
        if target != old:
            old.unlink()


def _without_them(text: str, generated: frozenset[str], theirs: Theirs) -> _Change:
    change = _Change(text)
    _drop_evidence(change, theirs)
    kept = [new for line in change.text.splitlines() if (new := _line(line, line in generated, change, theirs)) != "\0"]
    is_empty = [
        line == "aliases:" and not after.startswith("  - ") for line, after in zip(kept, [*kept[1:], ""], strict=True)
    ]
    change.text = "".join(line + "\n" for line, gone in zip(kept, is_empty, strict=True) if not gone)
    return change


def _drop_evidence(change: _Change, theirs: Theirs) -> None:
    """Their inquiries out of the table of evidence; whose rows are empty then, is gone."""
    found = _EVIDENCE.search(change.text)
    if found is None:
        return
    rows = []
    for row in found["rows"].splitlines():
        key, *evidence = row.split(" ")
        kept = [one for one in evidence if one.partition("#")[0] not in theirs.inquiries]
        change.counts["evidence"] += len(evidence) - len(kept)
        if kept or not evidence:
            rows.append(" ".join([key, *kept]) + "\n")
            change.left[key.removeprefix("e:")] = len({one.partition("#")[0] for one in kept})
        else:
            change.gone.add(key.removeprefix("e:"))
    change.text = change.text[: found.start("rows")] + "".join(rows) + change.text[found.end("rows") :]


def _line(line: str, is_generated: bool, change: _Change, theirs: Theirs) -> str:
    """The line as it may stay; NUL: it goes."""
    tag = _TAG.search(line)
    if tag and tag["key"] in change.gone:
        change.counts["lines"] += 1
        return "\0" if is_generated else line.replace(tag[0], ERASED_MARK)
    new = line
    if tag and is_generated:
        if any(f"e:{key}" in tag["rest"] for key in change.gone):
            new = _CONTRADICTS.sub("", new)
        count = change.left.get(tag["key"], int(tag["count"]))
        behind = f"<!-- e:{tag['key']} {count} {'inquiry' if count == 1 else 'inquiries'},{tag['rest']}-->"
        new = new.replace(tag[0], behind)
    if not is_generated or not theirs.are_words(new):
        return new
    change.counts["lines" if tag else "wordings"] += 1
    if line.startswith("title: "):
        change.is_title_theirs = True
        return f'title: "{ERASED_TITLE}"'
    return "\0"


def _value(text: str, key: str) -> str:
    return next((found["value"] for found in _LINE_OF.finditer(text) if found["key"] == key), "")
