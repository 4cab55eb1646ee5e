"""The MkDocs plugin: plain `mkdocs build` is as safe as `helploop build`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.helpsite.sites import make_site, make_text

ROOT = Path(__file__).resolve().parents[1]


def mkdocs(root: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Plain MkDocs on a site."""
    command = [sys.executable, "-m", "mkdocs", "build", "-d", str(root / "site"), *options]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", **environment}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_strict_build_is_refused_before_the_old_site_is_emptied(tmp_path: Path) -> None:
    """A problem is an error with file, line and rule, and the old site is still there."""
    root = make_site(tmp_path, {"track.md": make_text(review="draft")})
    (root / "site").mkdir()
    (root / "site/old.html").touch()
    run = mkdocs(root, "--strict")
    assert run.returncode == 1
    assert "kb/articles/track.md:4: review is draft" in run.stderr
    assert (root / "site/old.html").exists()


def test_pages_have_search_lists_and_order(tmp_path: Path) -> None:
    """The home page lists categories, a category's page its articles, in the order asked for, and search is ours."""
    files = {
        "b/index.md": "---\ntitle: B's & more\ndescription: About B.\norder: 1\n---\n\n# B\n",
        "a/index.md": "---\ntitle: A\n---\n\n# A\n",
        "a/one.md": make_text(id="one", title="One?"),
        **{f"b/{name}.md": make_text(id=name, title=name.capitalize()) for name in ("p", "q", "r", "s", "t")},
    }
    root = make_site(tmp_path, files)
    run = mkdocs(root, "--strict")
    assert run.returncode == 0, run.stderr
    home = (root / "site/index.html").read_text()
    assert re.findall(r'<strong><a href="([^"]*)">([^<]*)', home) == [("b/", "B&#x27;s &amp; more"), ("a/", "A")]
    assert '<a href="b/">1 more</a>' in home
    page = (root / "site/b/index.html").read_text()
    assert '<li><a href="t/">T</a></li>' in page
    config = re.search(r'id="__config"[^>]*>(\{.*?\})</script>', (root / "site/b/p/index.html").read_text())
    assert config is not None
    assert re.fullmatch(r"\.\./\.\./assets/helploop/search-worker\.\w+\.js", json.loads(config.group(1))["search"])
    assert len(json.loads((root / "site/search/search_index.json").read_text())["docs"]) == 0
    (index,) = (root / "site/assets/helploop").glob("index.*.json")
    assert "b/p/" in index.read_text()


HOSTILE = {
    "title.md": make_text(id="a", title="'</title><script>EVIL</script>'", description="'x\"><script>EVIL</script>'"),
    "meta.md": 'title: <script>EVIL</script>\ndescription: x"><script>EVIL</script>\n\nText.\n',
    "keys.md": make_text(id="c", template="EVIL", status="<script>EVIL</script>", tags="['<script>EVIL</script>']"),
    "body.md": make_text('<script>EVIL</script><img src=x onerror="EVIL()">\n\n[x](javascript:EVIL)', id="d"),
    "heading.md": make_text("# <img src=x onerror=EVIL>\n\n## a &lt;img src=x onerror=EVIL&gt;\n\nText.", id="e"),
    "image.md": make_text("![x](//evil.example/EVIL.png) ![x](https://evil.example/EVIL.png)", id="f"),
    "theme.md": make_text('<div id="__config">{"EVIL": 1}</div><div data-md-component="EVIL"></div>', id="g"),
    "draft.md": make_text("EVIL", id="h", review="draft"),
    "brackets.md": make_text("[" * 3000, id="j"),
    "x.svg": "<svg xmlns='http://www.w3.org/2000/svg'><script>EVIL</script></svg>",
    "x.html": "<script>EVIL</script>",
    "folder<b>/x.md": make_text(id="i"),
}


class _Reader(HTMLParser):
    """Notes what of a page would run, or be fetched, with EVIL in it."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []
        self._is_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_script = tag in {"script", "style"}
        for key, value in attrs:
            if key.startswith("on") or "evil" in key or (key in {"href", "src", "srcdoc"} and "EVIL" in (value or "")):
                self.runs.append(f"<{tag} {key}={value}>")

    def handle_endtag(self, tag: str) -> None:
        self._is_script = False

    def handle_data(self, data: str) -> None:
        if self._is_script and "EVIL" in data:
            self.runs.append(data)


def test_build_without_the_gate_publishes_nothing_that_runs(tmp_path: Path) -> None:
    """Somebody who builds without --strict gets warnings, and a site without what the gate refuses."""
    root = make_site(tmp_path, HOSTILE)
    run = mkdocs(root)
    assert run.returncode == 0, run.stderr
    assert run.stderr.count("WARNING") >= len(HOSTILE)
    site = root / "site"
    pages = {str(path.relative_to(site)): path.read_text() for path in sorted(site.rglob("*.html"))}
    assert not {"x.svg", "x.html", "draft/index.html", "keys/index.html", "meta/index.html"} & {
        str(path.relative_to(site)) for path in site.rglob("*")
    }
    for name, page in pages.items():
        reader = _Reader()
        reader.feed(page)
        assert reader.runs == [], name
        assert "evil.example" not in page, name
        assert page.count('id="__config"') == 1 or name.startswith("old"), name


def test_hostile_site_is_refused_by_name(tmp_path: Path) -> None:
    """In strict mode every hostile file is named."""
    run = mkdocs(make_site(tmp_path, HOSTILE), "--strict")
    assert run.returncode == 1
    for name in HOSTILE:
        assert f"kb/articles/{name}:" in run.stderr, name


def test_same_bytes_whatever_the_hash_seed_and_the_day(tmp_path: Path) -> None:
    """Plain MkDocs gives the same bytes with another hash seed, another folder and another date."""
    sites = []
    for number, epoch in (("1", "1000000000"), ("2", "1700000000")):
        folder = tmp_path / number
        folder.mkdir()
        root = make_site(folder, {"a/track.md": make_text(reviewed_at="2026-06-22"), "b/x.md": make_text(id="x")})
        run = mkdocs(root, "--strict", PYTHONHASHSEED=number, SOURCE_DATE_EPOCH=epoch)
        assert run.returncode == 0, run.stderr
        site = root / "site"
        sites.append({str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*") if path.is_file()})
    assert sites[0] == sites[1]


def test_wrong_option_is_named(tmp_path: Path) -> None:
    """An endpoint that is no text is a configuration error of the plugin."""
    root = make_site(tmp_path)
    text = (root / "mkdocs.yml").read_text().replace("  - helploop\n", "  - helploop:\n      endpoint: 5\n")
    (root / "mkdocs.yml").write_text(text)
    run = mkdocs(root, "--strict")
    assert run.returncode == 1
    assert "endpoint" in run.stderr


@pytest.mark.parametrize("endpoint", ["", "https://log.help.example/e"])
def test_events_are_sent_only_where_there_is_an_endpoint(tmp_path: Path, endpoint: str) -> None:
    """The script that sends search events is in the pages only when an endpoint is set."""
    root = make_site(tmp_path)
    text = (root / "mkdocs.yml").read_text().replace("  - helploop\n", f"  - helploop:\n      endpoint: '{endpoint}'\n")
    (root / "mkdocs.yml").write_text(text)
    assert mkdocs(root, "--strict").returncode == 0
    assert (f'data-endpoint="{endpoint}"' in (root / "site/index.html").read_text()) is bool(endpoint)
