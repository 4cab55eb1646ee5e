"""The sample site in a real browser, its events received by the real collector and stored in a real database."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from helploop import pipeline
from helploop.collector import DailySalt, create_app
from helploop.config import load_settings
from helploop.domain import SearchAction, SearchEvent, Verdict
from helploop.search import SearchResult, open_site
from helploop.store import Store

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Running:
    """A built site that is served, and the store its collector writes to."""

    url: str
    store: Store
    site: Path  # its folder

    def events(self, term: str, count: int) -> list[SearchEvent]:
        """The stored events of a search, when there are `count` of them (or after 10 s)."""
        for _ in range(200):
            found = [event for event in self.store.events() if event.search_term == term]
            if len(found) >= count:
                break
            time.sleep(0.05)
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The sample site, built with an endpoint, and its collector behind the same address."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(ROOT / "kb", folder / "kb")
    shutil.copy(ROOT / "helploop.toml", folder)
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert 'endpoint: ""' in config
    (folder / "mkdocs.yml").write_text(config.replace('endpoint: ""', "endpoint: /collect/events"))
    settings = load_settings(folder, environ={})
    site = pipeline.build_site(settings).out
    with Store(settings.database) as store, socket.create_server(("127.0.0.1", 0)) as listening:
        collector = create_app(store.add_events, DailySalt(folder / "salts"), ("*",), lambda: datetime.now(UTC))
        app = Starlette(routes=[Mount("/collect", collector), Mount("/", StaticFiles(directory=site, html=True))])
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield Running(f"http://127.0.0.1:{listening.getsockname()[1]}", store, site)
        server.should_exit = True
        thread.join()


def _type(page: Any, query: str) -> None:
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.type(query, delay=5)


def test_visitor_searches_clicks_and_the_loop_hears_of_it(running: Running, page: Any) -> None:
    """In their own words and misspelt: the right article is first, a click opens it, both events are in the store."""
    page.goto(running.url)
    _type(page, "my card expried")
    first = page.locator(".md-search-result__item").first
    playwright.expect(first.locator("h1")).to_contain_text("card has expired")
    first.locator("a").first.click()
    playwright.expect(page.locator(".md-content h1")).to_contain_text("card has expired")
    search, click = sorted(running.events("my card expried", 2), key=lambda event: event.event is SearchAction.CLICK)
    assert (search.event, search.search_term, search.verdict) == (SearchAction.SEARCH, "my card expried", Verdict.HIT)
    assert (click.event, click.position, click.article) == (SearchAction.CLICK, 1, "update-card")
    assert click.query_id == search.query_id
    assert len(search.visitor) >= 16 and "127.0.0.1" not in repr(search)


def test_question_without_an_answer_is_a_miss(running: Running, page: Any) -> None:
    """What no article answers is no hit: the event says so, with the words that nothing is known of."""
    page.goto(running.url)
    _type(page, "student discount")
    playwright.expect(page.locator(".md-search-result__meta")).to_have_text(re.compile("match|no |nothing", re.I))
    page.wait_for_timeout(1500)  # a search is settled after 600 ms without typing
    page.goto(f"{running.url}/contact/")
    search = next(e for e in running.events("student discount", 1) if e.event is SearchAction.SEARCH)
    assert search.verdict in (Verdict.WEAK, Verdict.NONE)
    assert "student" in search.unmatched_words


def test_home_fits_a_phone(running: Running, page: Any) -> None:
    """At 390 pixels nothing sticks out sideways, and the search is one tap away."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(running.url)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("label[for=__search]").first.click()
    page.keyboard.type("gift card", delay=5)
    playwright.expect(page.locator(".md-search-result__item").first.locator("h1")).to_contain_text("gift card")


def test_a_word_of_no_article_finds_the_answer_and_a_section_opens(running: Running, page: Any) -> None:
    """With the word table "vanished" leads to the stuck tracking; a section of a hit is a link to its place."""
    page.goto(running.url)
    _type(page, "parcel vanished")
    first = page.locator(".md-search-result__item").first
    playwright.expect(first.locator("h1")).to_contain_text("tracking has not moved")
    page.keyboard.press("Escape")
    page.goto(running.url)
    _type(page, "the link does not work")
    first = page.locator(".md-search-result__item").first
    playwright.expect(first.locator("h2")).to_have_text("The link does not work")
    first.locator("h2").click()
    page.wait_for_url(re.compile(r"/account/password-reset/.*#the-link-does-not-work$"))


_ASK = """([url, queries]) => new Promise(resolve => {
    const worker = new Worker(url);
    const found = [];
    worker.onmessage = event => {
        if (event.data.type === 3) {
            const told = event.data.data.helploop;
            found.push([told.verdict, told.topScore, told.articles]);
        }
        if (found.length === queries.length) return resolve(found);
        worker.postMessage({ type: 2, data: queries[found.length] + " " });
    };
    worker.postMessage({ type: 0, data: { config: {}, docs: [], options: {} } });
})"""


def _shown(found: SearchResult) -> int:
    """The box shows three where no article seems to answer."""
    return 3 if found.verdict is Verdict.NONE else 10


def test_the_browser_and_the_command_line_answer_alike(running: Running, page: Any) -> None:
    """The same hits in the same order with the same scores and verdicts, from one index, in Chromium and in V8."""
    queries = ["parcel vanished", "chalky stuff in my teapot", "my card expried", "student discount", "how do I"]
    queries += ["where is my box???", "geschenkkarte", "link 30 minutes", "gift voucher for my sister", "0x80070005"]
    page.goto(running.url)
    worker = page.evaluate("new URL(JSON.parse(document.getElementById('__config').textContent).search, location).href")
    in_browser = page.evaluate(_ASK, [worker, queries])
    with open_site(running.site) as engine:
        here = [engine.search(query) for query in queries]
    assert in_browser == [
        [found.verdict, pytest.approx(found.top_score, abs=1e-12), [hit.article for hit in found.hits[: _shown(found)]]]
        for found in here
    ]
