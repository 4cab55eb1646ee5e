"""Zammad's tickets, joined with their articles and users."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, read_files, recognise
from tests.intake.desks.reading import FIXTURES, at, one, read

TICKET: dict[str, Any] = {
    "id": 1,
    "number": "22001",
    "title": "Invoice",
    "customer_id": 5,
    "owner_id": 3,
    "state_id": 2,
    "created_at": "2026-05-04T08:00:00Z",
}


def article(text: object, sender: str = "Agent", **more: Any) -> dict[str, Any]:
    """An article of that ticket."""
    row = {
        "ticket_id": 1,
        "sender": sender,
        "type": "web",
        "body": text,
        "internal": False,
        "content_type": "text/plain",
    }
    return row | more


def test_tickets_with_their_articles() -> None:
    """A mail with an automatic and a real reply, a merged ticket, a call, a broken one; in any order of files."""
    for files in permutations((FIXTURES / "zammad.json", FIXTURES / "zammad_articles.jsonl")):
        mail, merged, call, broken, orphan = read_files(files)
        assert mail == RawInquiry(
            source="zammad",
            source_id="8",
            text="Where do I find my invoice?",
            title="Invoice missing",
            replies=(RawReply(at("05-04 08:20"), "Pia Agent", True, "Under My account."),),
            channel=Channel.MAIL,
            received_at=at("05-04 08:00"),
            first_reply_at=at("05-04 08:20"),
            resolved_at=at("05-05 10:00"),
            customer="eva@home.example",
            customer_names=("Eva Lund", "eva@home.example"),
            tags=("invoice",),
            attachments=("order.pdf",),
        )
        assert merged == IgnoredRow("zammad.json", 3, "merged into another ticket")
        assert call == RawInquiry(
            source="zammad",
            source_id="10",
            text="Wants to know whether we restore books.",
            title="Call",
            channel=Channel.PHONE,
            received_at=at("05-06 09:00"),
            customer="kai@home.example",
            customer_names=("Kai Noll", "kai@home.example"),
            locale="de-de",
            repeat_contacts=1,
        )
        assert isinstance(broken, RejectedRow) and broken.reason == "tags is not a list"
        assert orphan == IgnoredRow("zammad_articles.jsonl", 6, "replies to a conversation that is not in the files")


def test_assets(tmp_path: Path) -> None:
    """The answer of a search: tables by id."""
    ids_alone = {"sender_id": 1, "type_id": 11, "created_by_id": 3, "created_at": "2026-05-04T08:05:00Z"}
    answer = {key: value for key, value in article("Here.").items() if key not in ("sender", "type")} | ids_alone
    assets = {
        "Ticket": {"1": TICKET},
        "TicketArticle": {"1": article("<p>Where?</p>", "Customer", content_type="text/html"), "2": answer},
        "User": {
            "3": {"id": 3, "login": "pia", "firstname": "Pia", "lastname": "Agent"},
            "5": {"id": 5, "login": "eva", "firstname": "Eva", "lastname": "", "email": "eva@home.example"},
        },
    }
    found = one(tmp_path, {"tickets": [1], "tickets_count": 1, "assets": assets})
    assert (found.text, found.customer, found.customer_names) == (
        "Where?",
        "eva@home.example",
        ("Eva", "eva@home.example"),
    )
    assert found.replies == (RawReply(at("05-04 08:05"), "Pia Agent", True, "Here."),)
    assert recognise(tmp_path / "0.json") == "zammad"


def test_only_agents_wrote(tmp_path: Path) -> None:
    """A ticket that the company began is no inquiry until the customer answers."""
    reason = "no words of a customer in it"
    assert read(tmp_path, [TICKET | {"articles": [article("Please pay")]}]) == [IgnoredRow("0.json", 1, reason)]
    found = one(tmp_path, [TICKET | {"articles": [article("Please pay"), article("I did.", "Customer")]}])
    assert (found.text, found.title, found.replies) == ("I did.", "", ())


def test_ticket_alone(tmp_path: Path) -> None:
    """Without articles the title is all there is."""
    assert one(tmp_path, [TICKET]).text == "Invoice"


def test_colleague_who_writes_as_a_customer(tmp_path: Path) -> None:
    """An address of the company makes an agent."""
    rows = [article("Where?", "Customer"), article("We ask.", "Customer", **{"from": "Ola <ola@paper.example>"})]
    found = one(tmp_path, [TICKET], rows, options=IntakeOptions(agent_addresses=("@paper.example",)))
    assert [(reply.by, reply.is_agent) for reply in found.replies] == [("Ola", True)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "a ticket without an id"),
        ({"title": {}}, "title is not a text: a dict"),
        ({"created_at": []}, "created_at: not a time: list"),
        ({"articles": 7}, "articles is not a list of objects"),
        ({"articles": [article(["x"], "Customer")]}, "a text is expected where a list stands"),
        ({"articles": [article("x", "Customer", **{"from": {}})]}, "from is not a text: a dict"),
        ({"articles": [article("x", "Customer", attachments="a")]}, "attachments is not a list of objects"),
    ],
)
def test_wrong_shapes_cost_themselves_alone(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    """The ticket is rejected with its JSON, the next one is read."""
    found = read(tmp_path, [TICKET | change, TICKET | {"id": 2}])
    (bad,) = (record for record in found if isinstance(record, RejectedRow))
    assert bad.reason == reason
    assert [record.source_id for record in found if isinstance(record, RawInquiry)] == ["2"]


def test_articles_alone_are_refused(tmp_path: Path) -> None:
    """The message says what is missing."""
    with pytest.raises(IntakeError, match="parts of Zammad's export without its conversations"):
        read(tmp_path, [article("x")])


def test_ten_thousand_articles(tmp_path: Path) -> None:
    """None is lost; one without an author is an agent's."""
    rows = [article("Where?", "Customer"), *(article(f"a {i}") for i in range(9_999)), article("who?", sender="")]
    assert len(one(tmp_path, [TICKET], rows).replies) == 10_000
