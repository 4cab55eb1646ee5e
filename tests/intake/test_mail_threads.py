"""Mails become conversations, whichever mailboxes they lie in, and never one of two customers."""

from __future__ import annotations

from pathlib import Path

from helploop.domain import IgnoredRow, RawInquiry
from helploop.intake import IntakeOptions, read_files
from tests.intake.test_csv_file import rows
from tests.intake.test_mail_files import AGENTS, mail


def inquiries(records: list[object]) -> list[tuple[str, list[tuple[bool, str]]]]:
    """Text and replies (by an agent?, text) of each inquiry."""
    found = [record for record in records if isinstance(record, RawInquiry)]
    return [(i.text.strip(), [(reply.is_agent, reply.text.strip()) for reply in i.replies]) for i in found]


def boxes(folder: Path, options: IntakeOptions, *contents: str) -> list[object]:
    """The records of several mbox files read together."""
    paths = [folder / f"{number}.mbox" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content)
    return list(read_files(paths, options))


def test_inbox_and_sent_are_joined(tmp_path: Path) -> None:
    """The agents' answers lie in another mailbox; a mail that lies in both comes once."""
    question = mail(1, "ines@m.example", "How?", To="support@shop.example")
    answer = mail(2, "Mara <support@shop.example>", "So.", To="ines@m.example", In_Reply_To="<1@x.example>")
    found = boxes(tmp_path, AGENTS, question + answer, answer)
    assert inquiries(found) == [("How?", [(True, "So.")])]
    assert found[0] == IgnoredRow("1.mbox", 1, "copy of a mail") and len(found) == 2


def test_replies_without_ids_are_joined_by_subject_and_people(tmp_path: Path) -> None:
    """Some systems drop In-Reply-To: subject, the two people and two weeks decide."""
    question = mail(1, "ines@m.example", "How?", To="support@shop.example", Subject="A box")
    answer = mail(2, "support@shop.example", "So.", To="ines@m.example", Subject="AW: Re: a  Box")
    other = mail(3, "bo@m.example", "Mine?", To="support@shop.example", Subject="Re: A box")
    again = mail(4, "ines@m.example", "And now?", To="support@shop.example", Subject="A box")
    for options in (AGENTS, None):
        found = rows(tmp_path / "a.mbox", question + answer + other + again, options)
        assert inquiries(found) == [("How?", [(True, "So.")]), ("Mine?", []), ("And now?", [])]


def test_a_later_reply_without_ids_stands_alone(tmp_path: Path) -> None:
    """After more than two weeks the same subject is another matter."""
    question = mail(1, "ines@m.example", "How?", To="support@shop.example", Subject="A box")
    late = (
        question.replace("1@x", "2@x")
        .replace("6 Jul", "27 Jul")
        .replace("How?", "Again?")
        .replace("A box", "Re: A box")
    )
    assert inquiries(rows(tmp_path / "a.mbox", question + late, AGENTS)) == [("How?", []), ("Again?", [])]


def test_strangers_who_answer_one_newsletter_stay_apart(tmp_path: Path) -> None:
    """All their mails name the newsletter's id; each has only their own answers."""
    news = mail(1, "support@shop.example", "News!", To="list@shop.example")
    ines = mail(2, "ines@m.example", "Does it fit?", To="support@shop.example", In_Reply_To="<1@x.example>")
    bo = mail(3, "bo@m.example", "Where is it?", To="support@shop.example", In_Reply_To="<1@x.example>")
    to_bo = mail(4, "support@shop.example", "Here.", To="bo@m.example", References="<1@x.example> <3@x.example>")
    wanted = [("Does it fit?", []), ("Where is it?", [(True, "Here.")])]
    assert inquiries(rows(tmp_path / "a.mbox", news + ines + bo + to_bo, AGENTS)) == wanted
    assert inquiries(rows(tmp_path / "a.mbox", ines + bo + to_bo, AGENTS)) == wanted  # the newsletter is not here


def test_a_colleague_in_copy_belongs_to_the_conversation(tmp_path: Path) -> None:
    """Several people of one customer are one conversation."""
    first = mail(1, "ines@m.example", "How?", To="support@shop.example", Cc="bo@m.example")
    second = mail(2, "bo@m.example", "It is urgent.", To="support@shop.example", In_Reply_To="<1@x.example>")
    assert inquiries(rows(tmp_path / "a.mbox", first + second, AGENTS)) == [("How?", [(False, "It is urgent.")])]


def test_a_contact_form_writes_for_the_customer(tmp_path: Path) -> None:
    """The form sends from the company's own address: who is named in Reply-To wrote it, and is answered."""
    form = mail(1, "Shop <noreply@shop.example>", "How?", Reply_To="Ines <ines@m.example>", Subject="Contact form")
    other = mail(2, "Shop <noreply@shop.example>", "When?", Reply_To="bo@m.example", Subject="Contact form")
    answer = mail(3, "support@shop.example", "So.", To="ines@m.example", Subject="Re: Contact form")
    found = rows(tmp_path / "a.mbox", form + other + answer, AGENTS)
    assert inquiries(found) == [("How?", [(True, "So.")]), ("When?", [])]
    first = found[0]
    assert isinstance(first, RawInquiry) and (first.customer, first.customer_names[0]) == ("ines@m.example", "Ines")


def test_automatic_mails_are_no_answer(tmp_path: Path) -> None:
    """A receipt is no first reply, a bounce no turn of the customer; alone they are tagged."""
    ids = {"In_Reply_To": "<1@x.example>"}
    question = mail(1, "ines@m.example", "How?", To="support@shop.example")
    receipt = mail(2, "support@shop.example", "We got it.", To="ines@m.example", Precedence="auto_reply", **ids)
    bounce = mail(3, "MAILER-DAEMON@m.example", "Undelivered.", **ids)
    away = mail(4, "ines@m.example", "I am away.", X_Autoreply="yes", **ids)
    (one,) = rows(tmp_path / "a.mbox", question + receipt + bounce + away, AGENTS)
    assert isinstance(one, RawInquiry) and one.replies == () and one.first_reply_at is None and one.tags == ()
    lone = rows(tmp_path / "a.mbox", bounce + away.replace("<1@", "<9@"), AGENTS)
    assert [record.tags for record in lone if isinstance(record, RawInquiry)] == [("auto-reply",)] * 2


def test_two_mails_with_one_id_are_both_kept(tmp_path: Path) -> None:
    """A broken sender numbers all its mails alike."""
    first, second = mail(1, "a@m.example", "one"), mail(2, "b@m.example", "two").replace("<2@", "<1@")
    found = rows(tmp_path / "a.mbox", first + second)
    assert len({record.source_id for record in found if isinstance(record, RawInquiry)}) == 2


def test_a_copy_that_a_server_wrote_differently(tmp_path: Path) -> None:
    """Encoded anew it is the same mail; with other words under one id it is told, too."""
    first = mail(1, "a@m.example", "Where is the grün box?", Content_Type="text/plain; charset=utf-8")
    again = first.replace("grün", "gr=C3=BCn").replace("\n\n", "\nContent-Transfer-Encoding: quoted-printable\n\n", 1)
    assert inquiries(rows(tmp_path / "a.mbox", first + again)) == [("Where is the grün box?", [])]
    other = first.replace("Where is", "How large is")
    found = inquiries(rows(tmp_path / "a.mbox", first + again + other))
    assert found == [("Where is the grün box?", [(False, "How large is the grün box?")])]


def test_thread_is_named_by_its_first_mail(tmp_path: Path) -> None:
    """A later export without the first mail still says which thread it belongs to."""
    first = mail(1, "a@m.example", "one")
    later = mail(3, "a@m.example", "more", References="<1@x.example> <2@x.example>")
    (one,), (two,) = rows(tmp_path / "a.mbox", first), rows(tmp_path / "b.mbox", later)
    assert isinstance(one, RawInquiry) and isinstance(two, RawInquiry) and one.thread == two.thread


def test_deleted_mails_of_a_mailbox_are_ignored(tmp_path: Path) -> None:
    """Thunderbird keeps them until it compacts; the copy in the folder they were moved to counts."""
    gone = mail(1, "a@m.example", "one", X_Mozilla_Status="0009")
    found = boxes(tmp_path, AGENTS, gone, mail(1, "a@m.example", "one", X_Mozilla_Status="0001"))
    assert found[0] == IgnoredRow("0.mbox", 1, "deleted") and inquiries(found) == [("one", [])]
