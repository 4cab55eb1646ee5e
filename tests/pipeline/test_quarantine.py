"""Quarantined rows, mended, come in as their file did; what cannot be read waits on; nothing is lost or doubled."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from helploop.config import Settings
from helploop.domain import Channel
from helploop.intake import IntakeOptions, Quarantine, QuarantinedRow, read_mapping
from helploop.pipeline import intake, retry_quarantine
from helploop.store import Store
from tests.conftest import NOON


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A new site."""
    return Settings(root=tmp_path / "site")


def waiting(settings: Settings) -> list[QuarantinedRow]:
    """The rows in the quarantine."""
    return Quarantine(settings.state / "quarantine").rows()


def mend(settings: Settings, change: Callable[[str], str]) -> None:
    """What a person does: edits "row" in the quarantine's files."""
    for path in (settings.state / "quarantine").glob("*.jsonl"):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        lines = [json.dumps(row | {"row": change(row["row"])}) + "\n" for row in rows]
        path.write_text("".join(lines))


def stored(settings: Settings) -> dict[str, str]:
    """Source id and text of what is in the store."""
    with Store(settings.database) as store:
        return {inquiry.source_id: inquiry.text for inquiry in store.inquiries()}


def workbook(*rows: tuple[object, ...]) -> bytes:
    """An Excel workbook of one sheet."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


MAIL = b"From: a@m.example\nMessage-ID: <1@x.example>\nDate: gestern\n\nO\xf9 est ma commande ?\n"
FORMATS = {
    "tickets.csv": (b"id;text\n1;fine\n2;a;b\n3;\"open\n", {"1": "fine", "2": "a b", "3": "open"}),
    "chats.jsonl": (b'{"id": 1, "text": "fine"}\n{"id": 2, "text": "a", "csat": 9}\n', {"1": "fine", "2": "a"}),
    "doc.json": (b'{"rows": [{"id": 1, "text": "fine"},\n{"id": 2, "text": "a", "csat": 9}]}', {"1": "fine", "2": "a"}),
    "book.xlsx": (workbook(("id", "text", "csat"), (1, "fine", 5), (2, "a", 9)), {"1": "fine", "2": "a"}),
    "list.json": (b'[\n{"id": 1, "text": "fine"},\n{"id": 2,\n "text": "a",\n "csat": 9}\n]', {"1": "fine", "2": "a"}),
    "box.mbox": (b"From a@m.example\n" + MAIL + b"\n", {"1@x.example": "Où est ma commande ?"}),
    "one.eml": (MAIL, {"1@x.example": "Où est ma commande ?"}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_be_mended(settings: Settings, tmp_path: Path, name: str) -> None:
    """The row as it stood in the file, its charset too; without naming format, source or mapping again."""
    content, wanted = FORMATS[name]
    (tmp_path / name).write_bytes(content)
    options = IntakeOptions(source="desk", channel=Channel.CHAT)
    first = intake(settings, [tmp_path / name], options, now=NOON)
    assert first.quarantined == len(waiting(settings)) > 0
    again = retry_quarantine(settings)  # nobody mended anything: all stays
    assert (again.read, again.quarantined) == (first.quarantined, first.quarantined) and waiting(settings)
    mend(settings, lambda row: row.replace("a;b", "a b").replace('"open', "open").replace(': 9', ': 5')
         .replace("gestern", "Mon, 6 Jul 2026 12:00:00 +0000"))  # fmt: skip
    report = retry_quarantine(settings)
    assert (report.stored, report.quarantined) == (first.quarantined, 0)
    assert waiting(settings) == [] and stored(settings) == wanted
    with Store(settings.database) as store:
        assert {(i.source, i.channel) for i in store.inquiries()} == {("desk", Channel.CHAT)}


def test_the_mapping_is_remembered(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry from another folder finds it; one that is gone is named, and the row waits."""
    mapping, file = tmp_path / "m.toml", tmp_path / "t.csv"
    mapping.write_text('source = "desk"\n[fields]\ntext = "body"\ncsat = "stars"\n')
    file.write_text("body,stars\nwhere is it,9\n")
    monkeypatch.chdir(tmp_path)
    intake(settings, [file], IntakeOptions(mapping=read_mapping(Path("m.toml"))), now=NOON)
    monkeypatch.chdir("/")
    mapping.rename(tmp_path / "gone.toml")
    assert retry_quarantine(settings).quarantined == 1
    assert "m.toml: there is no such mapping file" in waiting(settings)[0].reason
    (tmp_path / "gone.toml").rename(mapping)
    mend(settings, lambda row: row.replace("9", "4"))
    report = retry_quarantine(settings)
    assert report.stored == 1 and waiting(settings) == []
    with Store(settings.database) as store:
        assert [(i.source, i.text, i.csat) for i in store.inquiries()] == [("desk", "where is it", 4.0)]


def test_the_preset_is_remembered(settings: Settings, tmp_path: Path) -> None:
    """One told by its columns is told again; one that was named is kept by its name."""
    named, told = tmp_path / "named.csv", tmp_path / "told.csv"
    named.write_text("Ticket name,Close date\nwhere is it,soon\n")
    told.write_text("Responded At,CSAT,Comment\n2026-07-06,9,how\n")
    intake(settings, [named], IntakeOptions(format="hubspot"), now=NOON)
    intake(settings, [told], now=NOON)
    mend(settings, lambda row: row.replace("soon", "2026-07-06").replace("9,how", "5,how"))
    assert retry_quarantine(settings).stored == 2 and waiting(settings) == []
    with Store(settings.database) as store:
        assert {(i.source, i.text) for i in store.inquiries()} == {("hubspot", "where is it"), ("nps", "how")}


def test_rows_that_stay_keep_their_place_and_get_todays_reason(settings: Settings, tmp_path: Path) -> None:
    """Half mended: one row is stored, the other waits where it was, for what is wrong with it now."""
    (tmp_path / "t.csv").write_text("text,csat\none,9\ntwo,8\n")
    intake(settings, [tmp_path / "t.csv"], now=NOON)
    mend(settings, lambda row: row.replace("one,9", "one,5").replace("two,8", "two,x"))
    report = retry_quarantine(settings)
    assert (report.read, report.stored, report.quarantined) == (2, 1, 1)
    (row,) = waiting(settings)
    assert (row.file, row.line, row.record, row.reason) == ("t.csv", 3, 2, "csat is not a number: 'x'")
    assert row.age_days(NOON + timedelta(days=3)) == 3


def test_mails_find_their_conversation(settings: Settings, tmp_path: Path) -> None:
    """Question and answer, both mended, are one inquiry; an answer alone waits, for its question is not here."""
    answer = (
        MAIL.replace(b"1@x", b"2@x")
        .replace(b"a@m", b"support@shop")
        .replace(b"\n\nO", b"\nIn-Reply-To: <1@x.example>\n\nSo. O")
    )
    (tmp_path / "a.eml").write_bytes(MAIL)
    (tmp_path / "b.mbox").write_bytes(b"From a@m.example\n" + MAIL + b"\nFrom b@m.example\n" + answer)
    options = IntakeOptions(agent_addresses=("@shop.example",))
    intake(settings, [tmp_path / "b.mbox"], options, now=NOON)
    mend(settings, lambda row: row.replace("gestern", "Mon, 6 Jul 2026 12:00:00 +0000") if "So. " in row else row)
    assert retry_quarantine(settings, options).quarantined == 2
    assert "an answer without its question" in waiting(settings)[1].reason
    mend(settings, lambda row: row.replace("gestern", "Mon, 6 Jul 2026 11:00:00 +0000"))
    assert retry_quarantine(settings, options).stored == 1
    with Store(settings.database) as store:
        assert [len(inquiry.replies) for inquiry in store.inquiries()] == [1]


def test_a_killed_retry_loses_nothing(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after storing, before the quarantine is rewritten: the next retry finds the row known, and lets it go."""
    (tmp_path / "t.csv").write_text("text,csat\none,9\n")
    intake(settings, [tmp_path / "t.csv"], now=NOON)
    mend(settings, lambda row: row.replace("9", "5"))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Quarantine, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            retry_quarantine(settings)
    assert len(waiting(settings)) == 1
    report = retry_quarantine(settings)
    assert (report.stored, report.duplicates) == (0, 1) and waiting(settings) == []


def test_rows_expire_at_the_next_intake(settings: Settings, tmp_path: Path) -> None:
    """[intake] quarantine_days, 90 unless set otherwise."""
    (tmp_path / "t.csv").write_text("text,csat\none,9\n")
    intake(settings, [tmp_path / "t.csv"], now=NOON)
    (tmp_path / "t.csv").write_text("text\ntwo\n")
    assert intake(settings, [tmp_path / "t.csv"], now=NOON + timedelta(days=89)).expired == 0
    assert intake(settings, [tmp_path / "t.csv"], now=NOON + timedelta(days=91)).expired == 1
    assert waiting(settings) == []


def test_a_dry_run_quarantines_nothing(settings: Settings, tmp_path: Path) -> None:
    """It counts only."""
    (tmp_path / "t.csv").write_text("text,csat\none,9\n")
    assert intake(settings, [tmp_path / "t.csv"], dry_run=True, now=NOON).quarantined == 1
    assert waiting(settings) == []


def test_slack_message_is_mended_in_its_export(settings: Settings) -> None:
    """Alone it would be taken in without its writer's name to mask: it waits, and says what to do."""
    slack = Path(__file__).resolve().parents[1] / "data" / "intake" / "slack"
    assert intake(settings, [slack], now=NOON).quarantined == 1
    assert retry_quarantine(settings).stored == 0
    assert [row.reason.partition(":")[0] for row in waiting(settings)] == ["a Slack message cannot be taken in alone"]
