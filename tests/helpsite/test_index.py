"""The search files: deterministic, named by their content, no alias readable in them."""

from __future__ import annotations

import json
import re

import pytest

from helploop.domain import Article, ArticleId
from helploop.helpsite.index import MATERIAL_INDEX, build_index, search_files
from helploop.helpsite.theme import theme_dir
from tests.conftest import make_article

BODY = """
<!-- a writer's note -->
Open **Orders**, then `Track`.

## On the way

The parcel's *state* is shown. <script>stolen()</script>

| Sign | Meaning |
|------|---------|
| Dot  | Packed  |
"""


def two_articles() -> tuple[Article, ...]:
    """One with a body, one with an alias and a description."""
    return (
        make_article(id=ArticleId("track"), title="Track a delivery", body=BODY),
        make_article(
            id=ArticleId("kettle"),
            title="The kettle <b>leaks</b>",
            body="Send it in.",
            description="What to do about a leak.",
            aliases=("my flat is under water because of you",),
        ),
    )


URLS = {ArticleId("track"): "orders/track/", ArticleId("kettle"): "kettle/"}


def test_build_index_holds_what_is_shown_and_what_is_searched() -> None:
    """Titles, addresses, teasers and words are in it; scripts and comments are not."""
    index = json.loads(build_index(two_articles(), URLS))
    kettle, track = index["docs"]
    assert (kettle["id"], kettle["url"], kettle["title"]) == ("kettle", "kettle/", "The kettle <b>leaks</b>")
    assert kettle["text"] == "What to do about a leak."
    assert track["text"] == "Open Orders, then Track. The parcel's state is shown. Sign Meaning Dot Packed"
    words = index["words"].split()
    assert words == sorted(set(words))
    assert {"orders", "way", "packed", "flat"} <= set(words)
    assert not {"stolen", "writer"} & set(words)


def test_build_index_hides_aliases() -> None:
    """An alias is a customer's sentence: its words are searched, the sentence cannot be read."""
    index = build_index(two_articles(), URLS)
    assert "flat is under" not in index
    assert "because of you" not in index


def test_build_index_is_the_same_in_any_order() -> None:
    """The same articles give the same bytes."""
    articles = two_articles()
    assert build_index(articles, URLS) == build_index(articles[::-1], URLS)


def test_search_files_are_named_by_their_content() -> None:
    """The worker names the index, so that a page never meets a worker and an index of different builds."""
    articles = two_articles()
    files = search_files(articles, URLS)
    assert list(files) == [files.worker, files.index, files.events]
    for path, pattern in zip(files, ("search-worker", "index", "events"), strict=True):
        assert re.fullmatch(rf"assets/helploop/{pattern}\.[0-9a-f]{{10}}\.js(on)?", path)
    assert f'"{files.index.rsplit("/", 1)[1]}"' in files[files.worker].decode()
    assert "@index@" not in files[files.worker].decode()
    other = search_files(articles[:1], URLS)
    assert other.index != files.index
    assert other.worker != files.worker
    assert other.events == files.events


def test_search_files_name_an_article_without_a_page() -> None:
    """An article that has no URL is a mistake of the caller."""
    with pytest.raises(KeyError, match="kettle"):
        search_files(two_articles(), {ArticleId("track"): "orders/track/"})


def test_materials_own_index_may_be_empty() -> None:
    """What takes the place of Material's index is valid and keeps the keys that its script reads."""
    assert json.loads(MATERIAL_INDEX) == {"config": {"lang": ["en"], "separator": r"[\s\-]+"}, "docs": []}


def test_theme_holds_nothing_secret_or_foreign() -> None:
    """All of the theme may be published: no address of another host but the stemmer's licence page."""
    for path in sorted(theme_dir().rglob("*")):
        if path.is_file():
            hosts = set(re.findall(r"https?://[^\s\"')]+", path.read_text(encoding="utf-8")))
            assert hosts <= {"https://snowballstem.org/"}, path
