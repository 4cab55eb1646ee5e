"""Receives the help site's search events over HTTP. No address and no user agent is ever written down."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.types import ASGIApp

from helploop.collector.app import create_app
from helploop.collector.events import CollectorLimits
from helploop.collector.salt import DailySalt
from helploop.config import Settings
from helploop.store import Store

__all__ = ["CollectorLimits", "DailySalt", "create_app", "run", "serve_collector"]


def serve_collector(settings: Settings, host: str, port: int) -> None:
    """Collects into the site's database until SIGINT or SIGTERM. Raises StoreError when it cannot be opened."""
    with Store(settings.database) as store:
        salt = DailySalt(settings.state / "salts")
        origins = settings.collector.origins or ("*",)
        run(create_app(store.add_events, salt, origins, lambda: datetime.now(UTC), purge=salt.purge), host, port)


def run(app: ASGIApp, host: str, port: int) -> None:
    """Serves until SIGINT or SIGTERM, then finishes what is under way. No access log: it would hold addresses.

    Behind a proxy on the same machine the visitor's address is read from X-Forwarded-For (uvicorn's default trust).
    """
    import uvicorn  # noqa: PLC0415 (the other doors of the command line start without a server)

    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
        limit_concurrency=1000,
    )
