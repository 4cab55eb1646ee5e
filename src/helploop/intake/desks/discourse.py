"""Discourse: topics with their posts, as /t/ID.json gives them, and posts that stand elsewhere.

Read together: topics ({"title", "post_stream": {"posts": [...]}}), further posts of a topic (/t/ID/posts.json), lists
of topics (/latest.json) with lists of posts (/posts.json), and results of the Data Explorer ({"columns", "rows"}) that
have topic_id, post_number and raw or cooked. The topic is the inquiry, its first poster the customer, there and in
later posts. Agents are staff, those the configuration names and whoever wrote the accepted answer; in a topic without
any of them everybody but the first poster is. Small actions, whispers, hidden and deleted posts and the system's are
left out.
Fields: https://docs.discourse.org/#tag/Topics/operation/getTopic; post types and flags stand in app/models/post.rb and
app/serializers/post_serializer.rb of github.com/discourse/discourse, accepted answers in its plugin discourse-solved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helploop.domain import Channel, IgnoredRow, RawInquiry
from helploop.intake.desks.conversation import Turn, as_dict, as_dicts, as_id, known, mostly, text_or_html, told
from helploop.intake.desks.joined import TICKET, TURN, Found, JoinedExport, Row, found_in, key_of
from helploop.intake.desks.spool import Part, Place, Spool
from helploop.intake.interface import IntakeOptions, Reader, Record
from helploop.intake.json_records import list_prefix, read_document
from helploop.intake.sample import Sample
from helploop.intake.streams import read_head
from helploop.intake.values import RowError, as_list, as_number, as_short, as_text, as_time

_NAME = "discourse"
_LISTS = ("users", "topics", "topic_list.topics", "posts", "latest_posts", "post_stream.posts")
_SMALL_ACTION, _WHISPER = 3, 4  # post_type; 1 is a regular post, 2 one that a moderator marked as such
_LIKE = 2  # id of an action
_SYSTEM = ("system", "discobot")
_FILES = re.compile(r"""\[([^\[\]|]{1,200})\|attachment\]|class="attachment"[^<>]{0,500}>([^<>]{1,200})<""")


def _find(path: Path, options: IntakeOptions) -> Iterator[Found]:
    """As the other desks, but a topic is one record, however long its list of posts: it comes before the topic's id."""
    if list_prefix(read_head(path).lstrip()) != "post_stream.posts.item":
        yield from found_in(_LISTS)(path, options)
        return
    for number, (line, value) in enumerate(read_document(path, ""), 1):
        yield Place(path.name, line.number, number), value, line.text


def _sort(row: dict[str, Any]) -> list[Row] | str:
    if _is_explorer(row):
        columns = [as_short(column, "a column") for column in row["columns"]]
        rows = [dict(zip(columns, values, strict=False)) for values in row["rows"] if isinstance(values, list)]
        return [made for one in rows for made in _post(one | {"topic_title": one.get("title")})]
    if isinstance(row.get("post_stream"), dict):
        posts = as_dicts(row["post_stream"].get("posts"), "post_stream.posts")
        key = key_of(row, "id", "a topic")
        if "title" in row:
            return [Row(TICKET, key, {k: v for k, v in row.items() if k != "post_stream"} | {"posts": posts})]
        return [Row(TURN, key, post) for post in posts]
    if _is_post(row):
        return _post(row)
    if _is_user(row):
        return []  # stands beside lists of topics; posts say who wrote them
    if _is_topic(row):
        return [Row(TICKET, key_of(row, "id", "a topic"), row)]
    raise RowError("neither a topic nor a post with its topic_id of Discourse")


def _post(row: dict[str, Any]) -> list[Row]:
    """The post; one that opens its topic and knows the topic's title stands for the topic as well."""
    key = key_of(row, "topic_id", "a post")
    made = [Row(TURN, key, row)]
    if row.get("topic_title") is not None and as_id(row.get("post_number")) == "1":
        made.insert(0, Row(TICKET, key, {"id": key, "title": row["topic_title"], "created_at": row.get("created_at")}))
    return made


def _record(part: Part, posts: list[dict[str, Any]], options: IntakeOptions) -> Record:
    topic = part.value
    posts = sorted(posts, key=lambda post: as_number(post.get("post_number"), "post_number", 0, 1e9) or 0.0)
    first = next((post for post in posts if as_id(post.get("post_number")) == "1"), posts[0] if posts else {})
    creator = as_dict(as_dict(topic.get("details"), "details").get("created_by"), "details.created_by")
    starter = _handle(first) or _handle(creator)
    if reason := _why_ignored(topic, first, starter):
        return IgnoredRow(part.place.file, part.place.line, reason)
    posts = [post for post in posts if _is_spoken(post)]
    accepted = _accepted(topic, posts)
    name = as_short(first.get("name"))
    is_mail = topic.get("archetype") == "private_message" and first.get("via_email") is True
    draft = RawInquiry(
        source=options.source_name(_NAME),
        source_id=part.key,
        text="",
        title=as_short(topic.get("title"), "title"),
        channel=Channel.MAIL if is_mail else options.channel_or(Channel.FORUM),
        received_at=as_time(topic.get("created_at"), "created_at"),
        resolved_at=as_time(accepted.get("created_at"), "a post's created_at"),
        customer=starter,
        customer_names=known(name, starter),
        tags=tuple(_tag(tag) for tag in as_list(topic.get("tags"), "tags")),
    )
    agents = {_handle(post) for post in posts if _is_staff(post, options)} | (
        {_handle(accepted)} if accepted else set()
    )
    helpers = agents if agents - {starter, ""} else None
    turns = [_turn(post, starter, helpers, post is accepted) for post in posts]
    return told(draft, turns, part.place)


def _turn(post: dict[str, Any], starter: str, agents: set[str] | None, is_accepted: bool) -> Turn:
    handle = _handle(post)
    likes = [
        action.get("count") for action in as_dicts(post.get("actions_summary"), "actions") if action.get("id") == _LIKE
    ]
    html = post.get("cooked")
    if isinstance(html, str):
        html = _without(html, '<aside class="quote', "</aside>")
    plain = _without(as_text(post.get("raw")), "[quote", "[/quote]")
    files = _FILES.findall(f"{plain}\n{html if isinstance(html, str) else ''}"[:200_000])
    return Turn(
        text=text_or_html(plain, html),
        is_agent=handle != starter and (agents is None or handle in agents),
        by=as_short(post.get("name")) or handle,
        at=as_time(post.get("created_at"), "a post's created_at"),
        attachments=tuple(in_raw or in_html for in_raw, in_html in files),
        helpful=int(as_number(likes[0] if likes else None, "likes", 0, 1e9) or 0) + is_accepted,
    )


def _why_ignored(topic: dict[str, Any], first: dict[str, Any], starter: str) -> str:
    reason = ""
    if topic.get("deleted_at") or first.get("deleted_at") or first.get("user_deleted") is True:
        reason = "deleted"
    elif first.get("hidden") is True:
        reason = "spam"  # hidden because it was flagged
    elif starter in _SYSTEM or any(first.get(flag) is True for flag in ("staff", "admin", "moderator")):
        reason = "begun by staff"
    return reason


def _is_spoken(post: dict[str, Any]) -> bool:
    is_gone = post.get("deleted_at") or post.get("hidden") is True or post.get("user_deleted") is True
    return not (
        is_gone
        or post.get("post_type") in (_SMALL_ACTION, _WHISPER)
        or post.get("action_code")
        or _handle(post) in _SYSTEM
    )


def _is_staff(post: dict[str, Any], options: IntakeOptions) -> bool:
    is_flagged = any(post.get(flag) is True for flag in ("staff", "admin", "moderator"))
    return is_flagged or any(options.is_agent(name) for name in (_handle(post), as_short(post.get("name"))) if name)


def _accepted(topic: dict[str, Any], posts: list[dict[str, Any]]) -> dict[str, Any]:
    """The post that answers the topic; {} when none is marked."""
    told_by_topic = topic.get("accepted_answer")
    number = told_by_topic.get("post_number") if isinstance(told_by_topic, dict) else None
    return next(
        (p for p in posts if p.get("accepted_answer") is True or (number and p.get("post_number") == number)), {}
    )


def _handle(post: dict[str, Any]) -> str:
    return as_short(post.get("username"), "username") or as_id(post.get("user_id"))


def _without(text: str, start: str, end: str) -> str:
    """The text without what stands from each start to the next end. Linear."""
    kept, at = [], 0
    while (begin := text.find(start, at)) >= 0 and (stop := text.find(end, begin)) >= 0:
        kept.append(text[at:begin])
        at = stop + len(end)
    return "".join((*kept, text[at:])).strip()


def _tag(tag: object) -> str:
    return as_short(tag.get("name") if isinstance(tag, dict) else tag)


def _is_topic(row: dict[str, Any]) -> bool:
    return "title" in row and "posts_count" in row and ("slug" in row or "category_id" in row)


def _is_post(row: dict[str, Any]) -> bool:
    return "topic_id" in row and "post_number" in row and ("cooked" in row or "raw" in row)


def _is_user(row: dict[str, Any]) -> bool:
    return "username" in row and "avatar_template" in row


def _is_explorer(row: dict[str, Any]) -> bool:
    columns, rows = row.get("columns"), row.get("rows")
    return isinstance(columns, list) and isinstance(rows, list) and _is_post(dict.fromkeys(map(str, columns)))


def _is_ours(row: dict[str, Any]) -> bool:
    stream = row.get("post_stream")
    is_topic = (isinstance(stream, dict) and "posts" in stream) or _is_topic(row)
    return is_topic or _is_post(row) or _is_explorer(row) or _is_user(row)


def _recognises(sample: Sample) -> bool:
    return mostly(sample, _is_ours)


def _maker(_spool: Spool, options: IntakeOptions) -> Any:
    return lambda part, posts: _record(part, posts, options)


READER = Reader(
    _NAME,
    Channel.FORUM,
    '{"id", "title", "post_stream": {"posts": [...]}}',
    _recognises,
    JoinedExport("Discourse", _find, "posts", _sort, _maker).read,
    joins_files=True,
    knows_fields=True,
)
