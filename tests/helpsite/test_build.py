"""The build: whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helploop.errors import BuildError
from helploop.helpsite import build as module
from helploop.helpsite.build import GateRefusedError, build, find_foreign_requests, find_site_mistakes, swap
from tests.helpsite.sites import MKDOCS, make_site, make_text


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a folder and its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_build_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    """A site is built, counted, replaced by the next build, and the same source gives the same bytes."""
    root = make_site(tmp_path, {"a/track.md": make_text(redirect_from="['old/']", reviewed_at="2026-06-22")})
    result = build(root)
    first = snapshot(result.out)
    assert (result.pages, result.articles, result.files, result.out) == (2, 1, len(first), root / "site")
    assert {"index.html", "a/track/index.html", "old/index.html", "sitemap.xml.gz"} <= set(first)
    assert b'url=../a/track/"' in first["old/index.html"]
    again = build(root, tmp_path / "elsewhere" / "site")
    assert snapshot(again.out) == first
    build(root)
    assert snapshot(result.out) == first
    assert sorted(path.name for path in tmp_path.iterdir() if "site" in path.name) == ["site"]


def test_gate_keeps_the_old_site(tmp_path: Path) -> None:
    """A problem stops the build before anything is built, and all problems are in the error."""
    root = make_site(tmp_path, {"track.md": make_text(review="draft", owner="")})
    (root / "site/assets").mkdir(parents=True)
    (root / "site/index.html").write_text("old")
    with pytest.raises(GateRefusedError) as error:
        build(root)
    assert [problem.rule for problem in error.value.problems] == ["owner", "not-approved"]
    assert (root / "site/index.html").read_text() == "old"


def test_article_that_breaks_a_template_is_named(tmp_path: Path) -> None:
    """When MkDocs fails on a page the error names its file, and the old site stands."""
    overrides = tmp_path / "overrides"
    overrides.mkdir()
    (overrides / "main.html").write_text(
        '{% extends "base.html" %}{% block content %}{{ 1 / (page.title | int) }}{% endblock %}'
    )
    root = make_site(
        tmp_path,
        {"index.md": "---\ntitle: '1'\n---\n\ntext\n", "track.md": make_text()},
        MKDOCS.replace("font: false", "font: false\n  custom_dir: overrides"),
    )
    with pytest.raises(BuildError, match=r"^kb/articles/track\.md: .*ZeroDivisionError.*the old site stands$"):
        build(root)
    assert not (root / "site").exists()
    assert not list(root.glob(".site*"))


def test_second_build_names_the_first(tmp_path: Path) -> None:
    """While a build runs another one is refused with the first one's process."""
    root = make_site(tmp_path)
    with module._lock(root), pytest.raises(BuildError, match=rf"is running \(process {os.getpid()}\)"):
        build(root)


def test_left_over_of_a_killed_build_is_cleared(tmp_path: Path) -> None:
    """The half-built folder of a killed build is gone after the next one."""
    root = make_site(tmp_path)
    (root / ".site.new-1").mkdir()
    build(root)
    assert not (root / ".site.new-1").exists()


@pytest.mark.parametrize("name", [".", "..", "kb/articles", "kb/out", "full"])
def test_build_never_replaces_what_is_no_site(tmp_path: Path, name: str) -> None:
    """The site's own folder, what is above it, kb and a folder of other things are refused as a target."""
    root = make_site(tmp_path)
    (root / "full").mkdir()
    (root / "full/letter.txt").touch()
    with pytest.raises(BuildError):
        build(root, root / name)


def test_swap_leaves_no_gap(tmp_path: Path) -> None:
    """Two folders change places; where there is no old one the new one moves in."""
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    swap(tmp_path / "new", tmp_path / "old")
    assert [(tmp_path / name / "file").read_text() for name in ("new", "old")] == ["old", "new"]
    swap(tmp_path / "new", tmp_path / "third")
    assert (tmp_path / "third/file").read_text() == "old"


def test_swap_on_a_file_system_that_cannot_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two renames do it then, and the old folder comes back when the second one fails."""
    monkeypatch.setattr(module, "_exchange", lambda one, other: False)
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    swap(tmp_path / "new", tmp_path / "old")
    assert [(tmp_path / name / "file").read_text() for name in ("new", "old")] == ["old", "new"]
    with pytest.raises(BuildError, match="the old one stands"):
        swap(tmp_path / "missing", tmp_path / "old")
    assert (tmp_path / "old/file").read_text() == "new"


def test_foreign_requests_are_found() -> None:
    """What a browser fetches from other hosts is found; links that wait for a click are not."""
    page = (
        '<link rel="canonical" href="https://help.example/"><a href="https://h.example">x</a><img src="a.png">'
        '<link rel=stylesheet href=//css.example/x><script src="https://js.example/x?a=1&amp;b"></script>'
        "<style>@import 'https://font.example/x';</style>"
    )
    assert find_foreign_requests(page) == ["//css.example/x", "https://js.example/x?a=1&b", "https://font.example/x"]


def test_site_that_is_not_whole_is_found(tmp_path: Path) -> None:
    """No home page, no index or an unreadable one are mistakes."""
    assert len(find_site_mistakes(tmp_path)) == 2
    (tmp_path / "index.html").touch()
    (tmp_path / "assets/helploop").mkdir(parents=True)
    (tmp_path / "assets/helploop/index.1.json").write_text("{")
    assert find_site_mistakes(tmp_path) == ["its search index index.1.json cannot be read"]


def test_gate_and_build_start_without_the_encoder() -> None:
    """Checking and building import neither torch nor anything else of the model."""
    code = (
        "import sys, helploop.helpsite.build, helploop.mkdocs_plugin, helploop.articles;"
        "print([name for name in ('torch', 'sentence_transformers', 'sklearn', 'sqlalchemy') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
