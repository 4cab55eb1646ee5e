"""Opens a database: pragmas, schema version, migrations. SQLite by default, another server by URL."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError

from helploop.errors import StoreError

HEAD = "0006"  # the newest migration in migrations/versions
BUSY_MILLISECONDS = 30_000  # how long a writer waits for another one before it gives up

# A connection that is closed in the midst of its work (Ctrl-C) is told by what was raised, not by a traceback, too.
logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())


def open_engine(where: Path | str) -> Engine:
    """An engine over a schema of this version; a file's folder is made, an older schema is migrated.

    Raises StoreError when the file is damaged, locked, not writable, or of a newer helploop.
    """
    url = where if isinstance(where, str) and "://" in where else _sqlite_url(Path(where))
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_immediate)
    with translated(url):
        _migrate(engine)
    return engine


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turns the database's exceptions into StoreError: what is wrong, where, what to do."""
    try:
        yield
    except OperationalError as error:
        cause = str(error.orig)
        if "locked" in cause:
            raise StoreError(f"{url}: another helploop is writing; wait for it to end, or stop it") from error
        if "full" in cause or "I/O" in cause:
            raise StoreError(f"{url}: {cause}; free some space and run it again, what is stored stays") from error
        raise StoreError(f"{url}: {cause}; check that the folder exists and can be written") from error
    except DatabaseError as error:
        raise StoreError(f"{url}: {error.orig}; restore a backup, or delete it and take the log in again") from error


def _sqlite_url(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # redacted, but nobody else's business
    except OSError as error:
        raise StoreError(f"{path}: cannot be created ({error.strerror}); choose another [store] database") from error
    return f"sqlite:///{path}"


def _set_pragmas(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # transactions are SQLAlchemy's, see _begin_immediate
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    # A writer that starts as a reader can fail half-way (SQLITE_BUSY without waiting): take the lock at the start.
    is_reader = connection.get_execution_options().get("helploop_read", False)
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    with engine.connect().execution_options(helploop_read=True) as connection:
        found = _version(connection)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise StoreError(f"{engine.url}: made by a newer helploop (schema {found}, this one knows {HEAD}); upgrade it")
    from alembic import command  # noqa: PLC0415  - slow to import, needed once per schema
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])
