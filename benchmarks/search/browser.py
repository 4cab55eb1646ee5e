"""What a visitor waits for: first query, later ones and payload in headless Chromium, at 77, 500 and 2,000 articles.

python browser.py
"""

from __future__ import annotations

import functools
import gzip
import http.server
import shutil
import statistics
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from ours import table_for
from playwright.sync_api import sync_playwright
from sets import SETS, SearchSet

from helploop.domain import Article, ArticleId, ReviewState
from helploop.helpsite.index import search_files
from helploop.tuning import WordTable

QUERIES = 1000
_ASK = """([url, queries]) => new Promise(resolve => {
    const times = [];
    let began = performance.now();
    const worker = new Worker(url);
    worker.onmessage = event => {
        if (event.data.type === 3) times.push(performance.now() - began);
        if (times.length === queries.length) return resolve(times);
        if (event.data.type === 3) began = performance.now();
        worker.postMessage({ type: 2, data: queries[times.length] });
    };
    worker.postMessage({ type: 0, data: { config: {}, docs: [], options: {} } });
})"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


def many(count: int) -> SearchSet:
    """So many articles: Thunderbird's in pieces of 350 characters, with its questions as queries and its log."""
    some = SETS["thunderbird-titles"]()
    pieces = []
    for article in some.articles:
        for number, start in enumerate(range(0, len(article["body"]), 350)):
            text = article["body"][start : start + 350]
            title = article["title"] if not number else f"{article['title']}: {text[:50]}"
            pieces.append(
                {"id": f"{article['id']}-{number}", "title": title, "body": text, "aliases": article["aliases"][:3]}
            )
    return replace(some, name="Thunderbird's in pieces", articles=tuple(pieces[:count]))


def articles_of(some: SearchSet) -> list[Article]:
    """As the product has them."""
    return [
        Article(
            id=ArticleId(one["id"]),
            title=one["title"],
            body=one["body"],
            review=ReviewState.APPROVED,
            category="",
            owner="",
            path=f"{one['id']}.md",
            aliases=tuple(one["aliases"]),
        )
        for one in some.articles
    ]


def look(some: SearchSet, table: WordTable) -> None:
    """Prints a line for a set."""
    made = articles_of(some)
    began = time.perf_counter()
    files = search_files(made, {one.id: f"{one.id}/" for one in made}, table=table)
    seconds = time.perf_counter() - began
    size = {
        name: len(gzip.compress(files[path], 9)) / 1000
        for name, path in (("index", files.index), ("engine", files.worker))
    }
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_bytes(content)
        (Path(folder) / "index.html").write_text("<!doctype html><title>x</title>", encoding="utf-8")
        handler = functools.partial(_Quiet, directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            times = ask(f"http://127.0.0.1:{server.server_port}/", files.worker, [q.text for q in some.test[:QUERIES]])
            server.shutdown()
    later = sorted(times[1:])
    print(
        f"| {some.name} ({len(made)}) | {size['index']:.0f} | {size['engine']:.0f} | {times[0]:.0f}"
        f" | {statistics.median(later):.2g} | {later[int(0.95 * len(later))]:.2g} | {seconds:.1f} |",
        flush=True,
    )


def ask(url: str, worker: str, queries: list[str]) -> list[float]:
    """Milliseconds of each query, from the message to its answer; the first fetches the index."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(url)
        found: list[float] = page.evaluate(_ASK, [url + worker, queries])
        browser.close()
    return found


def main() -> None:
    """77 articles, then 500 and 2,000."""
    print("| site (articles) | index, KB | engine, KB | first query, ms | later, median | p95 | index made in, s |")
    print("|---|---|---|---|---|---|---|")
    for some in (SETS["banking77"](), many(500), many(2000)):
        look(some, table_for(some))


if __name__ == "__main__":
    main()
