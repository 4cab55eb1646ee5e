"""Personal data and secrets in what is about to be published, and the contacts that a company means to publish."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from helploop.articles import write_atomically
from helploop.domain import Article
from helploop.errors import ConfigError
from helploop.helpsite.rendering import default_renderer
from helploop.redaction import find

CONTACT_KINDS = frozenset({"email", "phone", "ip"})  # what a help centre may show on purpose; a card or a secret never

_URL = re.compile(r"https?://[^\s<>\"'`)\]]+", re.IGNORECASE)
# Words joined by hyphens and ids of pages are no secrets: 35 of 193 real articles link to such addresses.
_PAGE_NAME = re.compile(
    r"(?<=/)[^/?#\s]*[-_.~%][^/?#\s]*|(?<==)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])", re.IGNORECASE
)
_BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|td|th|dd|dt|pre|div)>|<br>")
_TAG = re.compile(r"<[^>]*>")


def find_personal_data(text: str, public_contacts: Iterable[str] = ()) -> set[str]:
    """The kinds of personal data and secrets in a text; the company's own contacts are none.

    A contact is a whole address or number, or `@domain` for all addresses of a domain.
    """
    calm = _calm_urls(text)
    found = find(calm)
    if found and (pattern := _contact_pattern(tuple(public_contacts))):
        found = find(pattern.sub(" ", calm))
    return {finding.kind for finding in found}


def shown_text(page: str) -> str:
    """A page's text as a reader sees it: entities and marks between letters hide nothing there."""
    return html.unescape(_TAG.sub("", _BLOCK_END.sub("\n", page)))


def find_contacts(text: str) -> set[str]:
    """The addresses and numbers in a text that count as personal data, as they are written there."""
    found: set[str] = set()
    for line in _calm_urls(text).split("\n"):
        found.update(line[f.start : f.end] for f in find(line) if f.kind in CONTACT_KINDS)
    return found


def allow_contacts(site_root: Path, articles: Iterable[Article]) -> tuple[str, ...]:
    """Adds the contacts in articles that were public before (an import) to public_contacts in helploop.toml.

    Gives those that are new there, sorted. Cards, secrets and account numbers are never allowed this way.

    Raises:
        ConfigError: helploop.toml cannot be read.
    """
    path = site_root / "helploop.toml"
    found: set[str] = set()
    for article in articles:
        shown = shown_text(default_renderer().render(article.body))
        for text in (article.title, article.description, *article.aliases, article.body, shown):
            found |= find_contacts(text)
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8") if path.is_file() else "")
        section = document.setdefault("site", tomlkit.table())
        listed = section.setdefault("public_contacts", tomlkit.array())
        new = sorted(found - {str(contact) for contact in listed})
        for contact in new:
            listed.append(contact)
        if new:
            listed.multiline(True)
    except (TOMLKitError, UnicodeDecodeError, AttributeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    if new:
        write_atomically(path, tomlkit.dumps(document).encode())
    return tuple(new)


@lru_cache(maxsize=8)
def _contact_pattern(contacts: tuple[str, ...]) -> re.Pattern[str] | None:
    """The longest first: one contact may be the end of another."""
    parts = []
    for contact in sorted((contact.strip() for contact in contacts if contact.strip()), key=len, reverse=True):
        is_domain = contact.startswith("@")
        parts.append((r"[\w.+-]{1,64}" if is_domain else r"(?<![\w.+-])") + re.escape(contact) + r"(?![\w-]|\.\w)")
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def _calm_urls(text: str) -> str:
    """Links without the names of their pages; what could be a key in them (`?token=`, `user:word@`) stays."""
    return _URL.sub(lambda match: _PAGE_NAME.sub("page", match.group(0)), text)
