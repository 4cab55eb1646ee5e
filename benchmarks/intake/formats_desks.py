"""The same invented conversations as the exports of help desks, forums and chats."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from formats_data import Talk, document, lines, talks


def _zendesk(folder: Path, count: int) -> list[Path]:
    """Tickets, comments and users in files of their own."""
    tickets = (
        {
            "id": t.number + 1,
            "created_at": t.asked_at.isoformat(),
            "subject": t.title,
            "description": t.asked,
            "status": "solved",
            "requester_id": 1000 + t.number // 3,
            "submitter_id": 1000 + t.number // 3,
            "assignee_id": 9,
            "tags": ["box"],
            "via": {"channel": "email", "source": {"from": {"address": t.mail, "name": t.name}, "to": {}, "rel": None}},
            "satisfaction_rating": {"score": "good"},
        }
        for t in talks(count)
    )
    comments = (
        {
            "id": t.number * 2 + i,
            "ticket_id": t.number + 1,
            "type": "Comment",
            "author_id": author,
            "public": True,
            "body": body,
            "created_at": at.isoformat(),
            "attachments": [],
        }
        for t in talks(count)
        for i, (author, body, at) in enumerate(
            ((1000 + t.number // 3, t.asked, t.asked_at), (9, t.answer, t.answered_at))
        )
    )
    users = [{"id": 9, "name": "Mara", "email": "mara@kettlewren.example", "role": "agent"}]
    users += [
        {"id": 1000 + n, "name": f"C {n}", "email": f"customer{n}@mail.example", "role": "end-user"}
        for n in range(count // 3 + 1)
    ]
    return [
        *document(folder / "tickets.json", '{"tickets": [', tickets, '], "next_page": null}\n'),
        *lines(folder / "comments.jsonl", comments),
        *document(folder / "users.json", '{"users": [', users, '], "next_page": null}\n'),
    ]


def _intercom(folder: Path, count: int) -> list[Path]:
    rows = (
        {
            "type": "conversation",
            "id": str(t.number),
            "created_at": int(t.asked_at.timestamp()),
            "title": None,
            "state": "closed",
            "source": {
                "type": "conversation",
                "id": "s",
                "delivered_as": "customer_initiated",
                "subject": "",
                "body": f"<p>{t.asked}</p>",
                "author": {"type": "user", "id": f"u{t.number // 3}", "name": t.name, "email": t.mail},
                "attachments": [],
            },
            "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": f"u{t.number // 3}"}]},
            "tags": {"type": "tag.list", "tags": []},
            "conversation_parts": {
                "type": "conversation_part.list",
                "conversation_parts": [
                    {
                        "type": "conversation_part",
                        "id": f"p{t.number}",
                        "part_type": "comment",
                        "body": f"<p>{t.answer}</p>",
                        "created_at": int(t.answered_at.timestamp()),
                        "author": {"type": "admin", "id": "9", "name": "Mara"},
                    }
                ],
            },
        }
        for t in talks(count)
    )
    return document(folder / "intercom.json", '{"type": "conversation.list", "conversations": [', rows, "]}\n")


def _freshdesk(folder: Path, count: int) -> list[Path]:
    rows = (
        {
            "id": t.number + 1,
            "subject": t.title,
            "description": f"<div>{t.asked}</div>",
            "description_text": t.asked,
            "status": 5,
            "priority": 1,
            "source": 1,
            "requester_id": 1000 + t.number // 3,
            "responder_id": 9,
            "spam": False,
            "tags": ["box"],
            "created_at": t.asked_at.isoformat(),
            "requester": {"id": 1000 + t.number // 3, "name": t.name, "email": t.mail},
            "conversations": [
                {
                    "id": t.number + 1,
                    "body_text": t.answer,
                    "incoming": False,
                    "private": False,
                    "user_id": 9,
                    "source": 0,
                    "created_at": t.answered_at.isoformat(),
                }
            ],
        }
        for t in talks(count)
    )
    return document(folder / "freshdesk.json", "[", rows, "]\n")


def _zammad(folder: Path, count: int) -> list[Path]:
    def articles(t: Talk) -> list[dict[str, Any]]:
        turns = (
            ("Customer", f"{t.name} <{t.mail}>", t.asked, t.asked_at),
            ("Agent", "Mara via Shop", t.answer, t.answered_at),
        )
        return [
            {
                "id": t.number * 2 + i,
                "ticket_id": t.number + 1,
                "type": "email",
                "sender": sender,
                "from": by,
                "subject": t.title,
                "body": body,
                "content_type": "text/plain",
                "internal": False,
                "created_at": at.isoformat(),
                "attachments": [],
            }
            for i, (sender, by, body, at) in enumerate(turns)
        ]

    rows = (
        {
            "id": t.number + 1,
            "group_id": 1,
            "number": str(22000 + t.number),
            "title": t.title,
            "owner_id": 3,
            "customer_id": 6,
            "state_id": 4,
            "state": "closed",
            "customer": t.mail,
            "article_count": 2,
            "created_at": t.asked_at.isoformat(),
            "tags": ["box"],
            "articles": articles(t),
        }
        for t in talks(count)
    )
    return document(folder / "zammad.json", "[", rows, "]\n")


def _chatwoot(folder: Path, count: int) -> list[Path]:
    def turns(t: Talk) -> list[dict[str, Any]]:
        return [
            {
                "id": t.number * 2 + kind,
                "content": body,
                "inbox_id": 1,
                "conversation_id": t.number + 1,
                "message_type": kind,
                "content_type": "text",
                "content_attributes": {},
                "created_at": int(at.timestamp()),
                "private": False,
            }
            for kind, body, at in ((0, t.asked, t.asked_at), (1, t.answer, t.answered_at))
        ]

    rows = (
        {
            "meta": {
                "sender": {"email": t.mail, "id": 1000 + t.number // 3, "name": t.name},
                "channel": "Channel::WebWidget",
                "assignee": {"id": 2, "name": "Mara"},
            },
            "id": t.number + 1,
            "messages": turns(t),
            "inbox_id": 1,
            "labels": ["box"],
            "status": "resolved",
            "created_at": int(t.asked_at.timestamp()),
            "timestamp": int(t.answered_at.timestamp()),
        }
        for t in talks(count)
    )
    return document(folder / "chatwoot.json", '{"data": {"meta": {"all_count": 1}, "payload": [', rows, "]}}\n")


def _discourse(folder: Path, count: int) -> list[Path]:
    def post(t: Talk, n: int, by: str, body: str, at: datetime) -> dict[str, Any]:
        return {
            "id": t.number * 2 + n,
            "name": by,
            "username": by,
            "created_at": at.isoformat(),
            "cooked": f"<p>{body}</p>",
            "post_number": n,
            "post_type": 1,
            "topic_id": t.number + 1,
            "user_id": n,
            "staff": n == 2,
            "hidden": False,
        }

    rows = (
        {
            "id": t.number + 1,
            "title": t.title,
            "posts_count": 2,
            "created_at": t.asked_at.isoformat(),
            "tags": ["box"],
            "archetype": "regular",
            "visible": True,
            "post_stream": {
                "posts": [
                    post(t, 1, f"user{t.number // 3}", t.asked, t.asked_at),
                    post(t, 2, "mara", t.answer, t.answered_at),
                ]
            },
        }
        for t in talks(count)
    )
    return lines(folder / "discourse.jsonl", rows)


def _slack(folder: Path, count: int) -> list[Path]:
    """A file a day, as Slack writes them; a thread of two messages a conversation."""
    export = folder / "slack"
    (export / "support").mkdir(parents=True)
    users = [
        {
            "id": "UA",
            "name": "mara",
            "is_bot": False,
            "profile": {"email": "mara@kettlewren.example", "real_name": "Mara"},
        }
    ]
    users += [
        {
            "id": f"U{n}",
            "name": f"c{n}",
            "is_bot": False,
            "profile": {"email": f"customer{n}@mail.example", "real_name": f"C {n}"},
        }
        for n in range(count // 3 + 1)
    ]
    (export / "users.json").write_text(json.dumps(users))
    (export / "channels.json").write_text(json.dumps([{"id": "C1", "name": "support", "members": []}]))
    days: dict[str, list[dict[str, Any]]] = {}
    for t in talks(count):
        began = f"{t.asked_at.timestamp():.6f}"
        for user, text, at in ((f"U{t.number // 3}", t.asked, t.asked_at), ("UA", t.answer, t.answered_at)):
            message = {"type": "message", "user": user, "text": text, "ts": f"{at.timestamp():.6f}", "thread_ts": began}
            days.setdefault(f"{at:%Y-%m-%d}", []).append(message)
    for day, messages in days.items():
        (export / "support" / f"{day}.json").write_text(json.dumps(messages))
    return [export]


DESKS: dict[str, Callable[[Path, int], list[Path]]] = {
    "zendesk": _zendesk,
    "intercom": _intercom,
    "freshdesk": _freshdesk,
    "chatwoot": _chatwoot,
    "zammad": _zammad,
    "discourse": _discourse,
    "slack": _slack,
}
