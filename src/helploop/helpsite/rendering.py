"""A site's own settings, and its Markdown as HTML, without any site builder running."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import markdown
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import ConfigurationError

from helploop.errors import ArticleError, ConfigError

CONFIG_FILE = "mkdocs.yml"
DOCS_DIR = "kb/articles"
# What a site that helploop scaffolds uses; an import is held against these, because it may precede its site.
DEFAULT_EXTENSIONS: tuple[str, ...] = (
    "toc",
    "tables",
    "admonition",
    "attr_list",
    "def_list",
    "footnotes",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.keys",
    "pymdownx.superfences",
    "pymdownx.tasklist",
)
# Python-Markdown looks for a link at each bracket and reads on to the end: 20,000 in a row took 84 s, 2,000 take 1 s.
# The fullest of 193 real articles has 36.
MAX_BRACKETS = 2_000
# What Python-Markdown and its extensions raise over input they cannot take; anything else is a bug of ours.
_MARKDOWN_ERRORS = (RecursionError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError)


@dataclass(frozen=True)
class SiteConfig:
    """What the gate needs to know of mkdocs.yml and helploop.toml."""

    root: Path
    docs: Path  # the folder that is published
    extensions: tuple[str, ...] = DEFAULT_EXTENSIONS
    extension_configs: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)  # mkdocs.yml as it stands
    public_contacts: tuple[str, ...] = ()  # the company's own addresses and numbers: [site] in helploop.toml


class Renderer:
    """Markdown to HTML as the site's builder does it. Made once for many pages."""

    def __init__(self, extensions: Sequence[str] = DEFAULT_EXTENSIONS, configs: Mapping[str, Any] | None = None):
        self._markdown = markdown.Markdown(extensions=list(extensions), extension_configs=dict(configs or {}))

    def render(self, text: str) -> str:
        """A page's HTML, not yet cleaned.

        Raises:
            ArticleError: Markdown cannot take the text (nested too deeply, or an extension stumbles).
        """
        if (brackets := text.count("[")) > MAX_BRACKETS:
            raise ArticleError(f"has {brackets} opening square brackets, {MAX_BRACKETS} are the most")
        self._markdown.reset()
        try:
            return str(self._markdown.convert(text))
        except _MARKDOWN_ERRORS as error:
            raise ArticleError(f"cannot be turned into a page ({type(error).__name__}: {error})") from error


@lru_cache(maxsize=1)
def default_renderer() -> Renderer:
    """The renderer with DEFAULT_EXTENSIONS."""
    return Renderer()


def load_site(root: Path) -> SiteConfig:
    """The settings of the site in a folder.

    Raises:
        ConfigError: there is no mkdocs.yml, or it (or helploop.toml) cannot be read.
    """
    path = root / CONFIG_FILE
    if not path.is_file():
        raise ConfigError(f"{path}: there is no such file, so this is no site's folder: `helploop init` makes one")
    config = MkDocsConfig(config_file_path=str(path))
    try:
        with path.open("rb") as file:
            config.load_file(file)
    except (ConfigurationError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())}") from error
    settings = dict(config)
    extensions, configs = _load_extensions(path, settings)
    docs = root / str(settings.get("docs_dir", "docs"))
    return SiteConfig(root, docs, extensions, configs, settings, _public_contacts(root))


def _load_extensions(path: Path, settings: Mapping[str, Any]) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    """MkDocs' own reading of `markdown_extensions`, its built-in ones first."""
    option = MkDocsConfig(config_file_path=str(path))
    docs = path.parent / str(settings.get("docs_dir", "docs"))
    if not docs.is_dir():
        raise ConfigError(f"{path}: docs_dir: there is no folder {docs}")
    known = ("site_name", "docs_dir", "markdown_extensions")
    option.load_dict({key: settings[key] for key in known if key in settings})
    errors, _ = option.validate()
    if errors:
        raise ConfigError("; ".join(f"{path}: {key}: {' '.join(str(error).split())}" for key, error in errors))
    return tuple(option.markdown_extensions), dict(option.mdx_configs)


def _public_contacts(root: Path) -> tuple[str, ...]:
    path = root / "helploop.toml"
    if not path.is_file():
        return ()
    try:
        contacts = tomllib.loads(path.read_text(encoding="utf-8")).get("site", {}).get("public_contacts", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    if not isinstance(contacts, list) or not all(isinstance(contact, str) for contact in contacts):
        raise ConfigError(f"{path}: [site] public_contacts must be a list of texts")
    return tuple(contacts)
