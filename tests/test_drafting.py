"""Drafting: what is dropped, what is grouped, what is confirmed, and when there is only a brief."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from helploop.domain import Brief, Draft, DraftLine, Inquiry, QuestionId, Reply, RoundId
from helploop.drafting import DraftingOptions, draft, draft_id
from helploop.drafting.facts import differ, opposes, quantities
from helploop.drafting.lines import instruct, is_destructive, is_step, names_in, trim, volatile, why_not
from helploop.drafting.sentences import split_reply
from tests.conftest import TrigramEncoder, make_inquiry, make_question
from tests.timing import assert_linear

ROUND = RoundId("r0001")
ANY_TOPIC = DraftingOptions(min_relevance=-1.0)  # trigrams know nothing of topics
MARA = """Hi {name},

Thank you for getting in touch. You can leave out a single box yourself:
1. Open the app and go to My box > Next delivery.
2. Choose Skip this one.
3. Press Confirm.
Nothing is charged for a skipped box.

Best wishes,
Mara, Kettlewren"""


def answered(text: str, *replies: tuple[str, str], **facts: object) -> Inquiry:
    """An inquiry with (agent, reply) pairs; the agent "customer" is the customer."""
    turns = tuple(Reply(None, by, by != "customer", said) for by, said in replies)
    return make_inquiry(text, replies=turns, **facts)


def skip_members() -> list[Inquiry]:
    """Five inquiries: an agent's macro thrice, two other agents, one of them out of date."""
    return [
        answered("How do I skip the next box?", ("mara", MARA.format(name="Ines"))),
        answered("Can I leave one delivery out?", ("mara", MARA.format(name="<name>"))),
        answered("please skip my next delivery, away", ("mara", MARA.format(name="Yusuf"))),
        answered(
            "too much coffee, skip one box?",
            (
                "deniz",
                "Hi Callum! Go to My box > Next delivery, choose Skip this one. Nothing is charged for a skipped box.",
            ),
        ),
        answered("hold the next box back", ("owen", "Hi, could you send me your order number please? Owen")),
    ]


def make_draft(
    members: Sequence[Inquiry], encoder: TrigramEncoder, label: str = "How do I skip a box?"
) -> Draft | Brief:
    """Drafts a question over the members."""
    question = make_question(label=label, members=tuple(m.id for m in members), customers=len(members))
    return draft(question, members, encoder.encode, ROUND, ANY_TOPIC)


def confirmed(made: Draft | Brief) -> list[DraftLine]:
    """The confirmed lines of a draft."""
    assert isinstance(made, Draft)
    return [line for line in made.lines if line.is_confirmed]


def test_split_reply_with_steps_paths_and_links_keeps_them_whole() -> None:
    """List items, menu paths, links, versions and abbreviations are not cut; sentences are."""
    text = (
        "Go to My box > Next delivery. Then see https://a.example/x.y?z=1. It is fine, e.g. at 9.30 a.m. today!\n"
        "1. Open it. Wait.\n2) Close it\n> quoted line\n- `rm a. B`"
    )
    assert [(unit.text, unit.is_item) for unit in split_reply(text)] == [
        ("Go to My box > Next delivery.", False),
        ("Then see https://a.example/x.y?z=1.", False),
        ("It is fine, e.g. at 9.30 a.m. today!", False),
        ("Open it. Wait.", True),
        ("Close it", True),
        ("`rm a. B`", True),
    ]


def test_split_reply_with_inline_numbers_gives_items() -> None:
    """Numbers in a row within one line are steps; a lone number is not."""
    assert [unit.text for unit in split_reply("Do this: 1. Open it. 2. Close it.")] == [
        "Do this:",
        "Open it.",
        "Close it.",
    ]
    assert [unit.text for unit in split_reply("Wait 2. Days pass")] == ["Wait 2.", "Days pass"]


def test_split_reply_with_hostile_text_stays_linear() -> None:
    """20 kB of anything is split and judged in far less than the 200 ms of docs/measured.md, times a slow machine."""

    def judged(text: str) -> None:
        for unit in split_reply(text):
            why_not(trim(unit.text), frozenset())
        names_in(text)

    for probe in (
        "\n" * 20_000,
        "a " * 10_000,
        "> " * 10_000,
        "1. " * 7_000,
        "." * 20_000,
        "A > " * 5_000,
        "hi, " * 5_000,
    ):
        assert_linear(judged, probe, 1.0)


@pytest.mark.parametrize(
    ("unit", "line"),
    [
        ("Hi <name>, it's under My box rather than Orders", "It's under My box rather than Orders."),
        ("Don't worry, press Retry.", "Press Retry."),
        ("Then hold both buttons for 5 seconds.", "Hold both buttons for 5 seconds."),
        ("Press Confirm. All the best, Deniz at Kettlewren", "Press Confirm."),
        ("Best wishes,", ""),
    ],
)
def test_trim_with_greeting_or_signature_takes_it_off(unit: str, line: str) -> None:
    """What is said around an answer goes, the answer stays."""
    assert trim(unit) == line


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Could you send me your order number?", "asks back"),
        ("Please send me a screenshot of the page.", "asks back"),
        ("I have done it for you this time.", "chatter"),
        ("We've sent a new one out to you.", "chatter"),
        ("Write to <email> about the refund.", "personal"),
        ("Write to <email-2> about the refund.", "personal"),
        ("Please open KW-210047 under Orders.", "personal"),
        ("Priya will look after the refund.", "personal"),
        ("Please see this thread for more.", "points elsewhere"),
        ("Click that and wait a moment.", "dangles"),
        ("It disappears within a few days.", "dangles"),
        ("Too short.", "length"),
        ("Very long " * 40, "length"),
        ("Choose Delete my account and confirm.", ""),
        ("My box > Preferences > Swap, then choose a tea.", ""),
        ("Nothing is charged for a skipped box.", ""),
    ],
)
def test_why_not_names_what_makes_a_line_useless(line: str, reason: str) -> None:
    """Chatter, questions, other people's data and loose references are dropped; labels with "my" are not."""
    assert why_not(line, {"Priya"}) == reason


def test_instruct_weighs_imperative_path_and_interface() -> None:
    """.5 for an imperative, .3 for a menu path, .2 for an interface noun, after a condition too."""
    assert instruct("Choose My box > Next delivery.") == pytest.approx(1.0)
    assert instruct("If it fails, press Retry.") == pytest.approx(0.5)
    assert instruct("You can no longer wait.") == pytest.approx(0.5)
    assert instruct("Mail is slow on Mondays.") == 0.0
    assert is_step("If it fails, press Retry.")
    assert not is_step("You can skip four in a row.")


def test_is_destructive_with_a_warning_is_not() -> None:
    """Telling to delete is destructive, telling not to is not."""
    assert is_destructive("First delete all profiles.")
    assert is_destructive("Reinstall the app.")
    assert not is_destructive("Do not delete the folder.")


def test_volatile_names_what_goes_out_of_date() -> None:
    """Prices, dates, versions and links are named."""
    assert volatile("In July it costs 6.90 pounds with version 4.2.1, see https://a.example/b") == (
        "price",
        "date",
        "version",
        "link",
    )
    assert volatile("Press Confirm.") == ()


def test_differ_with_other_durations_of_one_unit() -> None:
    """A value within a range agrees, ranges that only touch differ, other units say nothing."""
    assert differ(quantities("3-5 working days"), quantities("5 to 7 days"))
    assert differ(quantities("within 3-5 working days"), quantities("after ten working days"))
    assert not differ(quantities("within 3-5 working days"), quantities("about 5 days"))
    assert not differ(quantities("5 minutes"), quantities("10 days"))
    assert not differ(quantities("3, 6 or 12 months"), quantities("choose 3 months"))


def test_opposes_when_one_line_forbids_what_another_uses() -> None:
    """Not vinegar against use vinegar; two warnings agree."""
    assert opposes("Add citric acid (not vinegar).", "Use vinegar and water.")
    assert not opposes("Add citric acid (not vinegar).", "Never use vinegar, it harms the seal.")


def test_draft_with_a_macro_keeps_its_order_and_counts_other_agents(encoder: TrigramEncoder) -> None:
    """The macro's steps stand in order, each with its agents; greetings, signatures and questions back are gone."""
    made = make_draft(skip_members(), encoder)
    lines = [(line.text, line.agents, len(line.evidence)) for line in confirmed(made)]
    assert lines == [
        ("Open the app and go to My box > Next delivery.", 2, 4),
        ("Choose Skip this one.", 1, 3),
        ("Press Confirm.", 1, 3),
        ("Nothing is charged for a skipped box.", 2, 4),
    ]
    assert made.inquiries == 5


def test_draft_in_any_order_of_members_is_the_same(encoder: TrigramEncoder) -> None:
    """The order of rows changes nothing, and a second run neither."""
    members = skip_members()
    assert make_draft(members, encoder) == make_draft(members[::-1], encoder) == make_draft(members, encoder)


def test_draft_with_a_destructive_line_of_one_agent_holds_it_back(encoder: TrigramEncoder) -> None:
    """Deleting needs two agents, however often one says it; the second agent confirms it."""
    once = [
        answered(f"app broken {n}", ("tomasz", "Delete the whole profile folder.\nRestart the app after ten minutes."))
        for n in range(6)
    ]
    more = [answered("app broken too", ("mara", "Restart the app after ten minutes."))]
    made = make_draft([*once, *more], encoder, "The app is broken")
    lines = made.lines if isinstance(made, Draft) else made.tried
    (line,) = [line for line in lines if "profile" in line.text]
    assert not line.is_confirmed
    assert "one agent only" in line.note
    agreed = make_draft(
        [*once, *more, answered("broken", ("mara", "Delete the whole profile folder."))], encoder, "broken app"
    )
    (line,) = [line for line in confirmed(agreed) if "profile" in line.text]
    assert line.note == "destructive: can lose data"


def test_draft_with_contradicting_durations_lets_both_stand(encoder: TrigramEncoder) -> None:
    """The better confirmed one leads, the other stands unconfirmed, each names the other."""
    text = "The pending line on your account vanishes within {} working days."
    step = "Open Orders and check whether there are two order numbers."
    members = [
        answered("charged twice", ("mara", text.format("3-5") + "\n" + step)),
        answered("two payments", ("deniz", text.format("3-5") + "\n" + step)),
        answered("double debit", ("tomasz", text.format("10"))),
    ]
    made = make_draft(members, encoder, "Charged twice")
    assert isinstance(made, Draft)
    told = {line.text: (line.is_confirmed, line.note) for line in made.lines}
    assert told[text.format("3-5")] == (True, f"contradicts: {text.format('10')}")
    assert told[text.format("10")] == (False, f"contradicts: {text.format('3-5')}; one agent only")


def test_draft_uses_agents_turns_only(encoder: TrigramEncoder) -> None:
    """What customers say is never an answer, nor what an agent quotes of them."""
    complaint = "You can no longer send anything with the new app on this phone"
    members = [
        answered(
            f"{complaint} {n}",
            (f"agent{n}", f"{complaint}\nOpen the menu and choose Reconnect."),
            ("customer", "Press the red button twice."),
        )
        for n in range(3)
    ]
    lines = confirmed(
        make_draft(
            [
                *members,
                answered(
                    "x",
                    ("b", "Wait for ten minutes."),
                ),
                answered("y", ("c", "Wait for ten minutes.")),
            ],
            encoder,
        )
    )
    assert {line.text for line in lines} == {"Open the menu and choose Reconnect.", "Wait for ten minutes."}


def test_draft_holds_no_placeholder_and_no_name(encoder: TrigramEncoder) -> None:
    """Nothing redacted, no greeted or signing name, in lines, title or aliases."""
    members = [
        *skip_members(),
        answered("Write to <email> about skipping", ("mara", "Send it to <email> and press Skip.")),
        answered("Ines wants to skip the box", ("deniz", "Ask Ines to skip the box.")),
    ]
    made = make_draft(members, encoder)
    lines = made.lines if isinstance(made, Draft) else made.tried
    texts = [made.title, *made.aliases, *(line.text for line in lines)]
    assert not [text for text in texts if "<" in text or "Ines" in text or "Mara" in text]


def test_draft_without_replies_is_a_brief(encoder: TrigramEncoder) -> None:
    """Nobody answered: the brief says so and lists what is asked."""
    made = make_draft(
        [make_inquiry("Do you sell gift cards?"), make_inquiry("is there a gift card")], encoder, "gift cards"
    )
    assert isinstance(made, Brief)
    assert made.reason == "no agent has answered any of these inquiries"
    assert "Do you sell gift cards?" in (made.title, *made.open_questions)
    assert made.tried == ()


def test_draft_with_answers_that_disagree_is_a_brief(encoder: TrigramEncoder) -> None:
    """A mixed group in which nearly everybody got another answer is not drafted."""
    said = (
        "Restart the router at night.",
        "Peel the sticker from the lid.",
        "Choose French in the wizard.",
        "Boil eggs for six minutes.",
        "Print the barcode on paper.",
        "Paint the fence in autumn.",
    )
    members = [answered(f"help {n}", (f"a{n}", text)) for n, text in enumerate(said)]
    members += [answered(f"again {n}", (f"b{n}", "Open the window.\nClose every door.")) for n in range(2)]
    made = make_draft(members, encoder, "help")
    assert isinstance(made, Brief)
    assert made.reason == "the answers do not agree: only 2 of 8 inquiries got one of the common lines"
    assert not any(line.is_confirmed for line in made.tried)


def test_draft_title_and_aliases_are_real_wordings(encoder: TrigramEncoder) -> None:
    """The title is a customer's question of at most 70 characters; 5 to 15 aliases are others, of at most 100."""
    plans = ("small", "large", "weekly", "monthly", "summer", "winter", "gift", "tea", "decaf", "office")
    members = [*skip_members(), *(make_inquiry(f"would like the {plan} plan, skip box {plan}") for plan in plans)]
    made = make_draft(members, encoder)
    assert made.title == "How do I skip the next box?"
    assert 5 <= len(made.aliases) <= 15
    assert made.title not in made.aliases
    assert max(map(len, made.aliases)) <= 100


def test_draft_evidence_names_the_reply_sentences(encoder: TrigramEncoder) -> None:
    """Each evidence points to a member and to one of its agents' sentences by hash."""
    members = skip_members()
    from helploop.domain import text_hash  # noqa: PLC0415

    known = {(m.id, text_hash(unit.text)) for m in members for reply in m.replies for unit in split_reply(reply.text)}
    evidence = {(e.inquiry, e.text_hash) for line in confirmed(make_draft(members, encoder)) for e in line.evidence}
    assert evidence <= known


def test_draft_id_is_readable_and_unique_by_question() -> None:
    """Words of the title and the question's id; the id alone where the title has no letters."""
    assert draft_id("How do I skip a box?", QuestionId("q7f3k")) == "how-do-i-skip-a-q7f3k"
    assert draft_id("???", QuestionId("q7f3k")) == "q7f3k"


def test_drafting_options_with_zero_counts_are_refused() -> None:
    """A threshold of nothing would confirm everything."""
    with pytest.raises(ValueError, match="counts start at 1"):
        replace(DraftingOptions(), min_agents=0)


def test_one_agents_own_answer_is_not_confirmed_however_often_it_is_given(encoder: TrigramEncoder) -> None:
    """A detail beside the common steps counts; the same agent's lonely, different answer stays unconfirmed."""
    wrong = "Write us a mail 14 days before the delivery."
    lonely = [answered(f"skip it, question {i}", ("tomasz", wrong)) for i in range(4)]
    made = make_draft([*skip_members(), *lonely], encoder)
    assert isinstance(made, Draft)
    confirmed = {line.text for line in made.lines if line.is_confirmed}
    assert "Press Confirm." in confirmed  # mara alone says it, beside what others say
    assert wrong not in confirmed


def test_line_that_many_say_does_not_give_way_to_a_longer_one_of_few(encoder: TrigramEncoder) -> None:
    """What nine inquiries were told stands, though two were told the same within a longer sentence."""
    common = "Choose Repair Folder."
    longer = "Click the folder and choose Repair Folder, then restart the computer."
    many = [answered(f"mails are garbled {i}", (f"agent {i % 3}", common)) for i in range(9)]
    few = [answered(f"strange letters {i}", (f"agent {i}", longer)) for i in range(2)]
    other = [answered(f"blank mail {i}", (f"agent {i}", "Update to the newest version.")) for i in range(3)]
    made = make_draft([*many, *few, *other], encoder, "Why are my mails garbled?")
    assert isinstance(made, Draft)
    assert common in {line.text for line in made.lines if line.is_confirmed}
