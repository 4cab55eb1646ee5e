"""The collector's web application: limits first, then redaction, then the store; who sent it is never kept."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from helploop.collector.events import BadBody, CollectorLimits, SentEvent, parse_body, to_event
from helploop.domain import SearchEvent
from helploop.errors import StoreError


def create_app(
    add_events: Callable[[Sequence[SearchEvent]], object],
    salt: Callable[[date], bytes],
    allowed_origins: Sequence[str],
    clock: Callable[[], datetime],
    *,
    limits: CollectorLimits | None = None,
    purge: Callable[[datetime], object] | None = None,
) -> Starlette:
    """The collector: POST /events takes one JSON object a line, as text/plain; GET /healthz tells what it has counted.

    204 only after `add_events` has returned. Refusals store nothing: 403 foreign origin, 415 not text/plain, 413 too
    large, 400 not an event, 503 not stored. Bots and people who opted out get their 204 and are only counted.
    `allowed_origins` are the sites whose pages may send (https://help.example.com; "*" for any); the collector's own
    may always.
    `salt` gives a day's salt (DailySalt), `purge` is called at the start and every hour.
    """
    door = _Door(
        add_events, salt, frozenset(o.rstrip("/") for o in allowed_origins), clock, limits or CollectorLimits()
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        if purge is not None:
            purge(clock())
        hourly = asyncio.create_task(_hourly(purge or (lambda now: None), clock))
        yield
        hourly.cancel()
        with suppress(asyncio.CancelledError):
            await hourly

    return Starlette(
        routes=[
            Route("/events", door.take, methods=["POST"]),
            Route("/events", door.preflight, methods=["OPTIONS"]),
            Route("/healthz", door.health, methods=["GET"]),
        ],
        lifespan=lifespan,
    )


async def _hourly(purge: Callable[[datetime], object], clock: Callable[[], datetime]) -> None:
    while True:
        await asyncio.sleep(3600)
        await run_in_threadpool(purge, clock())


class _Door:
    """The endpoints with what they share."""

    def __init__(
        self,
        add_events: Callable[[Sequence[SearchEvent]], object],
        salt: Callable[[date], bytes],
        origins: frozenset[str],
        clock: Callable[[], datetime],
        limits: CollectorLimits,
    ) -> None:
        self._add_events = add_events
        self._salt = salt
        self._origins = origins
        self._clock = clock
        self._limits = limits
        self._stored = 0
        self._refused: Counter[int] = Counter()
        self._dropped: Counter[str] = Counter()

    async def take(self, request: Request) -> Response:
        """POST /events."""
        try:
            self._check_headers(request)
            body = await self._read(request)
            sent = parse_body(body, self._limits)
            reason = self._drop_reason(request)
            if reason:
                self._dropped[reason] += len(sent)
            elif sent:
                events = self._events(request, sent)
                await run_in_threadpool(self._add_events, events)
                self._stored += len(events)
        except BadBody as refused:
            return self._refuse(request, refused.status, refused.why)
        except (StoreError, OSError):
            return self._refuse(request, 503, "not stored, send it again later")
        except ClientDisconnect:
            return Response(status_code=400)
        return Response(status_code=204, headers=self._cors(request))

    async def preflight(self, request: Request) -> Response:
        """OPTIONS /events: sendBeacon with text/plain needs none, fetch with other headers asks."""
        if not self._is_welcome(request):
            return self._refuse(request, 403, "origin not allowed")
        methods = {"access-control-allow-methods": "POST", "access-control-max-age": "86400"}
        return Response(status_code=204, headers=self._cors(request) | methods)

    async def health(self, request: Request) -> Response:
        """GET /healthz: counts only."""
        del request
        refused = {str(status): count for status, count in sorted(self._refused.items())}
        counts = {"stored": self._stored, "dropped": dict(sorted(self._dropped.items())), "refused": refused}
        return JSONResponse({"v": 1, "status": "ok"} | counts, headers={"cache-control": "no-store"})

    def _check_headers(self, request: Request) -> None:
        if not self._is_welcome(request):
            raise BadBody(403, "origin not allowed")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/plain":
            raise BadBody(415, "send text/plain, one JSON object a line")
        length = request.headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            raise BadBody(400, "content-length is not a number")
        if len(length) > 12 or int(length) > self._limits.body_bytes:
            raise BadBody(413, f"more than {self._limits.body_bytes} bytes")

    def _is_welcome(self, request: Request) -> bool:
        # what is no browser sends no Origin, and could forge one: the check keeps other sites' pages out, no more
        origin = request.headers.get("origin")
        own = {f"{scheme}://{request.headers.get('host', '')}" for scheme in ("http", "https")}
        return origin is None or "*" in self._origins or origin in self._origins or origin in own

    async def _read(self, request: Request) -> bytes:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._limits.body_bytes:
                raise BadBody(413, f"more than {self._limits.body_bytes} bytes")
        return bytes(body)

    def _drop_reason(self, request: Request) -> str:
        if request.headers.get("dnt") == "1" or request.headers.get("sec-gpc") == "1":
            return "opted out"
        agent = request.headers.get("user-agent", "").lower()
        return "bot" if not agent or any(mark in agent for mark in self._limits.bots) else ""

    def _events(self, request: Request, sent: Sequence[SentEvent]) -> list[SearchEvent]:
        now = self._clock()
        address = request.client.host if request.client else ""
        who = f"{address}\x00{request.headers.get('user-agent', '')}".encode("utf-8", "replace")
        timed = [(event, self._time(event.at, now)) for event in sent]
        return [to_event(event, at, self._visitor(who, at.date()), self._limits) for event, at in timed]

    def _visitor(self, who: bytes, day: date) -> str:
        return hashlib.blake2b(who, key=self._salt(day), digest_size=8).hexdigest()

    def _time(self, at: datetime | None, now: datetime) -> datetime:
        # a clock of the visitor's that is wrong must not move an event to another week
        if at is None or at.tzinfo is None or not now - self._limits.late <= at <= now + timedelta(minutes=1):
            return now
        return at.astimezone(UTC)

    def _refuse(self, request: Request, status: int, why: str) -> Response:
        self._refused[status] += 1
        return PlainTextResponse(why + "\n", status_code=status, headers=self._cors(request))

    def _cors(self, request: Request) -> dict[str, str]:
        # sendBeacon always sends with credentials, so the origin is named; there is no cookie to read
        origin = request.headers.get("origin")
        if origin is None or not self._is_welcome(request):
            return {"vary": "origin"}
        return {"access-control-allow-origin": origin, "access-control-allow-credentials": "true", "vary": "origin"}
