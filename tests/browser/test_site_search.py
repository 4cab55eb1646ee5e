"""The search box of a built site in a real browser: our hits, our verdicts, and the events that reach a collector."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from helploop.articles import render_article
from helploop.domain import ArticleId
from tests.conftest import make_article

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")

pytestmark = pytest.mark.browser
SUB_PATH = "/shop/help"
PAGES = {
    "track-a-delivery": ("Track a delivery", "Open **Orders** to see where it is."),
    "reset-your-password": ("Reset your password", "Choose `Forgot password`, then open the link we send."),
    "odd-signs": ("Signs like & and 'quotes'", "Less than: 1 &lt; 2, and `<img src=x onerror=alert(1)>` stays text."),
    "cancel-a-subscription": ("Cancel a subscription", "Before the next payment. How do I get one back? Ask us."),
}  # fmt: skip


@dataclass
class Site:
    """A served site, what was asked of it, and what its collector was sent."""

    url: str
    requests: list[str] = field(default_factory=list)
    posted: list[tuple[str, str]] = field(default_factory=list)  # content type, body
    arrived: threading.Condition = field(default_factory=threading.Condition)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))  # when the test began

    @property
    def bodies(self) -> list[tuple[str, str]]:
        """What was posted, but for what a page of the test before told of its end only now."""
        return [(kind, body) for kind, body in self.posted if not self._is_older(body)]

    def events(self, count: int) -> list[dict[str, Any]]:
        """The events sent, when there are `count` of them (or after 5 s)."""
        with self.arrived:
            self.arrived.wait_for(lambda: len(self._events()) >= count, timeout=5)
            return self._events()

    def _events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for _, body in self.bodies for line in body.splitlines()]

    def _is_older(self, body: str) -> bool:
        told = [datetime.fromisoformat(json.loads(line)["at"]) for line in body.splitlines()]
        return bool(told) and max(told) < self.since


class _Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, site: Site, **options: Any) -> None:
        self.site = site
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        self.site.requests.append(self.path)
        if not self.path.startswith(SUB_PATH + "/"):
            self.send_error(404)
            return
        self.path = self.path.removeprefix(SUB_PATH)
        super().do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with self.site.arrived:
            self.site.posted.append((self.headers["Content-Type"], body))
            self.site.arrived.notify_all()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def build_site(root: Path, url: str, endpoint: str) -> None:
    """Builds a small site as its owner would: articles in kb/articles, Material, and helploop's plugin."""
    docs = root / "kb" / "articles"
    docs.mkdir(parents=True)
    (docs / "index.md").write_text("---\ntitle: Help\n---\n\n# How can we help?\n", encoding="utf-8")
    for key, (title, body) in PAGES.items():
        aliases = ("where on earth is my parcel",) if key.startswith("track") else ()
        facts = {"owner": "support", "backup": "desk", "reviewed_by": "editor", "reviewed_at": date(2026, 7, 1)}
        article = make_article(
            id=ArticleId(key), title=title, body=body, aliases=aliases, category="", path=f"{key}.md", **facts
        )
        (docs / article.path).write_text(render_article(article), encoding="utf-8")
    settings = {
        "site_name": "Shop",
        "site_url": f"{url}{SUB_PATH}/",
        "docs_dir": "kb/articles",
        "theme": {"name": "material", "font": False, "features": ["navigation.instant"]},
        "plugins": ["search", {"helploop": {"endpoint": endpoint}}],
    }
    (root / "mkdocs.yml").write_text(json.dumps(settings), encoding="utf-8")
    build(load_config(str(root / "mkdocs.yml")))


@contextmanager
def serve(root: Path, has_collector: bool) -> Iterator[Site]:
    """Builds and serves a site."""
    site = Site("")
    handler = partial(_Handler, site=site, directory=str(root / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        build_site(root, site.url, f"{site.url}/collect" if has_collector else "")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield site
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site with a collector, built once."""
    with serve(tmp_path_factory.mktemp("served"), has_collector=True) as site:
        yield site


@pytest.fixture
def site(served: Site) -> Site:
    """The site with a collector, nothing asked or sent yet."""
    served.requests.clear()
    served.posted.clear()
    served.since = datetime.now(UTC)
    return served


def open_page(page: Any, site: Site, path: str = "/") -> None:
    """Opens a page of the site."""
    page.goto(f"{site.url}{SUB_PATH}{path}")
    page.wait_for_load_state("networkidle")


def type_query(page: Any, query: str) -> Any:
    """Types into the search box; gives the hits, when the first is there."""
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.type(query, delay=5)
    hits = page.locator(".md-search-result__item")
    hits.first.wait_for()
    return hits


def test_a_search_is_answered_by_our_engine_and_told_to_the_collector(site: Site, page: Any) -> None:
    """A misspelt alias finds its article, the click is followed, and search and click arrive with their facts."""
    open_page(page, site, "/odd-signs/")
    assert not [path for path in site.requests if "/index." in path]
    hits = type_query(page, "trak my parcle")
    playwright.expect(hits.first.locator("h1")).to_have_text("Track a delivery")
    assert [path for path in site.requests if "/assets/helploop/index." in path]
    hits.first.locator("a").first.click()
    page.wait_for_url(f"{site.url}{SUB_PATH}/track-a-delivery/**")
    search, click = site.events(2)
    assert (search["event"], click["event"]) == ("search", "click")
    assert search["query_id"] == click["query_id"]
    assert search["search_term"] == "trak my parcle"
    assert (search["verdict"], search["unmatched_words"], search["position"]) == ("hit", [], None)
    assert search["search_count"] >= 1
    assert 0 < search["top_score"] < 1
    assert (click["position"], click["article"]) == (1, "track-a-delivery")
    assert search["page"] == f"{SUB_PATH}/odd-signs/"
    assert site.bodies[0][0].startswith("text/plain")
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length") in (0, 1)  # Material's own; none of ours
    assert not page.evaluate("Object.keys(localStorage).some(key => /helploop/.test(key))")


def test_a_search_without_an_answer_says_so_and_is_told_as_a_miss(site: Site, page: Any) -> None:
    """None still shows the nearest, with a hint; the closed box gives one search and its abandon, not each prefix."""
    open_page(page, site)
    hits = type_query(page, "how do I get a refund")
    playwright.expect(hits.first).to_contain_text("No article seems to answer this")
    page.wait_for_timeout(800)  # settles
    page.keyboard.type(" for my kettle", delay=5)
    page.wait_for_timeout(800)
    page.keyboard.press("Escape")
    open_page(page, site, "/odd-signs/?left")  # leaves the page: what waits is sent
    events = site.events(2)
    assert [event["event"] for event in events] == ["search", "abandon"]
    assert events[0]["search_term"] == "how do I get a refund for my kettle"
    assert events[0]["verdict"] == "none"
    assert events[0]["unmatched_words"] == ["refund", "kettle"]
    assert events[0]["query_id"] == events[1]["query_id"]


@pytest.mark.parametrize("cleared", [False, True])
def test_a_result_after_the_click_is_no_search(site: Site, page: Any, cleared: bool) -> None:
    """On a slow machine the last keys' results come when a hit was followed already: nobody saw them.

    Not even when the box is emptied by then, for the next search.
    """
    open_page(page, site)
    type_query(page, "cancel")
    page.evaluate(
        """cleared => {
        const box = document.querySelector("[data-md-component=search-query]");
        box.value = "cancel subscription";
        box.dispatchEvent(new Event("input", {bubbles: true}));
        box.dispatchEvent(new KeyboardEvent("keyup", {bubbles: true, key: "n"}));
        document.querySelector(".md-search-result__link").click();
        if (!cleared) return;
        box.value = "";
        box.dispatchEvent(new Event("input", {bubbles: true}));
    }""",
        cleared,
    )
    page.wait_for_timeout(800)  # would settle
    open_page(page, site, "/odd-signs/?left")
    assert [event["event"] for event in site.events(2)] == ["search", "click"]


def test_titles_and_teasers_are_text(site: Site, page: Any) -> None:
    """An article's markup is shown as it was written, with the query's words marked."""
    open_page(page, site)
    hits = type_query(page, "odd signs like quotes")
    playwright.expect(hits.first.locator("h1")).to_have_text("Signs like & and 'quotes'")
    playwright.expect(hits.first).to_contain_text("and <img src=x onerror=alert(1)> stays text")
    assert hits.first.locator("mark").all_inner_texts()[:2] == ["Signs", "quotes"]
    assert hits.first.locator("img").count() == 0
    playwright.expect(hits.first).to_contain_text("Missing: odd")


def test_instant_navigation_keeps_search_and_events(site: Site, page: Any) -> None:
    """After a page was swapped in place the same box searches on, and its events carry the new page."""
    open_page(page, site)
    page.evaluate("window.kept = true")
    first = type_query(page, "cancel subscription").first
    playwright.expect(first.locator("h1")).to_have_text("Cancel a subscription")
    playwright.expect(first).not_to_contain_text("Missing:")  # of the whole query, not of its start
    first.locator("a").first.click()
    playwright.expect(page.locator(".md-content h1")).to_have_text("Cancel a subscription")
    assert page.evaluate("window.kept"), "the page was loaded anew: instant navigation is off"
    playwright.expect(page.locator("#__search")).not_to_be_checked()  # Material closes it when the new page is in place
    box = page.locator("[data-md-component=search-query]")
    box.click()
    box.fill("")
    page.locator(".md-search-result__item").wait_for(state="detached")
    hits = type_query(page, "reset password")
    playwright.expect(hits.first.locator("h1")).to_have_text("Reset your password")
    hits.first.locator("a").first.click()
    page.wait_for_url("**/reset-your-password/**")
    events = site.events(4)
    told = [(event["event"], event["search_term"]) for event in events]
    assert [event for event, _ in told] == ["search", "click", "search", "click"], told
    assert events[2]["page"] == f"{SUB_PATH}/cancel-a-subscription/"


@pytest.mark.parametrize("wish", ["doNotTrack", "globalPrivacyControl"])
def test_do_not_track_is_obeyed(site: Site, page: Any, wish: str) -> None:
    """Who asks not to be tracked searches as well as anyone, and nothing is sent."""
    value = "'1'" if wish == "doNotTrack" else "true"
    page.add_init_script(f"Object.defineProperty(Navigator.prototype, '{wish}', {{get: () => {value}}})")
    open_page(page, site)
    type_query(page, "track delivery").first.locator("a").first.click()
    page.wait_for_url("**/track-a-delivery/**")
    open_page(page, site, "/odd-signs/?left")
    assert site.bodies == []


def test_without_a_collector_nothing_listens(tmp_path: Path, page: Any) -> None:
    """A site without an endpoint does not even load the event script."""
    with serve(tmp_path, has_collector=False) as site:
        open_page(page, site)
        type_query(page, "track delivery")
        assert page.locator("script[data-endpoint]").count() == 0
        assert not [path for path in site.requests if "/events." in path]
