"""The collector: what it takes, what it refuses, and that it keeps nobody's address."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from helploop.collector import CollectorLimits, DailySalt, create_app
from helploop.domain import SearchAction, SearchEvent, Verdict
from helploop.errors import StoreError

NOW = datetime(2026, 9, 15, 9, 30, tzinfo=UTC)
SITE = "https://help.kettlewren.example"
BROWSER = "Mozilla/5.0 (Android 14; Mobile) Firefox/143.0"


class Kept(list[SearchEvent]):
    """A store that keeps events in memory, or fails."""

    error: Exception | None = None

    def add(self, events: Sequence[SearchEvent]) -> None:
        """What create_app is given as add_events."""
        if self.error is not None:
            raise self.error
        self.extend(events)


@pytest.fixture
def kept() -> Kept:
    """An empty store."""
    return Kept()


@pytest.fixture
def client(kept: Kept) -> TestClient:
    """A browser at half past nine, before a collector of SITE."""
    return make_client(kept)


def make_client(kept: Kept, salt: Callable[[date], bytes] | None = None, **facts: Any) -> TestClient:
    """A client of a collector with a salt that is the day's name."""
    app = create_app(kept.add, salt or (lambda day: str(day).encode()), [SITE], lambda: NOW, **facts)
    return TestClient(app, headers={"user-agent": BROWSER, "origin": SITE})


def line(**facts: Any) -> str:
    """An event as the page sends it."""
    return json.dumps({"v": 1, "event": "search", "query_id": "q1", "search_term": "student discount"} | facts)


def post(client: TestClient, body: str | bytes, **headers: str) -> int:
    """Sends a body as sendBeacon does; the status."""
    headers = {"content-type": "text/plain;charset=UTF-8"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return client.post("/events", content=body, headers=headers).status_code


def test_events_when_a_page_sends_some(client: TestClient, kept: Kept) -> None:
    """Every line is stored with its fields, the visitor is a hash, and 204 comes after that."""
    at = NOW - timedelta(seconds=20)
    search = line(
        at=at.isoformat(), search_count=3, top_score=0.4, unmatched_words=["student"], verdict="weak", locale="en"
    )
    click = line(
        event="click", position=2, article="promo-code", page="/billing/promo-code/?mail=me#top", visitor="mine"
    )
    assert post(client, f"{search}\n{click}\n") == 204
    visitor = kept[0].visitor
    assert kept == [
        SearchEvent(
            SearchAction.SEARCH,
            "q1",
            at,
            visitor,
            "student discount",
            3,
            0.4,
            ("student",),
            Verdict.WEAK,
            locale="en",
        ),
        SearchEvent(
            SearchAction.CLICK,
            "q1",
            NOW,
            visitor,
            "student discount",
            position=2,
            article="promo-code",
            page="/billing/promo-code/",
        ),
    ]
    assert len(visitor) == 16


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (403, line(), {"origin": "https://evil.example"}),
        (403, line(), {"origin": "null"}),
        (415, line(), {"content_type": "application/json"}),
        (413, "x" * 64_001, {}),
        (413, "\n".join([line()] * 201), {}),
        (400, "{", {}),
        (400, "[1]", {}),
        (400, b"\xff\xfe", {}),
        (400, line(v=2), {}),
        (400, line(event="buy"), {}),
        (400, line(query_id=""), {}),
        (400, line(query_id="../../etc"), {}),
        (400, line(search_term=7), {}),
        (400, line(top_score=1) + '\n{"v":1,"top_score":NaN}', {}),
        (400, '{"v":1,"event":"search","query_id":"q","x":' + "[" * 10_000 + "]" * 10_000 + "}", {}),
        (400, '{"v":1,"event":"search","query_id":"q","top_score":1e400}', {}),
    ],
)
def test_events_when_a_request_is_bad(
    client: TestClient, kept: Kept, status: int, body: str | bytes, headers: dict[str, str]
) -> None:
    """Each gets its status, nothing of it is stored, and good lines beside a bad one are not either."""
    assert post(client, body, **headers) == status
    assert kept == []


def test_events_when_a_large_body_has_no_length(client: TestClient, kept: Kept) -> None:
    """Without a content-length reading stops at the limit."""
    chunks = (b"x" * 1000 for _ in range(100))
    assert client.post("/events", content=chunks, headers={"content-type": "text/plain"}).status_code == 413
    assert kept == []


def test_events_when_the_path_or_method_is_another(client: TestClient) -> None:
    """GET and HEAD are not allowed, other paths are not there."""
    assert (client.get("/events").status_code, client.head("/events").status_code) == (405, 405)
    assert client.get("/../../etc/passwd").status_code == 404


def test_events_when_fields_are_long_or_odd(client: TestClient, kept: Kept) -> None:
    """Fields are capped, control characters gone, a wrong clock is not believed."""
    body = line(
        search_term="\u0000 a\nb " + "z" * 2000,
        unmatched_words=["zz"] * 500,
        article="a" * 999,
        page="/" + "p" * 999,
        position=-5,
        search_count=10**9,
        vote="maybe",
        at="1999-01-01T00:00:00Z",
    )
    assert post(client, body) == 204
    (event,) = kept
    assert event.search_term == ("a b " + "z" * 2000)[:200]
    assert (len(event.unmatched_words), len(event.article), len(event.page)) == (20, 100, 200)
    assert (event.position, event.search_count, event.vote, event.at) == (1, 10_000, "", NOW)


def test_events_when_a_query_holds_personal_data(client: TestClient, kept: Kept) -> None:
    """Mail addresses and URLs are gone from the query, from the unmatched words and from a vote's reason."""
    typed = "refund to mia.jones@example.org see https://evil.example/x?y=1 please"
    words = ["mia.jones@example.org", "https://evil.example/x?y=1", "refund"]
    assert post(client, line(search_term=typed, unmatched_words=words, reason="mail mia.jones@example.org")) == 204
    (event,) = kept
    assert "example" not in repr(event)
    assert event.search_term.startswith("refund to ")
    assert event.unmatched_words == ("refund",)


def test_events_when_a_bot_or_an_objector_sends(client: TestClient, kept: Kept) -> None:
    """They get their 204, nothing is stored, and each is counted by reason."""
    assert post(client, line(), user_agent="Mozilla/5.0 (compatible; Examplebot/2.1)") == 204
    assert post(client, line(), user_agent="") == 204
    assert post(client, line(), dnt="1") == 204
    assert post(client, line(), sec_gpc="1") == 204
    assert post(client, line(), origin="https://evil.example") == 403
    assert kept == []
    assert client.get("/healthz").json() == {
        "v": 1,
        "status": "ok",
        "stored": 0,
        "dropped": {"bot": 2, "opted out": 2},
        "refused": {"403": 1},
    }


def test_events_when_the_store_fails(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    """503, so that nobody takes it for stored; no traceback, no address in a log."""
    caplog.set_level(logging.DEBUG)
    client = make_client(kept)
    for error in (StoreError("disk full"), OSError(28, "No space left on device")):
        kept.error = error
        assert post(client, line()) == 503
    kept.error = None
    assert post(client, line()) == 204
    assert len(kept) == 1
    assert not any(BROWSER in r.getMessage() for r in caplog.records if r.name.startswith(("helploop", "uvicorn")))


def test_visitor_when_day_address_or_browser_differ(client: TestClient, kept: Kept) -> None:
    """The same browser is the same visitor for a day, the day of the event, and another one the next day."""
    for body, agent in (
        (line(), BROWSER),
        (line(query_id="q2"), BROWSER),
        (line(), BROWSER + " other"),
        (line(at="2026-09-14T23:59:00Z"), BROWSER),
    ):
        assert post(client, body, user_agent=agent) == 204
    first, again, other, yesterday = (event.visitor for event in kept)
    assert first == again
    assert len({first, other, yesterday}) == 3


def test_cors_when_a_page_of_the_site_sends(client: TestClient) -> None:
    """The site is named with credentials, as sendBeacon needs; a foreign one is not; a preflight is answered."""
    answer = client.post("/events", content=line(), headers={"content-type": "text/plain"})
    assert answer.headers["access-control-allow-origin"] == SITE
    assert answer.headers["access-control-allow-credentials"] == "true"
    foreign = client.options("/events", headers={"origin": "https://evil.example"})
    assert (foreign.status_code, "access-control-allow-origin" in foreign.headers) == (403, False)
    assert client.options("/events").headers["access-control-allow-methods"] == "POST"


def test_origin_when_it_is_the_own_host_or_any(kept: Kept) -> None:
    """A site served beside the collector needs no entry, and a star lets any page send."""
    assert post(make_client(kept), line(), origin="http://testserver") == 204
    anyone = TestClient(create_app(kept.add, lambda day: b"s", ["*"], lambda: NOW), headers={"user-agent": BROWSER})
    assert post(anyone, line(), origin="https://elsewhere.example") == 204
    assert len(kept) == 2


def test_daily_salt_when_days_pass(tmp_path: Path) -> None:
    """A salt is the same all day and for a second collector, nobody else may read it, and after 48 hours it is gone."""
    folder = tmp_path / "salts"
    salt = DailySalt(folder)
    day = date(2026, 9, 14)
    first = salt(day)
    assert (salt(day), DailySalt(folder)(day), len(first)) == (first, first, 32)
    assert salt(day + timedelta(days=1)) != first
    assert [path.name for path in sorted(folder.iterdir())] == ["salt-2026-09-14", "salt-2026-09-15"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    midnight = datetime(2026, 9, 16, tzinfo=UTC)
    assert (salt.purge(midnight - timedelta(seconds=1)), salt.purge(midnight)) == (0, 1)
    assert [path.name for path in folder.iterdir()] == ["salt-2026-09-15"]
    assert salt(day) != first


def test_daily_salt_when_the_folder_cannot_be_made(tmp_path: Path) -> None:
    """A StoreError that names the file, which the collector answers with 503."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="salt-2026-09-14"):
        DailySalt(tmp_path / "file" / "salts")(date(2026, 9, 14))


def test_purge_when_the_collector_starts(kept: Kept, tmp_path: Path) -> None:
    """Old salts go when the collector starts."""
    salt = DailySalt(tmp_path)
    salt(date(2026, 9, 1))
    with make_client(kept, salt, purge=salt.purge) as client:
        assert client.get("/healthz").status_code == 200
    assert list(tmp_path.iterdir()) == []


def test_limits_when_changed(kept: Kept) -> None:
    """Limits are options: a smaller body, no bots known."""
    client = make_client(kept, limits=CollectorLimits(body_bytes=150, bots=()))
    assert post(client, line(), user_agent="curl/8") == 204
    assert post(client, line(search_term="x" * 150)) == 413
