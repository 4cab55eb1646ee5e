"""Slack's exports, as a folder and as an archive: threads are inquiries, nothing hostile gets out of the archive."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from helploop.domain import Channel, IgnoredRow, RawInquiry, RawReply, RejectedRow
from helploop.errors import IntakeError
from helploop.intake import IntakeOptions, Mapping, Record, read_file, recognise
from helploop.intake.desks import slack_files
from tests.intake.desks.reading import FIXTURES, at

EXPORT = FIXTURES / "slack"
BOT = "written by a bot or by Slack"
MAP = RawInquiry(
    source="slack",
    source_id="C01/1772442000.000200",
    text="Hi @Sam Agent & all, why does the map North (https://maps.example/m/7) not load?",
    replies=(
        RawReply(
            at("03-02 09:10").replace(microsecond=300), "Sam Agent", True, "Please clear the cache, see #general.", 1
        ),
        RawReply(at("03-03 09:00").replace(microsecond=100), "Nora Kell", False, "It works now, @here"),
    ),
    channel=Channel.CHAT,
    received_at=at("03-02 09:00").replace(microsecond=200),
    first_reply_at=at("03-02 09:10").replace(microsecond=300),
    customer="nora@client.example",
    customer_names=("Nora Kell", "nora", "nora.k", "nora@client.example", "Sam Agent", "sam"),
    tags=("support",),
    attachments=("screen.png",),
)


def export(folder: Path, days: dict[str, Any], users: object = ()) -> Path:
    """An export with these files of messages; strings are written as they are."""
    (folder / "channels.json").write_text('[{"id": "C1", "name": "help"}]')
    (folder / "users.json").write_text(json.dumps(list(users)))  # type: ignore[call-overload]
    for name, messages in days.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(messages if isinstance(messages, str) else json.dumps(messages))
    return folder


def zipped(folder: Path, target: Path, top: str = "") -> Path:
    """The folder as an archive, its files under `top`."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.json")):
            archive.write(file, top + file.relative_to(folder).as_posix())
    return target


def message(text: object, user: object = "U1", ts: object = "1772442000.000100", **more: Any) -> dict[str, Any]:
    """A message."""
    return {"type": "message", "text": text, "user": user, "ts": ts} | more


def inquiries(found: list[Record]) -> list[RawInquiry]:
    """The inquiries among the records."""
    return [record for record in found if isinstance(record, RawInquiry)]


@pytest.mark.parametrize("top", ["", "Maps Slack export Mar 2 2026/"])
def test_folder_and_archive(tmp_path: Path, top: str) -> None:
    """The same records either way: a thread over two days, a lone message, bots' and a reply to what is not there."""
    archive = zipped(EXPORT, tmp_path / "export.zip", top)
    assert recognise(EXPORT) == recognise(archive) == "slack"
    for path, name in ((EXPORT, "slack"), (archive, "export.zip")):
        found = list(read_file(path))
        assert found[:2] == [IgnoredRow(f"{name}/support/2026-03-02.json", 0, BOT)] * 2
        plants, thread, invoice, nobody, orphan = found[2:]
        assert isinstance(plants, RawInquiry) and plants.tags == ("general",)
        assert thread == MAP
        assert isinstance(invoice, RawInquiry)
        assert invoice.text == "Can I pay by invoice? Write to nora@client.example"
        assert isinstance(nobody, RejectedRow)
        assert (nobody.reason, nobody.record) == ("a message without a user", 7)
        reason = "replies to a conversation that is not in the files"
        assert orphan == IgnoredRow(f"{name}/support/2026-03-03.json", 0, reason)


def test_agents_by_mail_or_name() -> None:
    """Configured agents' own posts ask nothing; a name that fits nobody changes nothing."""
    for options in (
        IntakeOptions(agent_addresses=("@maps.example",)),
        IntakeOptions(mapping=Mapping(agents=("Sam Agent",))),
    ):
        found = list(read_file(EXPORT, options))
        assert IgnoredRow("slack/general/2026-03-02.json", 0, "no words of a customer in it") in found
        assert inquiries(found)[0] == MAP
    assert len(inquiries(list(read_file(EXPORT, IntakeOptions(agent_addresses=("help@else.example",)))))) == 3


def test_choice_of_channels() -> None:
    """By name, by pattern, or by naming the channel's folder; direct messages only when they are named."""
    tags = {
        pattern: {
            record.tags for record in inquiries(list(read_file(EXPORT, IntakeOptions(slack_channels=(pattern,)))))
        }
        for pattern in ("supp*", "general", "D024")
    }
    assert tags == {"supp*": {("support",)}, "general": {("general",)}, "D024": {("D024",)}}
    with pytest.raises(IntakeError, match=r"none of its channels is help \(general, support\)"):
        list(read_file(EXPORT, IntakeOptions(slack_channels=("help",))))
    assert recognise(EXPORT / "general") == "slack"
    (only,) = read_file(EXPORT / "general")
    assert isinstance(only, RawInquiry) and only.source_id == "C02/1772442000.000100"


def test_marks_become_readable(tmp_path: Path) -> None:
    """Mentions, groups, links and mails, those of people who are not in the list, too."""
    said = (
        "<@U9|kim> <@U8> <!subteam^S1|@team> <!date^1^x|noon> <#C5> <tel:+4420|+4420> <https://a.example> a < b &lt;c"
    )
    (found,) = inquiries(list(read_file(export(tmp_path, {"help/2026-03-02.json": [message(said)]}))))
    assert found.text == "@kim @U8 @team @noon #C5 +4420 https://a.example a < b <c"


def test_guest_from_elsewhere(tmp_path: Path) -> None:
    """Who is not in users.json is known by the message's own profile."""
    row = message("Hello, does it print?", "W7", user_profile={"real_name": "Ann Guest", "display_name": "ann"})
    (found,) = inquiries(list(read_file(export(tmp_path, {"help/2026-03-02.json": [row]}))))
    assert (found.customer, found.customer_names) == ("W7", ("Ann Guest", "ann"))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (message({"a": 1}), "a text is expected where a dict stands"),
        (message("x", None), "a message without a user"),
        (message("x", ts=None), "a message without a ts"),
        (message("x", ts="now"), "ts: not a time: 'now'"),
        (message("x", files="a.png"), "attachments is not a list of objects"),
        (message("x", user_profile=[]), "user_profile is not an object"),
        (7, "not an object but a int"),
    ],
)
def test_wrong_shapes_cost_themselves_alone(tmp_path: Path, bad: object, reason: str) -> None:
    """The message is rejected with its JSON, the next one is read."""
    good = message("Does it print?", ts="1772442001.000100")
    found = list(read_file(export(tmp_path, {"help/2026-03-02.json": [bad, good]})))
    (rejected,) = (record for record in found if isinstance(record, RejectedRow))
    assert (rejected.reason, rejected.record) == (reason, 1) and rejected.row
    assert [record.text for record in inquiries(found)] == ["Does it print?"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            '[{"type": "message", "user": "U1", "ts": "1772442000.000100", "text": "first?"}, {"type"',
            "cannot be read from here",
        ),
        (
            '[{"type": "message", "user": "U1", "ts": "1772442000.000100", "text": "first?"}] rubbish',
            "cannot be read from here",
        ),
    ],
)
def test_damaged_day(tmp_path: Path, content: str, reason: str) -> None:
    """What stands before the damage is read, and the other days."""
    days = {"help/2026-03-01.json": content, "help/2026-03-02.json": [message("second?", ts="1772442009.000100")]}
    found = list(read_file(export(tmp_path, days)))
    assert [record.text for record in inquiries(found)] == ["first?", "second?"]
    assert any(reason in record.reason for record in found if isinstance(record, RejectedRow))


def test_file_above_the_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not opened, and said so."""
    monkeypatch.setattr(slack_files, "FILE_CAP", 300)
    days = {"help/2026-03-01.json": [message("x" * 400)], "help/2026-03-02.json": [message("fits?")]}
    folder = export(tmp_path, days)
    for path in (folder, zipped(folder, tmp_path / "x.zip")):
        found = list(read_file(path))
        assert [record.text for record in inquiries(found)] == ["fits?"]
        assert any("larger than 300 bytes" in record.reason for record in found if isinstance(record, RejectedRow))


def test_bombs_and_damaged_archives_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, before any record."""
    folder = tmp_path / "export"
    folder.mkdir()
    export(folder, {"help/2026-03-01.json": [message("x" * 500_000)]})
    archive = zipped(folder, tmp_path / "bomb.zip")
    monkeypatch.setattr(slack_files, "_TOTAL_CAP", 1_000)
    with pytest.raises(IntakeError, match="looks like a zip bomb"):
        list(read_file(archive))
    monkeypatch.setattr("helploop.intake.sample._ZIP_LIST", 100)
    with pytest.raises(IntakeError, match="lists too many files"):
        list(read_file(archive))
    monkeypatch.undo()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(archive.read_bytes()[:-40])
    with pytest.raises(IntakeError, match="the ZIP archive is damaged"):
        list(read_file(cut))


def test_archive_with_wrong_checksums(tmp_path: Path) -> None:
    """The file that is damaged inside is one rejected record."""
    folder = tmp_path / "export"
    folder.mkdir()
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("users.json", "[]")
        made.writestr("channels.json", "[]")
        made.writestr("help/2026-03-01.json", json.dumps([message("SPOILED?")]))
        made.writestr("help/2026-03-02.json", json.dumps([message("fine?", ts="1772442009.000100")]))
    archive.write_bytes(archive.read_bytes().replace(b"SPOILED", b"sPOILED"))
    found = list(read_file(archive))
    assert [record.text for record in inquiries(found)][-1] == "fine?"
    assert [r.reason[:26] for r in found if isinstance(r, RejectedRow)] == ["the file cannot be read (B"]


def test_names_in_an_archive_are_no_paths(tmp_path: Path) -> None:
    """Nothing outside the export's own names is opened, nothing is written."""
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("users.json", "[]")
        made.writestr("channels.json", "[]")
        made.writestr("../2026-03-01.json", json.dumps([message("out?", ts="1772442001.000100")]))
        made.writestr("/etc/x/2026-03-01.json", json.dumps([message("out?", ts="1772442002.000100")]))
        made.writestr("help/deep/2026-03-01.json", json.dumps([message("deep?", ts="1772442003.000100")]))
        made.writestr("help/2026-03-01.json", json.dumps([message("in?")]))
    before = sorted(tmp_path.rglob("*"))
    assert {record.text for record in inquiries(list(read_file(archive)))} == {"in?"}
    assert sorted(tmp_path.rglob("*")) == before


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    """Neither of files nor of folders."""
    outside, folder = tmp_path / "outside", tmp_path / "export"
    outside.mkdir()
    folder.mkdir()
    (outside / "2026-03-01.json").write_text(json.dumps([message("secret?")]))
    export(folder, {"help/2026-03-02.json": [message("in?", ts="1772442009.000100")]})
    (folder / "help" / "2026-03-01.json").symlink_to(outside / "2026-03-01.json")
    (folder / "linked").symlink_to(outside)
    assert [record.text for record in inquiries(list(read_file(folder)))] == ["in?"]


def test_lists_that_are_damaged(tmp_path: Path) -> None:
    """Without its users the export cannot be told apart: refused whole."""
    shutil.copytree(EXPORT, tmp_path / "x")
    (tmp_path / "x" / "users.json").write_text('[{"id": "U1"')
    with pytest.raises(IntakeError, match=r"users.json: the file cannot be read"):
        list(read_file(tmp_path / "x"))


def test_ten_thousand_replies(tmp_path: Path) -> None:
    """None is lost, whatever their order in the file."""
    rows = [message(f"r {i}", "U2", f"{1772442001 + i}.000200", thread_ts="1772442000.000100") for i in range(10_000)]
    found = inquiries(list(read_file(export(tmp_path, {"help/2026-03-02.json": [*rows[::-1], message("Why?")]}))))
    assert len(found[0].replies) == 10_000 and found[0].replies[0].text == "r 0"
