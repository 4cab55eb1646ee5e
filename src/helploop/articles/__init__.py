"""Articles as files: Markdown with front matter in kb/, read, checked, written whole, and imported from elsewhere.

The text of kb/ is the only truth for what people wrote: nothing here overwrites a file in part, follows a symbolic
link or leaves the folder it was given. The front matter's keys are an allow-list; the id in it, not the path, is
the identity of an article. Pages named index.md (or README.md) are pages, not articles.
"""

from __future__ import annotations

from helploop.articles.files import (
    assign_ids,
    find_articles,
    is_article,
    make_path,
    read_article,
    read_articles,
    render_article,
    write_article,
    write_atomically,
)
from helploop.articles.frontmatter import Finding, Page, parse_article, parse_page
from helploop.articles.importing import import_articles
from helploop.articles.text import escape, safe_value, slug

__all__ = [
    "Finding",
    "Page",
    "assign_ids",
    "escape",
    "find_articles",
    "import_articles",
    "is_article",
    "make_path",
    "parse_article",
    "parse_page",
    "read_article",
    "read_articles",
    "render_article",
    "safe_value",
    "slug",
    "write_article",
    "write_atomically",
]
