"""Zammad: tickets with their articles and users, in files of their own, inside, or as the "assets" of the API.

Read together: tickets (expanded or with ids alone), articles with their ticket_id, users, and answers of the kind
{"assets": {"Ticket": {...}, "TicketArticle": {...}, "User": {...}}}. Articles of customers are theirs, those of agents
the agents'. Internal articles and what the system sent (automatic replies) are left out, merged tickets ignored: their
articles stand in the ticket they were merged into. Fields:
https://docs.zammad.org/en/latest/api/ticket/index.html and .../articles.html; the numbers of senders, types and states
are those that db/seeds of github.com/zammad/zammad lays down.
"""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from helploop.domain import Channel, IgnoredRow, RawInquiry
from helploop.intake.desks.conversation import (
    Turn,
    as_dict,
    as_dicts,
    as_id,
    known,
    mostly,
    text_or_html,
    told,
)
from helploop.intake.desks.joined import TICKET, TURN, JoinedExport, Row, found_in, key_of
from helploop.intake.desks.spool import Part, Spool
from helploop.intake.interface import IntakeOptions, Reader, Record
from helploop.intake.sample import Sample
from helploop.intake.values import RowError, as_list, as_short, as_text, as_time

_NAME = "zammad"
_LISTS = ("tickets", "articles", "ticket_articles", "users")
_SENDERS = {1: "agent", 2: "customer", 3: "system"}  # sender_id
_TYPES = {
    1: "email",
    2: "sms",
    3: "chat",
    5: "phone",
    6: "twitter status",
    7: "twitter direct-message",
    8: "facebook feed post",
    9: "facebook feed comment",
    10: "note",
    11: "web",
    12: "telegram personal-message",
    13: "facebook direct-message",
    14: "whatsapp message",
}  # type_id
# The type of the first article -> ours; web and notes are tickets.
_CHANNELS = {
    "email": Channel.MAIL,
    "phone": Channel.PHONE,
    "sms": Channel.CHAT,
    "chat": Channel.CHAT,
    "telegram personal-message": Channel.CHAT,
    "whatsapp message": Channel.CHAT,
    **dict.fromkeys(("twitter status", "twitter direct-message", "facebook direct-message"), Channel.SOCIAL),
    **dict.fromkeys(("facebook feed post", "facebook feed comment"), Channel.SOCIAL),
}
_CLOSED, _MERGED = ("closed", 4), ("merged", 5)  # state or state_id


def _sort(row: dict[str, Any]) -> list[Row] | str:
    assets = row.get("assets")
    if isinstance(assets, dict):
        found = [one for kind in ("User", "Ticket", "TicketArticle") for one in _values(assets.get(kind), kind)]
        rows: list[Row] = []
        for one in found:
            told = _sort(one)
            if isinstance(told, str):
                return told
            rows += told
        return rows
    if _is_article(row):
        return [Row(TURN, key_of(row, "ticket_id", "an article"), row)]
    if _is_ticket(row):
        return [Row(TICKET, key_of(row, "id", "a ticket"), row)]
    if _is_user(row):
        _check_user(row)
        return [Row("user", key_of(row, "id", "a user"), row)]
    raise RowError("neither a ticket nor an article with its ticket_id nor a user of Zammad")


def _values(table: object, name: str) -> list[dict[str, Any]]:
    return as_dicts(list(as_dict(table, name).values()), name)


class _Tickets:
    """Tickets of a filled spool to records."""

    def __init__(self, spool: Spool, options: IntakeOptions) -> None:
        self._spool = spool
        self._options = options

    def record(self, part: Part, articles: list[dict[str, Any]]) -> Record:
        """A ticket with its articles as an inquiry, or as an IgnoredRow. Raises ValueError."""
        ticket = part.value
        if _state(ticket) in _MERGED:
            return IgnoredRow(part.place.file, part.place.line, "merged into another ticket")
        articles = [article for article in articles if _is_spoken(article)]
        articles.sort(key=lambda article: str(article.get("created_at") or ""))
        name, mail, locale = self._customer(ticket, articles)
        closed_at = as_time(ticket.get("last_close_at") or ticket.get("close_at"), "close_at")
        is_closed = _state(ticket) in _CLOSED
        first = next((article for article in articles if _sender(article) == "customer"), {})
        draft = RawInquiry(
            source=self._options.source_name(_NAME),
            source_id=part.key,
            text="",
            title=as_short(ticket.get("title"), "title"),
            channel=_CHANNELS.get(_type(first)) or self._options.channel_or(Channel.TICKET),
            received_at=as_time(ticket.get("created_at"), "created_at"),
            first_reply_at=as_time(ticket.get("first_response_at"), "first_response_at"),
            resolved_at=closed_at if is_closed else None,
            customer=mail or as_id(ticket.get("customer_id")),
            customer_names=known(name, mail),
            locale=locale[:20],
            tags=tuple(as_short(tag) for tag in as_list(ticket.get("tags"), "tags")),
            repeat_contacts=1 if closed_at and not is_closed else 0,  # closed once, and open again
        )
        return told(draft, [self._turn(article, name or mail) for article in articles], part.place)

    def _turn(self, article: dict[str, Any], customer: str) -> Turn:
        name, mail = parseaddr(as_short(article.get("from"), "from"))
        author = self._user(article.get("origin_by_id") or article.get("created_by_id"))
        name = _full_name(author) or name.split(" via ")[0] or as_short(article.get("created_by"), "created_by")
        is_known = any(self._options.is_agent(known_as) for known_as in (name, mail) if known_as)
        is_agent = _sender(article) != "customer" or is_known
        is_html = as_short(article.get("content_type")) != "text/plain"
        body = article.get("body")
        return Turn(
            text=text_or_html(None, body) if is_html else as_text(body),
            is_agent=is_agent,
            by=name or mail if is_agent else customer or name or mail,
            at=as_time(article.get("created_at"), "an article's created_at"),
            attachments=_files(article),
        )

    def _customer(self, ticket: dict[str, Any], articles: list[dict[str, Any]]) -> tuple[str, str, str]:
        """Name, mail and locale of who asks: of the user, else what the ticket and its first article say."""
        inline = ticket.get("customer")  # when expanded: a mail, or a name; mended rows hold the user
        user = self._user(ticket.get("customer_id")) or (inline if isinstance(inline, dict) else {})
        first = next((article for article in articles if _sender(article) == "customer"), {})
        name, mail = parseaddr(as_short(first.get("from"), "from"))
        mail = mail if "@" in mail else ""
        login = "" if isinstance(inline, dict) else as_short(inline)
        mail = as_short(user.get("email")) or (login if "@" in login else "") or mail
        preferences = user.get("preferences")
        locale = preferences.get("locale") if isinstance(preferences, dict) else ""
        return _full_name(user) or name or (login if "@" not in login else ""), mail, as_short(locale)

    def _user(self, identity: object) -> dict[str, Any]:
        key = as_id(identity)
        found = self._spool.of("user", key) if key else []
        return found[-1].value if found else {}


def _is_spoken(article: dict[str, Any]) -> bool:
    return article.get("internal") is not True and _sender(article) != "system"


def _sender(article: dict[str, Any]) -> str:
    named = as_short(article.get("sender"), "sender").lower()
    number = article.get("sender_id")
    return named or (_SENDERS.get(number, "agent") if isinstance(number, int) else "agent")


def _type(article: dict[str, Any]) -> str:
    number = article.get("type_id")
    return as_short(article.get("type"), "type").lower() or (_TYPES.get(number, "") if isinstance(number, int) else "")


def _state(ticket: dict[str, Any]) -> object:
    named = ticket.get("state")
    return as_short(named, "state").lower() if named else ticket.get("state_id")


def _check_user(user: dict[str, Any]) -> None:
    """Raises RowError: a user who cannot be read must not cost all tickets that name them."""
    _full_name(user)
    as_short(user.get("email"), "a user's email")


def _full_name(user: dict[str, Any]) -> str:
    return " ".join(name for name in (as_short(user.get("firstname")), as_short(user.get("lastname"))) if name)


def _files(article: dict[str, Any]) -> tuple[str, ...]:
    """The names of attached files, without pictures that stand in the text."""
    files = as_dicts(article.get("attachments"), "attachments")
    kept = (f for f in files if as_dict(f.get("preferences"), "preferences").get("Content-Disposition") != "inline")
    return tuple(name for name in (as_short(file.get("filename")) for file in kept) if name)


def _is_ticket(row: dict[str, Any]) -> bool:
    return "customer_id" in row and "number" in row and "title" in row and ("owner_id" in row or "article_count" in row)


def _is_article(row: dict[str, Any]) -> bool:
    return "ticket_id" in row and "internal" in row and "body" in row and ("sender" in row or "sender_id" in row)


def _is_user(row: dict[str, Any]) -> bool:
    return "firstname" in row and "lastname" in row and "login" in row


def _is_ours(row: dict[str, Any]) -> bool:
    assets = row.get("assets")
    has_tickets = isinstance(assets, dict) and "Ticket" in assets
    return has_tickets or _is_ticket(row) or _is_article(row) or _is_user(row)


def _recognises(sample: Sample) -> bool:
    return mostly(sample, _is_ours)


READER = Reader(
    _NAME,
    Channel.TICKET,
    '{"id", "number", "title", "customer_id", ...}',
    _recognises,
    JoinedExport(
        "Zammad",
        found_in(_LISTS),
        "articles",
        _sort,
        lambda spool, options: _Tickets(spool, options).record,
        ("user", "customer_id", "customer"),
    ).read,
    joins_files=True,
    knows_fields=True,
)
