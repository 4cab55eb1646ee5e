"""One frozen Settings from helploop.toml (or [tool.helploop] in pyproject.toml), HELPLOOP_* variables and defaults.

Options live beside the stage they steer; this module only composes, converts and finds mistakes.
"""

from __future__ import annotations

import dataclasses
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec
from rapidfuzz import fuzz, process

from helploop.clustering import ClusteringOptions
from helploop.domain import Inquiry
from helploop.drafting import DraftingOptions
from helploop.errors import ConfigError
from helploop.matching import MatchingOptions
from helploop.misses import MissOptions
from helploop.names import DEFAULT_MODEL
from helploop.triage import TriageOptions
from helploop.tuning import TuningOptions

CONFIG_FILE = "helploop.toml"


@dataclass(frozen=True)
class SiteOptions:
    """The help site and the people behind it."""

    name: str = "Help"
    owner: str = "support"  # who owns an approved article when nobody else is named
    review_months: int = 12  # an approved article is due for review after this many
    public_contacts: tuple[str, ...] = ()  # the company's own addresses and numbers: articles may show them


@dataclass(frozen=True)
class StoreOptions:
    """Where machine state is kept."""

    database: str = ".helploop/helploop.db"  # a path below the site's folder, or an SQLAlchemy URL


@dataclass(frozen=True)
class EncoderOptions:
    """Which model turns texts into vectors."""

    name: str = "all-MiniLM-L6-v2"  # this one comes with helploop[model]; else a folder or a hub id
    backend: Literal["torch", "int8"] = "torch"  # int8: about twice as fast on processors with VNNI; helploop[int8]
    languages: tuple[str, ...] = ("en",)  # it understands these; other languages are kept, not clustered

    def understands(self, inquiry: Inquiry) -> bool:
        """Whether an inquiry is in one of the languages; its text's, else its locale's; unknown is let through."""
        language = inquiry.language or re.split("[-_]", inquiry.locale.lower())[0]
        return not language or language in self.languages


@dataclass(frozen=True)
class IntakeSettings:
    """What intake needs to know of the company."""

    agent_addresses: tuple[str, ...] = ()  # full addresses or "@domain": who answers, in mails
    order_number: str = ""  # a regular expression for the company's own order numbers
    quarantine_days: int = 90  # rows that could not be read are deleted, unmended, after this many
    retention_days: int = 0  # texts older than this are for `helploop retention` to delete; 0: for --days to say
    slack_channels: tuple[str, ...] = ()  # names or patterns ("help-*"); empty: all channels, no direct messages
    reopen_days: float = 7.0  # a customer who writes after so many days of silence has come back


@dataclass(frozen=True)
class RedactionSettings:
    """Whether a model looks for people whom the record does not name."""

    names: Literal["none", "presidio"] = "none"  # presidio: needs helploop[pii]
    names_model: str = DEFAULT_MODEL  # an installed spaCy pipeline with names, or its folder
    no_names: tuple[str, ...] = ()  # words that it takes for names and that are none: your products, "Gmail"


@dataclass(frozen=True)
class ReportOptions:
    """What the numbers are held against."""

    standard_hours: float = 4.0  # a first reply within this time meets the response standard (wall clock)
    agent_minute_cost: float | None = None  # the owner's own; no figure in money without it


@dataclass(frozen=True)
class CollectorOptions:
    """The young collector of search events."""

    host: str = "127.0.0.1"
    port: int = 8009
    origins: tuple[str, ...] = ()  # whose pages may send; empty: any


@dataclass(frozen=True)
class Settings:
    """Everything a command needs to know. Paths are absolute."""

    root: Path  # the site's folder: mkdocs.yml, kb/, .helploop/
    site: SiteOptions = field(default_factory=SiteOptions)
    store: StoreOptions = field(default_factory=StoreOptions)
    encoder: EncoderOptions = field(default_factory=EncoderOptions)
    intake: IntakeSettings = field(default_factory=IntakeSettings)
    redaction: RedactionSettings = field(default_factory=RedactionSettings)
    clustering: ClusteringOptions = field(default_factory=ClusteringOptions)
    matching: MatchingOptions = field(default_factory=MatchingOptions)
    drafting: DraftingOptions = field(default_factory=DraftingOptions)
    misses: MissOptions = field(default_factory=MissOptions)
    triage: TriageOptions = field(default_factory=TriageOptions)
    tuning: TuningOptions = field(default_factory=TuningOptions)
    report: ReportOptions = field(default_factory=ReportOptions)
    collector: CollectorOptions = field(default_factory=CollectorOptions)

    @property
    def kb(self) -> Path:
        """What people own, in git."""
        return self.root / "kb"

    @property
    def articles(self) -> Path:
        """The only folder that can be published."""
        return self.kb / "articles"

    @property
    def state(self) -> Path:
        """Machine state, never in git."""
        return self.root / ".helploop"

    @property
    def database(self) -> Path | str:
        """A path, or an URL."""
        return self.store.database if "://" in self.store.database else self.root / self.store.database


def load_settings(root: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the site in `root`. All mistakes are collected.

    Raises ConfigError naming file:line, the key, and the nearest right one.
    """
    root = root.resolve()
    if not root.is_dir():
        raise ConfigError(f"{root}: no such folder; `helploop init {root}` makes a site there")
    name, text, table = _read(root)
    sections = {f.name: f.type for f in dataclasses.fields(Settings) if f.name != "root"}
    problems: list[str] = []
    values: dict[str, Any] = {}
    for section, content in table.items():
        where = f"{name}:{_line_of(text, section)}"
        if section not in sections:
            problems.append(f"{where}: unknown section [{section}]{_nearest(section, list(sections))}")
        elif not isinstance(content, dict):
            problems.append(f"{where}: {section} is a section: write [{section}]")
        else:
            values[section] = content
    for section, content in _from_environment(os.environ if environ is None else environ, sections).items():
        values[section] = {**values.get(section, {}), **content}
    made: dict[str, Any] = {}
    for section, content in values.items():
        made[section] = _convert(name, text, section, content, problems)
    if problems:
        raise ConfigError("\n".join(problems))
    return Settings(root=root, **made)


def _read(root: Path) -> tuple[str, str, dict[str, Any]]:
    for name, path in ((CONFIG_FILE, ()), ("pyproject.toml", ("tool", "helploop"))):
        file = root / name
        if not file.is_file():
            continue
        try:
            text = file.read_text(encoding="utf-8")
            table = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{name}: {error}") from error
        for key in path:
            table = table.get(key, {})
        if name == CONFIG_FILE or table:
            return name, text, table
    return CONFIG_FILE, "", {}


def _from_environment(environ: Mapping[str, str], sections: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    # HELPLOOP_ENCODER_NAME=... sets [encoder] name; values are TOML, or a bare string
    found: dict[str, dict[str, Any]] = {}
    for variable, value in sorted(environ.items()):
        for section in sections:
            prefix = f"HELPLOOP_{section.upper()}_"
            if variable.startswith(prefix):
                try:
                    parsed: Any = tomllib.loads(f"v = {value}")["v"]
                except tomllib.TOMLDecodeError:
                    parsed = value
                found.setdefault(section, {})[variable.removeprefix(prefix).lower()] = parsed
    return found


def _convert(name: str, text: str, section: str, content: Mapping[str, Any], problems: list[str]) -> Any:
    kind = type(getattr(Settings(root=Path()), section))
    known = [f.name for f in dataclasses.fields(kind)]
    good: dict[str, Any] = {}
    for key, value in content.items():
        where = f"{name}:{_line_of(text, section, key)}: [{section}] {key}"
        if key not in known:
            problems.append(f"{where}: unknown key{_nearest(key, known)}")
            continue
        try:
            msgspec.convert({key: value}, kind)
        except (msgspec.ValidationError, ValueError) as error:
            reason = re.sub(r" - at `.*`$", "", str(error))
            if not reason.startswith("Object missing required"):
                problems.append(f"{where}: {reason[:1].lower()}{reason[1:]}")
                continue
        good[key] = value
    return msgspec.convert(good, kind)


def _line_of(text: str, section: str, key: str | None = None) -> int:
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[([^\]]+)\]", line)
        if header:
            name = header[1].removeprefix("tool.helploop.")
            inside = name == section
            if (inside and key is None) or name == f"{section}.{key}":
                return number
        elif re.match(rf"\s*{re.escape(section if key is None else key)}\s*=", line) and (inside or key is None):
            return number
    return 1


def _nearest(word: str, right: list[str]) -> str:
    match = process.extractOne(word, right, scorer=fuzz.ratio, score_cutoff=60)
    return f"; did you mean {match[0]}?" if match else f"; there are {', '.join(sorted(right))}"
