"""Presets: each fixture comes in as whole records, told by its columns, and a wrong name is answered."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply
from helploop.errors import IntakeError
from helploop.intake import FORMATS, IntakeOptions, Record, describe, mapping_named, read_file, read_files
from helploop.intake.presets import preset, preset_names, recognise_preset

DATA = Path(__file__).resolve().parents[1] / "data" / "intake"


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A time in July 2026."""
    return datetime(2026, 7, day, hour, minute, second, tzinfo=UTC)


def records(*names: str, agents: tuple[str, ...] = ()) -> list[Record]:
    """The records of fixtures, read without any option but who answers."""
    return list(read_files([DATA / name for name in names], IntakeOptions(agent_addresses=agents)))


def test_every_preset_has_a_fixture_and_says_where_its_names_are_from() -> None:
    """A preset nobody tried, or whose names nobody can check, is none."""
    fixtures = {path.name.split(".")[0] for path in DATA.iterdir()}
    assert set(preset_names()) <= fixtures
    for name in preset_names():
        head = (Path(recognise_preset.__code__.co_filename).parent / "presets" / f"{name}.toml").read_text()
        assert head.startswith("# ") and ("https://" in head or "page of" in head or "No vendor" in head), name
        assert preset(name).source == name and preset(name).recognised_by


def test_docs_name_every_format() -> None:
    """docs/intake.md has a row for each name that --from takes."""
    docs = (DATA.parents[2] / "docs" / "intake.md").read_text(encoding="utf-8")
    assert [name for name in FORMATS if f"`{name}`" not in docs and name.title() not in docs] == []


@pytest.mark.parametrize("path", sorted(DATA.iterdir()), ids=lambda path: path.name)
def test_fixtures_are_told_by_their_columns(path: Path) -> None:
    """No preset takes another one's file, and none takes ours or a help desk's."""
    name = path.name.split(".")[0]
    expected = f"preset {name}" if name in preset_names() else ""
    assert describe(path).mapping == expected


def test_google_play() -> None:
    """UTF-16; the developer's reply from two columns, version and device as tags, a rating without words counted."""
    link = "https://play.google.com/console/developers/1/app/2/user-feedback/review-details?reviewId=gp-"
    assert records("google-play.csv") == [
        RawInquiry(
            source="google-play",
            source_id=f"{link}7f31",
            text="How do I skip a box? The button is gone since the update.",
            title="Skipping",
            replies=(RawReply(at(6, 14, 30), "", True, "Open Orders, choose the next box and tap Skip this month."),),
            channel=Channel.REVIEW,
            received_at=at(6, 8, 12),
            first_reply_at=at(6, 14, 30),
            csat=2.0,
            locale="en",
            tags=("version:4.2.0", "device:panther"),
        ),
        RawInquiry(
            source="google-play",
            source_id=f"{link}8a02",
            text="Die App stürzt beim Öffnen ab – was kann ich tun?",
            channel=Channel.REVIEW,
            received_at=at(6, 19, 40),
            csat=1.0,
            locale="de",
            tags=("version:4.2.0",),
        ),
        IgnoredRow("google-play.csv", 4, "blank"),
    ]


def test_app_store() -> None:
    """Pages of the API: title and body, stars, territory."""
    assert records("app-store.json")[0] == RawInquiry(
        source="app-store",
        source_id="00000112-b08c-0014-729e-fbd500000001",
        text="I cannot find dark mode on the iPad. Is it only on the phone?",
        title="Where is dark mode?",
        channel=Channel.REVIEW,
        received_at=at(5, 18, 10, 34),
        customer="leaf_reader",
        csat=2.0,
        tags=("country:USA",),
    )


def test_trustpilot() -> None:
    """The API's pages and the spreadsheet give the same kind of record, with the company's reply."""
    first, second, third, fourth = records("trustpilot.json", "trustpilot.csv")
    assert first == RawInquiry(
        source="trustpilot",
        source_id="66a0f1c2aa01",
        text="I ordered three weeks ago and nothing came. Who do I ask for a refund?",
        title="Box never came",
        replies=(RawReply(at(1, 15, 20), "", True, "Your parcel was returned to us; we have sent it again today."),),
        channel=Channel.REVIEW,
        received_at=at(1, 9),
        first_reply_at=at(1, 15, 20),
        customer="5f31",
        customer_names=("Noor Haddad",),
        csat=1.0,
        locale="en",
        tags=("delivery",),
    )
    assert isinstance(second, RawInquiry) and second.replies == ()
    assert third == RawInquiry(
        source="trustpilot",
        source_id="66a0f1c2aa03",
        text="Me cobraron dos veces, ¿cómo lo reclamo?",
        title="Doble cargo",
        replies=(RawReply(at(3, 16, 45), "", True, "Hemos devuelto el segundo cargo."),),
        channel=Channel.REVIEW,
        received_at=at(3, 12),
        first_reply_at=at(3, 16, 45),
        customer="ines.prado@mail.example",
        customer_names=("Ines Prado",),
        csat=2.0,
        locale="es",
    )
    assert isinstance(fourth, RawInquiry) and fourth.csat == 5.0


def test_hubspot() -> None:
    """The contact's address is told from the name; without a description the name is the text."""
    assert records("hubspot.csv") == [
        RawInquiry(
            source="hubspot",
            source_id="9012345601",
            text="Hello, I moved. How can I change the address of my next box?",
            title="Change address",
            channel=Channel.MAIL,
            received_at=at(6, 9, 14),
            first_reply_at=at(6, 9, 58),
            resolved_at=at(6, 11, 2),
            customer="jo.bloggs@mail.example",
            customer_names=("Jo Bloggs",),
            tags=("Delivery", "pipeline:Support Pipeline", "priority:Medium"),
        ),
        RawInquiry(
            source="hubspot",
            source_id="9012345602",
            text="Invoice for June",
            channel=Channel.CHAT,
            received_at=at(7, 16, 40),
            customer="ana@mail.example",
            customer_names=("Ana Ruiz",),
            tags=("Billing", "Product", "pipeline:Support Pipeline", "priority:Low"),
        ),
        RawInquiry(
            source="hubspot",
            source_id="9012345603",
            text="The customer called: the pot arrived broken, she asks for a new one.",
            title="Call: broken teapot",
            channel=Channel.PHONE,
            received_at=at(8, 10, 5),
            tags=("pipeline:Support Pipeline", "priority:High"),
        ),
    ]


def test_helpscout() -> None:
    """The customer's first thread is the text, newest first or not; notes are no turns, spam is counted."""
    assert records("helpscout.json") == [
        RawInquiry(
            source="helpscout",
            source_id="3101",
            text="<p>My gift card is refused at the checkout. What am I doing wrong?</p>",
            title="Gift card will not work",
            replies=(
                RawReply(at(6, 9), "mara@kettlewren.example", True, "Please type the code without the dashes."),
                RawReply(at(6, 10), "vera@mail.example", False, "Thanks, that worked!"),
            ),
            channel=Channel.MAIL,
            received_at=at(6, 8),
            first_reply_at=at(6, 9),
            resolved_at=at(6, 10, 30),
            customer="vera@mail.example",
            customer_names=("Vera", "Nowak"),
            tags=("gift-card",),
        ),
        IgnoredRow("helpscout.json", 0, "spam"),
    ]


def test_front() -> None:
    """A message a line: conversations are put together, inbound and outbound told apart, automatic answers counted."""
    assert records("front.csv") == [
        IgnoredRow("front.csv", 6, "automatic"),
        RawInquiry(
            source="front",
            source_id="m-1",
            text="Can I pause my subscription over the summer?",
            title="Pause",
            replies=(
                RawReply(
                    at(6, 8, 40),
                    "mara@kettlewren.example",
                    True,
                    "Yes: open Subscription and choose Pause for up to three months.",
                ),
                RawReply(at(6, 9, 10), "vera@mail.example", False, "And will I keep my points?"),
            ),
            channel=Channel.MAIL,
            received_at=at(6, 8),
            first_reply_at=at(6, 8, 40),
            customer="vera@mail.example",
            customer_names=("Vera Nowak",),
            tags=("subscription", "inbox:Support"),
            thread="c-1",
        ),
        RawInquiry(
            source="front",
            source_id="m-2",
            text="The tin arrived dented, what now?",
            title="Dented tin",
            channel=Channel.MAIL,
            received_at=at(6, 8, 5),
            customer="sam@mail.example",
            customer_names=("Sam Hill",),
            tags=("damage", "inbox:Support"),
            thread="c-2",
        ),
    ]


def test_reddit() -> None:
    """Who answers for the company is no customer; everybody else asks for himself, in one thread."""
    tag, thread = "subreddit:kettlewren", "t3_1lt7aa"
    assert records("reddit.jsonl", agents=("kettlewren_mara",)) == [
        IgnoredRow("reddit.jsonl", 5, "deleted"),
        IgnoredRow("reddit.jsonl", 6, "bot"),
        RawInquiry(
            source="reddit",
            source_id=thread,
            text="My wishlist on the web is empty. Does it sync at all?",
            title="Sync between phone and web?",
            replies=(
                RawReply(
                    at(6, 9, 12),
                    "kettlewren_mara",
                    True,
                    "It syncs when you are signed in on both. Check Settings, Account.",
                ),
                RawReply(at(6, 11, 12), "loose_leaf_lou", False, "That was it, thanks!"),
            ),
            channel=Channel.SOCIAL,
            received_at=at(6, 8, 12),
            first_reply_at=at(6, 9, 12),
            customer="loose_leaf_lou",
            tags=("Question", tag),
            thread=thread,
        ),
        RawInquiry(
            source="reddit",
            source_id="t1_n1a2",
            text="Same here, since Monday. How do I reset it?",
            channel=Channel.SOCIAL,
            received_at=at(6, 10, 12),
            customer="chai_tomas",
            tags=(tag,),
            thread=thread,
        ),
    ]


def test_x() -> None:
    """The company's answer is a reply to the post it answers; reposts are counted."""
    assert records("x.json", agents=("42",)) == [
        IgnoredRow("x.json", 0, "repost"),
        RawInquiry(
            source="x",
            source_id="19401",
            text="@kettlewren my code SUMMER is refused, is it over?",
            replies=(RawReply(at(6, 8, 30), "42", True, "@tea_ana It runs until Sunday; it needs an order over 20."),),
            channel=Channel.SOCIAL,
            received_at=at(6, 8),
            first_reply_at=at(6, 8, 30),
            customer="7001",
            locale="en",
            thread="19401",
        ),
    ]


def test_facebook_and_instagram() -> None:
    """Replies stand inside the comment; the Page's own are told by its name in the settings."""
    agents = ("Kettlewren Tea", "kettlewren")
    one, two = records("facebook.json", "instagram.json", agents=agents)[::2]
    assert one == RawInquiry(
        source="facebook",
        source_id="1001_1",
        text="Do you ship to Norway?",
        replies=(
            RawReply(at(6, 8, 20), "Kettlewren Tea", True, "Yes, every Tuesday."),
            RawReply(at(6, 8, 25), "Ole Berg", False, "I would like to know, too"),
        ),
        channel=Channel.SOCIAL,
        received_at=at(6, 8),
        first_reply_at=at(6, 8, 20),
        customer="Kari Dahl",
    )
    assert two == RawInquiry(
        source="instagram",
        source_id="1790001",
        text="How long does the matcha keep once opened?",
        replies=(RawReply(at(6, 9), "kettlewren", True, "@greencup.lea Four weeks in the fridge."),),
        channel=Channel.SOCIAL,
        received_at=at(6, 8),
        first_reply_at=at(6, 9),
        customer="greencup.lea",
    )


def test_surveys() -> None:
    """Open answers are joined, scores told by their questions; what has no words, and half-done forms, are counted."""
    assert records("surveymonkey.csv") == [
        IgnoredRow("surveymonkey.csv", 2, "second header line"),
        RawInquiry(
            source="surveymonkey",
            source_id="118800001",
            text="Please let me change the delivery day in the app.\n\nA smoky black tea from the mountains.",
            channel=Channel.SURVEY,
            received_at=at(6, 8, 12, 44),
            customer="jo@mail.example",
            customer_names=("Jo", "Bloggs"),
            csat=4.0,
            tags=("collector:4001",),
        ),
        IgnoredRow("surveymonkey.csv", 4, "blank"),
        RawInquiry(
            source="surveymonkey",
            source_id="118800003",
            text="The tins are hard to open for my old hands.",
            channel=Channel.SURVEY,
            received_at=at(7, 9, 2, 30),
            csat=2.0,
            tags=("collector:4001",),
        ),
    ]
    assert records("typeform.csv")[1:] == [
        RawInquiry(
            source="typeform",
            source_id="068127e3d5ea",
            text="The app logs me out every single day.",
            channel=Channel.SURVEY,
            received_at=at(6, 9, 2),
            nps=4,
        ),
        IgnoredRow("typeform.csv", 4, "not submitted"),
    ]
    first, blank, _ = records("google-forms.csv")
    assert isinstance(first, RawInquiry) and blank == IgnoredRow("google-forms.csv", 3, "blank")
    assert (first.text, first.customer, first.received_at) == (
        "I would like to know how to return an unopened tin.",
        "jo@mail.example",
        at(13, 14, 5, 33),
    )


def test_scores() -> None:
    """An NPS from 0 to 10 and a CSAT from 1 to 5 are told apart by the kind of survey, or by the column."""
    assert records("delighted.jsonl") == [
        RawInquiry(
            source="delighted",
            source_id="5435",
            text="Quick delivery. Can I send a box as a gift?",
            channel=Channel.SURVEY,
            received_at=at(6, 8, 12),
            customer="jo@mail.example",
            customer_names=("Jo Bloggs",),
            nps=9,
            tags=("box",),
        ),
        RawInquiry(
            source="delighted",
            source_id="5436",
            text="Nobody answered my mail for a week.",
            channel=Channel.SURVEY,
            received_at=at(6, 8, 13, 40),
            customer="ana@mail.example",
            csat=2.0,
        ),
        IgnoredRow("delighted.jsonl", 3, "blank"),
    ]
    assert records("nps.csv")[1:] == [
        RawInquiry(
            source="nps",
            source_id="r2",
            text="Trop cher pour la quantité.",
            channel=Channel.SURVEY,
            received_at=at(6, 9),
            customer="ana@mail.example",
            nps=3,
            locale="fr",
        ),
        IgnoredRow("nps.csv", 4, "blank"),
    ]


def test_lists_of_tickets() -> None:
    """Zendesk's and Freshdesk's tables: words for channels and satisfaction become ours, unknown stays unknown."""
    first, second = records("zendesk-csv.csv")
    assert first == RawInquiry(
        source="zendesk-csv",
        source_id="4711",
        text="How do I cancel my subscription?",
        channel=Channel.MAIL,
        received_at=at(6, 8),
        resolved_at=at(6, 11, 30),
        customer="jo@mail.example",
        customer_names=("Jo Bloggs",),
        waited_minutes=55.0,
        csat=5.0,
        tags=("subscription", "cancel"),
    )
    assert isinstance(second, RawInquiry) and (second.channel, second.csat) == (Channel.TICKET, None)
    assert records("freshdesk-csv.xlsx") == [
        RawInquiry(
            source="freshdesk-csv",
            source_id="501",
            text="I got Earl Grey instead of Assam. Can you swap it?",
            title="Wrong tea",
            channel=Channel.MAIL,
            received_at=at(6, 8),
            first_reply_at=at(6, 8, 45),
            resolved_at=at(6, 12),
            customer="jo@mail.example",
            customer_names=("Jo Bloggs",),
            csat=5.0,
            tags=("swap", "order"),
        ),
        RawInquiry(
            source="freshdesk-csv",
            source_id="502",
            text="Points missing",
            channel=Channel.TICKET,
            received_at=at(7, 9, 30),
            customer="ana@mail.example",
            customer_names=("Ana Ruiz",),
        ),
    ]


def test_plain_tables_give_the_same_records() -> None:
    """CSV, TSV, XLSX, JSON, JSON Lines and Parquet of one log differ in their source alone."""
    names = ("tickets.csv", "tickets.tsv", "tickets.xlsx", "tickets.json", "tickets.jsonl", "tickets.parquet")
    options = IntakeOptions(source="own")
    first, *others = [list(read_file(DATA / name, options)) for name in names]
    assert len(first) == 3 and all(other == first for other in others)


def test_a_preset_by_name(tmp_path: Path) -> None:
    """--from and --map take a preset's name, whatever case and spaces the columns have, and say what is missing."""
    path = tmp_path / "in.csv"
    path.write_text("ticket id;TICKET NAME;ticket_description\n1;a;where is it\n")
    (found,) = read_file(path, IntakeOptions(format="hubspot"))
    assert found == RawInquiry("hubspot", "1", "where is it", "a")
    assert mapping_named(Path("hubspot")) == preset("hubspot")
    path.write_text("Ticket ID,Ticket nmae\n1,a\n")
    with pytest.raises(IntakeError, match=r"preset hubspot: fields.title = 'Ticket name' is not.*mean 'Ticket nmae'"):
        list(read_file(path, IntakeOptions(format="hubspot")))


def test_wrong_names_are_answered(tmp_path: Path) -> None:
    """A typo in --from or --map offers the preset; a mail box is no table."""
    with pytest.raises(IntakeError, match="did you mean hubspot"):
        list(read_file(DATA / "hubspot.csv", IntakeOptions(format="hubspt")))
    with pytest.raises(IntakeError, match="no such mapping file; did you mean the preset trustpilot"):
        mapping_named(Path("trustpliot"))
    mail = tmp_path / "mail"
    mail.write_text("From a@b.example Mon Jul  6 12:00:00 2026\nSubject: x\n\nhi\n")
    with pytest.raises(
        IntakeError, match="--from hubspot does not fit, such a file is a table or JSON; it looks like mbox"
    ):
        list(read_file(mail, IntakeOptions(format="hubspot")))
