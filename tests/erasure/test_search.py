"""The byte search: compressed files, ends of chunks, and every version that git still has."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest

from helploop.erasure import Found, Needles, What, names, pieces, search, search_files, search_history

WORDS = "The tangerine drawer will not open since the parrot came."
NEEDLES = Needles([*names(["ann@mail.example"]), *pieces([WORDS], What.WORDS)])


def _git(site: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Mara", "-c", "user.email=mara@kettlewren.example")
    done = subprocess.run(["git", *who, *arguments], cwd=site, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_finds_name_file_and_offset_and_near_ones_are_one(tmp_path: Path) -> None:
    """One find for a sentence, however many pieces of it are looked for; hidden and packed files are looked into."""
    (tmp_path / "a.txt").write_text(f"0123456789{WORDS} (ann@mail.example)")
    (tmp_path / ".hidden").write_bytes(b"nothing")
    (tmp_path / "report.gz").write_bytes(gzip.compress(b"<p>" + WORDS.encode() + b"</p>"))
    (tmp_path / "broken.gz").write_bytes(gzip.compress(b"x" * 1000)[:-20])
    searched = search_files(tmp_path, [tmp_path], NEEDLES)
    assert searched.files == 4
    assert searched.found == (
        Found("a.txt", 10, What.WORDS, len(WORDS)),
        Found("a.txt", 10 + len(WORDS) + 2, What.NAME, 16),
        Found("report.gz", 3, What.WORDS, len(WORDS)),
    )


@pytest.mark.parametrize("at", [0, 20, 63, 64, 65, 100, 127, 128])
def test_chunks_hide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """A name is found once wherever a chunk ends."""
    monkeypatch.setattr(search, "CHUNK", 64)
    (tmp_path / "f").write_bytes(b" " * at + b"ann@mail.example" + b" " * 100)
    found = search_files(tmp_path, [tmp_path], NEEDLES).found
    assert found == (Found("f", at, What.NAME, 16),)


def test_history_names_commits_branches_stashes_and_what_is_staged(tmp_path: Path) -> None:
    """Whatever a clone would still hold of kb/."""
    assert search_history(tmp_path, NEEDLES) is None
    file = tmp_path / "kb" / "articles" / "ä b.md"
    file.parent.mkdir(parents=True)
    _git(tmp_path, "init", "-q")
    assert search_history(tmp_path, NEEDLES) == ()
    file.write_text("fine")
    _git(tmp_path, "add", "kb")
    _git(tmp_path, "commit", "-qm", "one")
    file.write_text(WORDS)
    _git(tmp_path, "commit", "-qam", "two")
    two = _git(tmp_path, "rev-parse", "HEAD")
    file.write_text("fine again")
    _git(tmp_path, "commit", "-qam", "three")
    file.write_text("from ann@mail.example")
    _git(tmp_path, "add", "kb")
    found = search_history(tmp_path, NEEDLES)
    assert found is not None
    assert [(one.commit, one.file, one.what) for one in found] == [
        (two, "kb/articles/ä b.md", What.WORDS),
        ("index", "kb/articles/ä b.md", What.NAME),
    ]
    _git(tmp_path, "stash", "-q")
    stashed = search_history(tmp_path, NEEDLES)
    assert stashed is not None and {one.what for one in stashed} == {What.WORDS, What.NAME}
