"""Articles as files: what is read, refused, written, escaped and imported."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helploop.articles import (
    assign_ids,
    escape,
    import_articles,
    parse_article,
    read_article,
    read_articles,
    render_article,
    safe_value,
    slug,
    write_article,
)
from helploop.articles.importing import _mend_markdown
from helploop.domain import Article, ArticleId, RejectedRow, ReviewState
from helploop.errors import ArticleError
from helploop.helpsite.policy import clean
from helploop.helpsite.rendering import default_renderer
from tests.conftest import make_article
from tests.timing import assert_linear


def findings_of(front: str) -> list[tuple[int, str]]:
    """(line, message) of each finding in a front matter."""
    return [(finding.line, finding.message) for finding in parse_article(f"---\n{front}\n---\n\nText.\n")[1]]


def test_article_survives_writing_and_reading(tmp_path: Path) -> None:
    """An article with every field set is the same after it was written and read."""
    article = make_article(
        title="Where's my parcel: a guide",
        aliases=("no", "12:30", "- dash", "null", "1.5"),
        description="What to do.",
        backup="billing",
        reviewed_by="Mara",
        reviewed_at=date(2026, 6, 22),
        review_due=date(2027, 6, 22),
        redirect_from=("orders/old/",),
        locale="en",
        translation_of=ArticleId("other"),
    )
    path = write_article(article, tmp_path)
    assert path == tmp_path / "orders" / "track-a-delivery.md"
    assert read_articles(tmp_path) == (article,)


def test_rendered_article_is_stable() -> None:
    """The text of a file: keys in a fixed order, texts in quotes, empty keys left out."""
    assert render_article(make_article(aliases=("no",))) == (
        '---\nid: track-a-delivery\ntitle: "Track a delivery"\nreview: approved\ncategory: orders\naliases:\n'
        '  - "no"\nowner: support\n---\n\nOpen **Orders** and choose the order.\n'
    )


def test_writing_again_keeps_comments_and_quotes(tmp_path: Path) -> None:
    """A person's comments in the front matter are still there when a value changes."""
    path = write_article(make_article(), tmp_path)
    path.write_text(path.read_text().replace("owner: support", "owner: 'support' # until May"))
    write_article(replace(read_article(path, tmp_path), aliases=("where is it",)), tmp_path)
    text = path.read_text()
    assert "owner: 'support' # until May" in text
    assert "where is it" in text


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("id: a\nid: b", (3, "the key 'id' stands there twice: keep one")),
        ("id: a\ntitel: b\ntitle: c", (3, "unknown key 'titel': did you mean 'title'?")),
        ("id: a\ntitle: b\nreview: aproved", (4, "review: 'aproved': did you mean 'approved'?")),
        ("id: a\ntitle: b\nreviewed_at: soon", (4, "reviewed_at must be a date like 2026-06-22")),
        ("id: 12\ntitle: b", (2, "id must be text: write it in quotes")),
        ("id: a b\ntitle: b", (2, "id 'a b' must begin with a letter or digit")),
        ("id: a\ntitle: b\naliases: c", (4, "aliases must be a list of texts")),
        ("id: a\ntitle: [b", (4, "is not valid YAML")),
        ("id: a\n...\ntitle: b", (3, "ends the block for some builders")),
        ("id: !!python/object:os.system x\ntitle: b", (2, "id must be text")),
        ("id: " + "[" * 5000, (2, "nested deeper than 20 brackets")),
        ("title: b", (1, "id is missing: `helploop check --fix` gives it one")),
        ("id: a\ntitle: ''", (3, "title is missing")),
        ("id: a\ntitle: b\nreviewed_at: 2026-02-02\nreview_due: 2026-01-01", (5, "review_due lies before reviewed_at")),
    ],
)
def test_front_matter_mistakes_are_named_with_their_line(front: str, expected: tuple[int, str]) -> None:
    """Each kind of mistake gives its line, what is wrong, and the nearest right word."""
    found = findings_of(front)
    assert [line for line, _ in found] == [expected[0]]
    assert expected[1] in found[0][1]


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    """One error names every bad file, and ids that stand twice."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text("---\nid: same\ntitle: x\n---\ntext\n")
    (tmp_path / "c.md").write_text("no front matter\n")
    (tmp_path / "d.md").write_bytes(b"---\nid: d\ntitle: \xff\n---\n")
    with pytest.raises(ArticleError) as error:
        read_articles(tmp_path)
    lines = str(error.value).splitlines()
    assert len(lines) == 4
    assert "c.md:1: has no front matter" in lines[0]
    assert "d.md:3: is not UTF-8 (byte 0xff)" in lines[1]
    assert "the id 'same' is used by 2 articles" in lines[2]


def test_index_pages_and_hidden_folders_are_no_articles(tmp_path: Path) -> None:
    """index.md and kb/drafts/.base are not read as articles; a missing folder holds none."""
    (tmp_path / ".base").mkdir()
    for name in ("index.md", "README.md", ".base/a.md"):
        (tmp_path / name).write_text("not an article")
    assert read_articles(tmp_path) == ()
    assert read_articles(tmp_path / "none") == ()


@pytest.mark.parametrize("path", ["../out.md", "/etc/out.md", "a/../../out.md", "link/out.md", "file.md"])
def test_nothing_is_written_outside_or_through_a_link(tmp_path: Path, path: str) -> None:
    """A path that leaves the folder, or goes through a symbolic link, is refused and nothing is written."""
    root = tmp_path / "kb"
    root.mkdir()
    (root / "link").symlink_to(tmp_path, target_is_directory=True)
    (root / "file.md").symlink_to(tmp_path / "target.md")
    with pytest.raises(ArticleError):
        write_article(make_article(path=path), root)
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == []


def test_another_articles_file_is_never_overwritten(tmp_path: Path) -> None:
    """The same title twice gives two files; a given path that holds another article is an error."""
    one, other = make_article(path=""), make_article(id=ArticleId("other"), path="")
    assert write_article(one, tmp_path) != write_article(other, tmp_path)
    with pytest.raises(ArticleError, match="holds the article 'track-a-delivery'"):
        write_article(replace(other, path="orders/track-a-delivery.md"), tmp_path)


def test_failing_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full the old text stands and no part is left beside it."""
    path = write_article(make_article(), tmp_path)
    before = path.read_bytes()

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ArticleError, match="No space left on device"):
        write_article(replace(make_article(), body="new"), tmp_path)
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_added_file_gets_an_id_and_nothing_else_changes(tmp_path: Path) -> None:
    """A plain file gets id and title, one with front matter an id; its text stays, and a second run does nothing."""
    (tmp_path / "new.md").write_bytes(b"# My parcel\r\n\r\ntext \r\n")
    (tmp_path / "half.md").write_text("---\ntitle: x # why\n---\nbody")
    (tmp_path / "index.md").write_text("home")
    assert [path.name for path in assign_ids(tmp_path)] == ["half.md", "new.md"]
    assert (tmp_path / "new.md").read_bytes() == (
        b'---\r\nid: new\r\ntitle: "My parcel"\r\n---\r\n\r\n# My parcel\r\n\r\ntext \r\n'
    )
    assert (tmp_path / "half.md").read_text() == "---\nid: half\ntitle: x # why\n---\nbody"
    assert assign_ids(tmp_path) == ()


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Where is my parcel?", "where-is-my-parcel"),
        ("Größe ändern – straße", "grosse-andern-strasse"),
        ("I can't pay", "i-cant-pay"),
        ("a" * 100, "a" * 62),
        ("word " * 30, "word-" * 11 + "word"),
    ],
)
def test_slug_of_a_title(title: str, expected: str) -> None:
    """Accents are folded, the rest is cut between words."""
    assert slug(title) == expected


@given(st.text())
def test_slug_is_always_a_safe_name(title: str) -> None:
    """Whatever the title, the slug is 1 to 62 of [a-z0-9-] and no name that a builder knows."""
    name = slug(title)
    assert 1 <= len(name) <= 62
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert name not in {"index", "readme"}


def test_slug_of_nothing_is_a_hash() -> None:
    """Titles without a letter get different names."""
    assert slug("日本語") != slug("???")
    assert slug("日本語").startswith("a-")


def test_escape_makes_entities_and_replaces_controls() -> None:
    """Every punctuation mark becomes an entity, a line break a space, a control or a lone surrogate U+FFFD."""
    assert escape("a<b>\nc\x00\ud800") == "a&#60;b&#62; c\ufffd\ufffd"


@given(st.text(min_size=1))
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    """Escaped text makes no tag, no link and nothing that the policy would refuse."""
    page = clean(default_renderer().render(f"Said: {escape(text)}"))
    assert page.refusals == ()
    assert page.links == ()
    assert page.html.count("<") == 2


@given(st.text())
def test_safe_value_can_stand_in_front_matter(text: str) -> None:
    """A safe value has no angle bracket, quote or template mark, and is safe already when it is made so again."""
    value = safe_value(text)
    assert not set(value) & set('<>"')
    assert "{{" not in value
    assert "{%" not in value
    assert safe_value(value) == value


def write_rows(path: Path, *rows: object) -> Path:
    """A JSON Lines file."""
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n")
    return path


def imported(path: Path, mended: Counter[str] | None = None) -> list[Article | RejectedRow]:
    """All that an import gives."""
    return list(import_articles(path, on=date(2026, 7, 1), mended=mended))


def test_import_keeps_ids_and_counts_as_approved(tmp_path: Path) -> None:
    """A row becomes an approved article with its own id, whatever its case or kind."""
    path = write_rows(
        tmp_path / "a.jsonl",
        {"id": 360012, "title": "Pay", "body": "Press **Pay**.", "aliases": ["how to pay"], "category": "Billing & Co"},
        {"id": "Old-Name.2", "title": "T", "body": "B", "products": ["x"]},
    )
    one, other = imported(path)
    assert one == Article(
        id=ArticleId("360012"),
        title="Pay",
        body="Press **Pay**.\n",
        review=ReviewState.APPROVED,
        aliases=("how to pay",),
        category="billing-co",
        owner="import",
        reviewed_by="import",
        reviewed_at=date(2026, 7, 1),
    )
    assert isinstance(other, Article)
    assert other.id == "Old-Name.2"


def test_bad_rows_are_rejected_with_line_and_reason(tmp_path: Path) -> None:
    """Each bad row is told by line and reason, and the good ones still come in."""
    path = write_rows(
        tmp_path / "a.jsonl",
        {"id": "a", "title": "T", "body": "B"},
        '{"id": "b", "title"',
        "[1]",
        {"id": "c", "title": "T"},
        {"id": "a", "title": "T", "body": "B"},
        '{"id": "d", "id": "e", "title": "T", "body": "B"}',
        {"id": "f g", "title": "T", "body": "B"},
        {"id": "h", "title": "T", "body": ["B"]},
        "[" * 100_000,
    )
    rows = imported(path)
    assert [(row.line, row.reason[:28]) for row in rows if isinstance(row, RejectedRow)] == [
        (2, "is not JSON: Expecting ':' d"),
        (3, "is not a JSON object"),
        (4, "has no body"),
        (0, "the id 'a' was there before:"),
        (6, "has the key 'id' twice"),
        (7, "id must begin with a letter "),
        (8, "title and body must be texts"),
        (9, "nested too deeply"),
    ]


@pytest.mark.parametrize(
    ("body", "expected", "kind"),
    [
        ("![A shot](https://h.example/a.png)", "[A shot](https://h.example/a.png)", "image"),
        ('<img src="https://h.example/a.png">', "[Picture](https://h.example/a.png)", "image"),
        ("![Local](a.png)", "*Local*", "image"),
        ("Enter <account name> here", "Enter &lt;account name> here", "tag"),
        ("Press <code>x</code> and `<b onclick=x>`", "Press <code>x</code> and `<b onclick=x>`", ""),
        ("a <script>alert(1)</script>b", "a b", "script"),
        ("a <b onclick=alert(1)>b</b>", "a &lt;b onclick=alert(1)>b</b>", "tag"),
        ("[a](javascript:alert(1)) b", "a) b", "link"),
        ("[a](/hc/123)", "a", "link"),
        ("[a](https://h.example/)", "[a](https://h.example/)", ""),
        ("use {{ name }}", "use &#123;{ name }}", "template"),
        ('--8<-- ".env"', '-&#45;8<-- ".env"', "snippet"),
        ("<p>Hi <b>you</b> &lt;script&gt;x&lt;/script&gt;</p>", "Hi **you** &lt;script>x&lt;/script>", "html"),
    ],
)
def test_import_mends_what_may_not_stand(tmp_path: Path, body: str, expected: str, kind: str) -> None:
    """What the gate would refuse is mended and counted; code and plain links stay."""
    mended: Counter[str] = Counter()
    (article,) = imported(write_rows(tmp_path / "a.jsonl", {"id": "a", "title": "T", "body": body}), mended)
    assert isinstance(article, Article)
    assert article.body.strip() == expected
    assert clean(default_renderer().render(article.body)).refusals == ()
    assert (not kind and not mended) or mended[kind] > 0


def test_import_of_a_folder(tmp_path: Path) -> None:
    """Markdown with and without front matter and HTML come in; the folder is the category."""
    (tmp_path / "billing").mkdir()
    (tmp_path / "billing" / "pay.md").write_text("# How to pay\n\nPress **Pay**.\n")
    (tmp_path / "own.md").write_text("---\nid: kept\ntitle: Own\nowner: us\n---\n\nText.\n")
    (tmp_path / "web.html").write_text(
        "<html><title>x</title><body><h1>Web &amp; co</h1><p>Some <i>text</i></p></body></html>"
    )
    (tmp_path / "bad.md").write_text("---\nid: [\n---\n")
    rows = imported(tmp_path)
    assert [(a.id, a.title, a.category, a.owner, a.body) for a in rows if isinstance(a, Article)] == [
        ("billing/pay", "How to pay", "billing", "import", "Press **Pay**.\n"),
        ("kept", "Own", "", "us", "Text.\n"),
        ("web", "Web & co", "", "import", "Some *text*\n"),
    ]
    assert [row.source for row in rows if isinstance(row, RejectedRow)] == ["bad.md"]


def test_import_of_nothing_is_an_error(tmp_path: Path) -> None:
    """A missing file, an empty one and a folder without articles say so."""
    (tmp_path / "empty.jsonl").touch()
    for path in (tmp_path / "none.jsonl", tmp_path / "empty.jsonl"):
        with pytest.raises(ArticleError, match=r"no such file|holds no articles"):
            imported(path)


@pytest.mark.parametrize("probe", ["-", "`", "[", "![a](", "<!--", "<script>", "<h1>", "<main>", "```\n", "<a ", "{{"])
def test_import_is_linear(probe: str) -> None:
    """20 kB of any mark is mended in little time (docs/measured.md: every pattern, < 200 ms)."""
    assert_linear(lambda text: _mend_markdown(text, lambda kind: None), (probe * 20_000)[:20_000], 1)


def test_import_of_real_articles(data_dir: Path) -> None:
    """All 193 articles of a real help centre come in and hold nothing that the policy refuses."""
    rows = imported(data_dir / "thunderbird" / "articles.jsonl")
    articles = [row for row in rows if isinstance(row, Article)]
    assert len(articles) == len(rows) == 193
