"""The gate: what it refuses, where, and what it lets pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helploop.articles import import_articles, write_article
from helploop.domain import Article, Problem
from helploop.errors import ConfigError
from helploop.helpsite.check import check
from helploop.helpsite.contacts import allow_contacts, find_contacts, find_personal_data
from helploop.helpsite.policy import clean
from tests.helpsite.sites import MKDOCS, make_site, make_text

ROOT = Path(__file__).resolve().parents[2]


def found(root: Path) -> list[tuple[str, int, str]]:
    """(file, line, rule) of each problem."""
    return [(problem.file.removeprefix("kb/articles/"), problem.line, problem.rule) for problem in check(root)]


def test_sound_site_has_no_problems(tmp_path: Path) -> None:
    """A site that uses what Material offers passes: admonitions, tables, links, anchors, pictures, plain tags."""
    body = (
        '!!! warning "Mind"\n    Text.\n\n## Then\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n\n[up](../index.md)'
        " [here](#then)\n"
        "[url](../../other/)\n![A picture](shot.png){ width=300 }\n\nPress <kbd>Esc</kbd>. <!-- a note -->\n\n"
        "[b](https://h.example){ .md-button } `{{ code }}`"
    )
    root = make_site(tmp_path, {"a/track.md": make_text(body), "a/shot.png": "", "other.md": make_text(id="other")})
    assert check(root) == ()


def test_all_problems_come_at_once_and_sorted(tmp_path: Path) -> None:
    """Everything wrong in every file is told in one go, by file and line."""
    files = {
        "a.md": make_text(review="draft", owner=""),
        "b.md": make_text("text\n\n<script>alert(1)</script>", id="TRACK", titel="x"),
        "c.md": make_text("[x](none.md)", id="c", title="", reviewed_by=""),
        "d.txt": "x",
    }
    assert found(make_site(tmp_path, files)) == [
        ("a.md", 1, "owner"),
        ("a.md", 4, "not-approved"),
        ("b.md", 7, "unknown-key"),
        ("b.md", 12, "html"),
        ("c.md", 1, "title"),
        ("c.md", 7, "link"),
        ("d.txt", 1, "static-file"),
    ]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<script>alert(1)</script>", "html"),
        ("a <iframe src=x></iframe>", "html"),
        ("<style>body{}</style>", "html"),
        ('<b onclick="alert(1)">x</b>', "attribute"),
        ("[x](y.md){ onclick=alert(1) }", "attribute"),
        ("[x](javascript:alert(1))", "link"),
        ("[x](java&#10;script:alert(1))", "link"),
        ("[x](data:text/html,x)", "link"),
        ("[x](//evil.example/)", "link"),
        (r"[x](/\evil.example/)", "link"),
        ("[x](/absolute/)", "link"),
        ("[x](../../../etc/passwd)", "link"),
        ("![x](//evil.example/x.png)", "foreign-image"),
        ("![x](https://evil.example/x.png)", "foreign-image"),
        ("![x](data:image/png;base64,AAAA)", "foreign-image"),
        ("![x](none.png)", "image"),
        ("[x](#none)", "anchor"),
        ("## Title { #__search }", "attribute"),
        ('<div id="__config"></div>', "attribute"),
        ('<div class="md-overlay"></div>', "attribute"),
        ('<p style="position:fixed">x</p>', "attribute"),
        ('<pre class="mermaid">x</pre>', "attribute"),
        ('<form action="https://evil.example"><button>x</button></form>', "html"),
        ("<svg><script>alert(1)</script></svg>", "html"),
        ("<svg onload=alert(1)></svg>", "attribute"),
        ("<!--><script>alert(1)</script>-->", "html"),
        ("<math><mi>x</mi></math>", "html"),
        ('--8<-- ".env"', "snippet"),
        ("{{ config }}", "macro"),
        ("{% include 'x' %}", "macro"),
        ("Ask jane.doe@example.com", "personal-data"),
        ("Ask jane.doe&#64;example.com", "personal-data"),
        ("Ask jane.doe@**example**.com", "personal-data"),
        ("Card 4111 1111 1111 1111", "personal-data"),
        ("<!-- from jane.doe@example.com -->", "personal-data"),
        ("[" * 3000, "markdown"),
        ("", "empty"),
    ],
)
def test_hostile_or_broken_text_is_refused(tmp_path: Path, body: str, rule: str) -> None:
    """Each thing that may not be published is a problem of its rule, on its line."""
    root = make_site(tmp_path, {"track.md": make_text(f"First.\n\n{body}" if body else "")})
    problems = [(line, which) for name, line, which in found(root) if name == "track.md"]
    assert rule in {which for _, which in problems}
    first = 9  # where the text begins: for what only the finished page shows
    expected = first + 1 if not body else first if "**" in body or rule == "markdown" else first + 2
    assert {line for line, which in problems if which == rule} == {expected}


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("title", "'</title><script>alert(1)</script>'", "unsafe-value"),
        ("title", "'{{ config }}'", "unsafe-value"),
        ("title", '"a\\0b"', "unsafe-value"),
        ("description", "'x\" http-equiv=\"refresh'", "unsafe-value"),
        ("aliases", "['<b>']", "unsafe-value"),
        ("aliases", "['mail jane@example.com']", "personal-data"),
        ("title", "Call 07700 900123", "personal-data"),
        ("template", "evil.html", "unknown-key"),
        ("status", "<b>", "unknown-key"),
        ("icon", "none/none", "unknown-key"),
        ("redirect_from", "['../x']", "redirect"),
        ("redirect_from", "['//evil.example/']", "redirect"),
        ("redirect_from", "['track/']", "duplicate-redirect"),
        ("translation_of", "nobody", "translation"),
    ],
)
def test_hostile_front_matter_is_refused(tmp_path: Path, key: str, value: str, rule: str) -> None:
    """Front matter is an allow-list of keys, and of characters: templates print it as it is."""
    text = make_text(**{key: value})
    line = next(number for number, row in enumerate(text.split("\n"), start=1) if row.startswith(key))
    assert ("track.md", line, rule) in found(make_site(tmp_path, {"track.md": text}))


def test_page_that_begins_with_metadata_is_refused(tmp_path: Path) -> None:
    """A first line `description: ...` without front matter, which MkDocs takes for metadata, is no article."""
    root = make_site(tmp_path, {"track.md": 'description: x"><script>alert(1)</script>\n\nText.\n'})
    assert ("track.md", 1, "front-matter") in found(root)


@pytest.mark.parametrize(
    ("name", "content", "is_refused"),
    [
        ("a.svg", '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1" fill="#fff"/></svg>', False),
        ("a.svg", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', True),
        ("a.svg", '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', True),
        ("a.svg", '<svg xmlns="http://www.w3.org/2000/svg"><a href="javascript:alert(1)"/></svg>', True),
        ("a.svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>', True),
        ("a.svg", '<svg xmlns="http://www.w3.org/2000/svg"><path fill="url(https://evil.example/x)"/></svg>', True),
        ("a.svg", '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>', True),
        ("a.html", "<script>alert(1)</script>", True),
        ("a.js", "alert(1)", True),
        ("a.PNG", "", False),
        ("a b.png", "", True),
        (".env", "SECRET=1", False),
    ],
)
def test_only_known_files_are_published(tmp_path: Path, name: str, content: str, is_refused: bool) -> None:
    """Static files are allowed by their ending, drawings only as plain shapes; hidden files are never copied."""
    assert bool(check(make_site(tmp_path, {name: content}))) is is_refused


def test_symbolic_links_are_refused(tmp_path: Path) -> None:
    """A linked file and a linked folder are problems, and what they lead to is not read."""
    root = make_site(tmp_path)
    (tmp_path / "secret.md").write_text(make_text())
    (root / "kb/articles/a.md").symlink_to(tmp_path / "secret.md")
    (root / "kb/articles/folder").symlink_to(tmp_path, target_is_directory=True)
    assert found(root) == [("a.md", 1, "symlink"), ("folder", 1, "symlink")]


def test_names_that_stand_twice(tmp_path: Path) -> None:
    """Ids, addresses and redirects may not differ in case alone, nor collide with a folder's own page."""
    files = {
        "a.md": make_text(id="x", redirect_from="['old/']"),
        "b.md": make_text(id="X", redirect_from="['/old/index.html']"),
        "c.md": make_text(id="c"),
        "c/index.md": "---\ntitle: C\n---\n\ntext\n",
        "C.md": make_text(id="d"),
    }
    assert sorted(found(make_site(tmp_path, files))) == [
        ("b.md", 2, "duplicate-id"),
        ("b.md", 7, "duplicate-redirect"),
        ("c.md", 1, "duplicate-slug"),
        ("c/index.md", 1, "duplicate-slug"),
    ]


def test_wrong_link_names_the_nearest_file(tmp_path: Path) -> None:
    """A link that leads nowhere is told with what was probably meant."""
    root = make_site(tmp_path, {"track.md": make_text("## Report it\n\n[a](trak.md) [b](#report-i)")})
    messages = [problem.message for problem in check(root)]
    assert any("did you mean track.md?" in message for message in messages)
    assert any("did you mean #report-it?" in message for message in messages)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("docs_dir: kb/articles", "docs_dir: kb", "docs_dir must be kb/articles"),
        ("font: false", "language: en", "theme.font must be false"),
        ("  - helploop\n", "", "the plugin helploop is missing"),
        ("  - helploop\n", "  - helploop\n  - macros\n", "the plugin macros"),
        ("  - tables\n", "  - pymdownx.snippets\n", "the extension pymdownx.snippets"),
        ("site_name: Help", "site_name: Help\nextra_javascript: [https://cdn.example/x.js]", "is on another host"),
        ("site_name: Help", "site_name: Help\nrepo_url: https://github.com/a/b", "asks that host for its stars"),
        (
            "site_name: Help",
            "site_name: Help\nextra: {analytics: {provider: google}}",
            "sends visitors to another company",
        ),
    ],
)
def test_unsafe_settings_are_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    """mkdocs.yml may not publish drafts, put other files into pages, or send readers' browsers elsewhere."""
    problems = check(make_site(tmp_path, mkdocs=MKDOCS.replace(old, new)))
    assert [problem.file for problem in problems if words in problem.message] == ["mkdocs.yml"]


@pytest.mark.parametrize(
    "mkdocs",
    [
        None,
        "site_name: [",
        "site_name: x\ndocs_dir: none\n",
        "site_name: x\nmarkdown_extensions: [no.such]\ndocs_dir: kb/articles\n",
    ],
)
def test_unreadable_settings_are_an_error(tmp_path: Path, mkdocs: str | None) -> None:
    """Without a mkdocs.yml that can be read there is nothing to check: the error names the file."""
    root = make_site(tmp_path, mkdocs=mkdocs or "")
    if mkdocs is None:
        (root / "mkdocs.yml").unlink()
    with pytest.raises(ConfigError, match=r"mkdocs\.yml"):
        check(root)


def test_own_contacts_may_be_shown(tmp_path: Path) -> None:
    """public_contacts lets whole addresses and @domains stand, and nothing else."""
    root = make_site(tmp_path, {"track.md": make_text("help@shop.example, jo@own.example\n\neve@shop.example")})
    (root / "helploop.toml").write_text('[site]\npublic_contacts = ["help@shop.example", "@own.example"]\n')
    assert found(root) == [("track.md", 11, "personal-data")]


def test_contacts_of_imported_articles_can_be_allowed(tmp_path: Path) -> None:
    """An import's addresses go into helploop.toml beside what stands there; a card number never does."""
    body = "Write to help@shop.example or call 020 7946 0123.\n\nCard 4111 1111 1111 1111"
    root = make_site(tmp_path, {"track.md": make_text(body)})
    (root / "helploop.toml").write_text('# ours\n[site]\nname = "Help"\n')
    article = Article(id="track", title="T", body=body)  # type: ignore[arg-type]
    assert allow_contacts(root, [article]) == ("020 7946 0123", "help@shop.example")
    assert allow_contacts(root, [article]) == ()
    assert (root / "helploop.toml").read_text().startswith('# ours\n[site]\nname = "Help"\n')
    assert [(line, rule) for _, line, rule in found(root)] == [(11, "personal-data")]


def test_names_of_pages_in_links_are_no_secrets() -> None:
    """Long page names in addresses pass; a key in an address does not."""
    assert find_personal_data("https://h.example/hc/articles/51338950680467-Setting-Up-a-Catch-All-Alias-123") == set()
    assert find_personal_data("https://h.example/x?token=abcdef123456") == {"url-with-token"}
    assert find_contacts("mail a@b.example and <email>, or a@b.example") == {"a@b.example"}


def test_sample_site_passes() -> None:
    """The sample company's own site has no problem."""
    assert check(ROOT) == ()


def test_real_articles_pass_after_import(tmp_path: Path, data_dir: Path) -> None:
    """193 articles of a real help centre pass the gate once their contacts are allowed."""
    root = make_site(tmp_path)
    articles = [row for row in import_articles(data_dir / "thunderbird" / "articles.jsonl") if isinstance(row, Article)]
    for article in articles:
        write_article(article, root / "kb" / "articles")
    before = {problem.rule for problem in check(root)}
    allow_contacts(root, articles)
    assert (before, check(root)) == ({"personal-data"}, ())


def test_policy_against_known_payloads(data_dir: Path) -> None:
    """Of 223 known payloads none keeps a script, a handler or a javascript: address."""
    lines = (data_dir / "text" / "xss_dompurify.jsonl").read_text().split("\n")
    for line in filter(None, lines):
        page = clean(json.loads(line)["text"]).html.lower()
        again = clean(page)
        assert "<script" not in page
        assert again.refusals == (), page


def test_problem_is_what_machines_read(tmp_path: Path) -> None:
    """A problem is file (from the site's folder), line, rule and message."""
    root = make_site(tmp_path, {"track.md": make_text(owner="")})
    assert check(root) == (
        Problem("kb/articles/track.md", 1, "owner", "owner is missing: who keeps this article right?"),
    )
