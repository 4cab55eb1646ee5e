"""A customer is erased from a whole site: a search of the test's own finds nothing, and nothing brings them back."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from click.testing import CliRunner
from hypothesis import strategies as st

from helploop import pipeline
from helploop.cli import main
from helploop.config import Settings, load_settings
from helploop.decisions import read_decisions, write_apart, write_merge, write_split
from helploop.domain import Apart, Kind, Merge, QuestionId, Split, inquiry_id
from helploop.erasure import PLACES, place_of
from helploop.errors import HelploopError
from helploop.intake import IntakeOptions
from helploop.store import TABLES, Store
from helploop.store.schema import metadata
from tests.conftest import NOON, TrigramEncoder

AT = datetime(2026, 9, 1, tzinfo=UTC)
ANN, HANDLE = "Ann.Lowe@mailbox.example", "annlowe_77"
ASKED = "How do I skip my next box while the parrot sits in quarantine?"
ANGRY = "Unacceptable! The parrot chewed through my tangerine parcel, I want a refund at once."
ONLY_HERS = "Open the tangerine drawer below the parcel shelf and choose Skip for the parrot there."
SKIP = (
    "How do I skip my next box while I am away?",
    "How can I skip the next box while I am away?",
    "skip my next box while I am away, how?",
    "Can I skip my next box while away?",
    "Where do I skip the next box while away?",
)
REPLY = "Go to My box > Next delivery and choose Skip this one. Nothing is charged for a skipped box."


def _row(number: int, text: str, customer: str, *replies: str) -> dict[str, Any]:
    said = [{"text": reply, "is_agent": True, "by": f"agent {number % 2}"} for reply in replies]
    at = (NOON + timedelta(days=number)).isoformat()
    return {"id": f"t{number}", "text": text, "customer": customer, "received_at": at, "replies": said}


HERS = [
    _row(20, ASKED, ANN, f"{REPLY} {ONLY_HERS}"),
    _row(21, ANGRY, ANN.lower()),
    _row(22, ASKED.replace("next box", "next box of tea"), HANDLE, REPLY),
]
OTHERS = [_row(i, text, f"c{i}@mailbox.example", REPLY) for i, text in enumerate(SKIP)]
# hers, and nobody else's
TRACES = (
    *("ann.lowe", "annlowe_77", "parrot", "tangerine"),
    *(inquiry_id(source, f"t{n}") for source in ("desk", "widget") for n in (20, 21, 22)),
)


def _write(folder: Path, rows: Iterable[dict[str, Any] | str], name: str = "log.jsonl") -> Path:
    file = folder / name
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return file


def _traces(*folders: Path) -> dict[str, list[str]]:
    """Which files hold which traces, in any case and encoding, in their names too; git's objects are left out."""
    found: dict[str, list[str]] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and ".git" not in path.parts:
                data = path.name.encode().lower() + path.read_bytes().lower()
                forms = [(t, form) for t in TRACES for form in (t.encode(), t.encode("utf-16-le"))]
                if held := sorted({trace for trace, form in forms if form in data}):
                    found[path.relative_to(folder).as_posix()] = held
    return found


def _git(site: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Mara", "-c", "user.email=mara@kettlewren.example")
    done = subprocess.run(["git", *who, *arguments], cwd=site, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def settings(tmp_path: Path, encoder: TrigramEncoder) -> Settings:
    """A site through its whole loop, with a customer in every place that can hold one."""
    pipeline.init_site(tmp_path / "site")
    made = load_settings(tmp_path / "site", environ={})
    broken = json.dumps({"id": "t90", "text": f"I am {ANN} and the parrot"})[:-2]
    pipeline.intake(made, [_write(tmp_path, [*HERS, *OTHERS, broken])], IntakeOptions(source="desk"))
    pipeline.intake(made, [_write(tmp_path, HERS, "chat.jsonl")], IntakeOptions(source="widget"))  # the same again
    question = pipeline.cluster(made, encoder=encoder, at=AT).questions[0]
    pipeline.rename_question(made, question.id, "While the parrot sits in quarantine", by="Mara", on=AT.date())
    pipeline.cluster(made, encoder=encoder, at=AT)
    pipeline.draft_gaps(made, encoder=encoder)
    pipeline.report(made)
    pipeline.set_kind(made, [inquiry_id("desk", "t21")], Kind.COMPLAINT, by="Mara")
    pipeline.outbox(made, now=AT)
    return made


def _put_in_git(settings: Settings) -> str:
    """Commits kb/ with an article that quotes her; the commit."""
    article = settings.articles / "parcels.md"
    article.write_text(f"---\nid: parcels\ntitle: Parcels\n---\n\nA customer wrote: {ANGRY}\n", encoding="utf-8")
    _git(settings.root, "init", "-q")
    _git(settings.root, "add", "kb")
    _git(settings.root, "commit", "-qm", "Quote a customer")
    return _git(settings.root, "rev-parse", "HEAD")


def test_site_of_this_test_has_her_everywhere(settings: Settings) -> None:
    """Else the tests below would prove nothing."""
    places = {name.split("/")[1] if name.startswith(".") else name for name in _traces(settings.root)}
    assert places >= {"helploop.db", "quarantine", "outbox", "report", "kb/questions.jsonl", "kb/triage.jsonl"}
    assert any(name.startswith("kb/drafts/") for name in places)
    assert any(name.startswith("kb/decisions/") for name in places)


def test_forgotten_customer_is_nowhere(settings: Settings) -> None:
    """After forget no byte of hers is in the database, its log, the files or kb/; everybody else is still there."""
    made = pipeline.forget(settings, [ANN, HANDLE], at=AT)
    assert _traces(settings.state, settings.kb) == {}
    assert made.receipt.left == () and made.receipt.quoted == () and made.receipt.is_known
    with Store(settings.database) as store:
        assert sorted(i.source_id for i in store.inquiries()) == [f"t{n}" for n in range(5)]
        current = store.load_round()
    assert current is not None
    assert [(q.customers, len(q.members), q.size) for q in current.questions] == [(5, 5, 5.0)]
    assert current.questions[0].label in SKIP
    drafts = pipeline.queue(settings)
    assert len(drafts) == 1 and "Skip this one" in drafts[0].body


def test_decisions_lose_her_inquiries_and_stay_in_force(settings: Settings) -> None:
    """Merged, split and kept apart name inquiries: hers go, the others and the decision stay; a reason of hers goes."""
    one, two = QuestionId("qmine"), QuestionId("qother")
    hers, others = inquiry_id("desk", "t20"), inquiry_id("desk", "t1")
    both = tuple(sorted((hers, others)))
    write_merge(settings.kb, Merge(one, two, AT, "Mara", "while the parrot sits in quarantine", both, (hers,)))
    write_split(settings.kb, Split(one, {one: both, two: (hers,)}, AT, "Mara"))
    write_apart(settings.kb, Apart(one, QuestionId("qthird"), AT, "Mara", "", both, (hers,)))
    receipt = pipeline.forget(settings, [ANN, HANDLE], at=AT).receipt
    assert receipt.left == () and receipt.removed["kb/decisions: ids"] == 6
    assert _traces(settings.kb) == {}
    found = read_decisions(settings.kb)
    assert found.merges == (Merge(one, two, AT, "Mara", "(erased)", (others,), ()),)
    assert found.splits == (Split(one, {one: (others,), two: ()}, AT, "Mara"),)
    assert found.aparts == (Apart(one, QuestionId("qthird"), AT, "Mara", "", (others,), ()),)


def test_forgetting_twice_ends_the_same(settings: Settings) -> None:
    """The second time there is nothing to remove and nobody is known."""
    pipeline.forget(settings, [ANN, HANDLE], at=AT)
    before = {p: p.read_bytes() for p in settings.kb.rglob("*") if p.is_file()}
    again = pipeline.forget(settings, [ANN, HANDLE], at=AT + timedelta(hours=1))
    assert not again.receipt.is_known and again.receipt.removed == {} and again.receipt.left == ()
    assert {p: p.read_bytes() for p in settings.kb.rglob("*") if p.is_file()} == before


def test_dry_run_changes_nothing(settings: Settings) -> None:
    """It counts what would go, and leaves every byte but the database's bookkeeping."""

    def contents() -> dict[Path, bytes]:
        files = [path for path in settings.root.rglob("*") if path.is_file()]
        return {path: path.read_bytes() for path in files if ".db" not in path.name and path.name != "erasing.lock"}

    before = contents()
    told = pipeline.forget(settings, [ANN, HANDLE], dry_run=True, at=AT)
    assert told.path is None and told.receipt.removed["database: inquiries"] == 3
    assert contents() == before
    done = pipeline.forget(settings, [ANN, HANDLE], at=AT)
    assert done.receipt.removed == told.receipt.removed


def test_next_export_does_not_bring_them_back(settings: Settings, tmp_path: Path) -> None:
    """Records of hers are ignored, whatever system exports them, rows that cannot be read too; others come in."""
    pipeline.forget(settings, [ANN, HANDLE], at=AT)
    new = [_row(30, "And the parrot again?", f" {ANN.upper()} "), _row(31, "How do I pay?", "dee@mailbox.example")]
    by_id = {**_row(32, "Tangerine?", "4711"), "customer_names": ["Ann Lowe", ANN]}
    broken = json.dumps({"id": "t91", "text": f"From {ANN}: parrot"})[:-2]
    file = _write(tmp_path, [*HERS, *new, by_id, broken])
    taken = pipeline.intake(settings, [file], IntakeOptions(source="desk"))
    assert (taken.read, taken.stored, taken.ignored, taken.quarantined) == (7, 1, {"forgotten": 6}, 0)
    other = pipeline.intake(settings, [_write(tmp_path, HERS)], IntakeOptions(source="another"))
    assert other.ignored == {"forgotten": 3}
    assert _traces(settings.state) == {}


def test_restored_database_is_purged(settings: Settings, tmp_path: Path, encoder: TrigramEncoder) -> None:
    """An older database file put in its place: the next intake (which says so), round or outbox removes her again."""
    with sqlite3.connect(settings.state / "helploop.db") as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "old.db"),))
    connection.close()
    pipeline.forget(settings, [ANN, HANDLE], at=AT)

    def restore() -> None:
        shutil.copyfile(tmp_path / "old.db", settings.state / "helploop.db")
        assert _traces(settings.state) != {}

    restore()
    said = CliRunner().invoke(main, ["-C", str(settings.root), "intake", str(_write(tmp_path, OTHERS))])
    assert "3 inquiries of forgotten customers were in the database again" in said.output
    assert _traces(settings.state) == {}
    restore()
    pipeline.cluster(settings, encoder=encoder, at=AT)
    assert _traces(settings.state, settings.kb) == {}
    restore()
    pipeline.outbox(settings, now=AT)
    assert _traces(settings.state) == {}


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from helploop import pipeline
from helploop.config import load_settings

settings, left = load_settings(Path(sys.argv[1]), environ={}), float(sys.argv[2])
calls, is_counting = 0, left < 0

def count(frame, event, argument):
    global calls
    calls += 1
    if not is_counting and calls >= left:
        os.kill(os.getpid(), signal.SIGKILL)

sys.setprofile(count)
pipeline.forget(settings, sys.argv[3:], at=datetime(2026, 9, 1, tzinfo=UTC))
sys.setprofile(None)
print(calls)
"""


@pytest.mark.parametrize("share", [0.6, 0.8, 0.93])
def test_killed_at_any_point_it_ends_the_same(settings: Settings, tmp_path: Path, share: float) -> None:
    """kill -9 after a share of all its work: the tombstones stand, and doctor or a second run leaves nothing."""
    copy = tmp_path / "copy"
    shutil.copytree(settings.root, copy)
    command = [sys.executable, "-c", KILLED]
    whole = subprocess.run([*command, str(copy), "-1", ANN, HANDLE], capture_output=True, text=True, check=True)
    assert _traces(copy) == {}
    limit = str(int(whole.stdout) * share)
    killed = subprocess.run([*command, str(settings.root), limit, ANN, HANDLE], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    if (settings.state / "forgotten.jsonl").exists():
        pipeline.purge_forgotten(settings)
        assert not [name for name in _traces(settings.state) if ".db" in name]
    done = pipeline.forget(settings, [ANN, HANDLE], at=AT)
    assert _traces(settings.state, settings.kb) == {} and done.receipt.left == ()
    kept = {p.relative_to(copy): p.read_bytes() for p in (copy / "kb").rglob("*") if p.is_file()}
    assert kept == {p.relative_to(settings.root): p.read_bytes() for p in settings.kb.rglob("*") if p.is_file()}


def test_forgotten_customer_may_come_again(settings: Settings, tmp_path: Path) -> None:
    """By their own wish: what is new comes in, what was erased stays out."""
    pipeline.forget(settings, [ANN, HANDLE], at=AT)
    said = CliRunner().invoke(main, ["-C", str(settings.root), "forget", "--lift", ANN])
    assert "1 tombstones lifted" in said.stderr
    taken = pipeline.intake(
        settings, [_write(tmp_path, [*HERS, _row(70, "Me again, hello?", ANN)])], IntakeOptions(source="desk")
    )
    assert (taken.stored, taken.ignored) == (1, {"forgotten": 3})


def test_leftovers_of_killed_writers_go(settings: Settings) -> None:
    """A half-written file that nobody reads any more is no hiding place."""
    for name in ("kb/drafts/.how.md.12.part", "kb/articles/.a.md.1.part", ".helploop/.forgotten.jsonl.7.tmp"):
        (settings.root / name).write_text(ASKED)
    assert pipeline.forget(settings, [ANN, HANDLE], at=AT).receipt.quoted == ()
    assert _traces(settings.root) == {}


def test_who_is_quoted_by_people_is_listed(settings: Settings) -> None:
    """Articles, the built site and commits are named, with the place; they are not changed."""
    commit = _put_in_git(settings)
    (settings.root / "site").mkdir()
    (settings.root / "site" / "parcels.html").write_text(f"<p>{ANGRY}</p>", encoding="utf-8")
    done = pipeline.forget(settings, [ANN, HANDLE], at=AT).receipt
    assert done.left == ()
    assert [found.file for found in done.quoted] == ["kb/articles/parcels.md", "site/parcels.html"]
    article = (settings.articles / "parcels.md").read_bytes()
    assert article[done.quoted[0].offset :].decode().strip().startswith(ANGRY[:40])
    assert {(one.commit, one.file) for one in done.commits} >= {(commit, "kb/articles/parcels.md")}


def test_receipt_and_tombstones_tell_nobody(settings: Settings) -> None:
    """Neither holds an address, a key, an id, a word; both are for the owner's eyes only."""
    done = pipeline.forget(settings, [ANN, HANDLE], at=AT)
    assert done.path is not None
    key = pipeline.keys_of(settings, ANN)[0]
    for path in (done.path, settings.state / "forgotten.jsonl"):
        assert path.stat().st_mode & 0o777 == 0o600
        text = path.read_text().lower()
        assert not [trace for trace in (*TRACES, key, "lowe", "mailbox") if trace in text]
    receipt = json.loads(done.path.read_text())
    assert receipt["left"] == [] and receipt["removed"]["database: inquiries"] == 3


def test_unknown_customer_gets_a_tombstone(settings: Settings, tmp_path: Path) -> None:
    """Nobody of that name is there: it says so, and keeps them out all the same."""
    said = CliRunner().invoke(main, ["-C", str(settings.root), "forget", "new@mailbox.example", "--yes"])
    assert said.exit_code == 0 and "nothing in the database is theirs" in said.stderr
    taken = pipeline.intake(settings, [_write(tmp_path, [_row(50, "Hello?", "new@mailbox.example")])])
    assert taken.ignored == {"forgotten": 1}


def test_address_with_its_name_is_read_as_intake_reads_it(settings: Settings) -> None:
    """ "Ann Lowe <ann.lowe@mailbox.example>" is the address and a name to look for."""
    done = pipeline.forget(settings, [f"Ann Lowe <{ANN}>", HANDLE], at=AT).receipt
    assert done.removed["database: inquiries"] == 3 and done.left == ()


def test_other_system_s_key_is_told(settings: Settings, tmp_path: Path) -> None:
    """Where a second system knows the same conversation by another name, which has more: it may be the same person."""
    same = [{**row, "customer": "4711000"} for row in HERS]
    more = {**_row(23, "One more thing?", "4711000"), "id": "m1"}
    pipeline.intake(settings, [_write(tmp_path, [*same, more])], IntakeOptions(source="crm"))
    done = pipeline.forget(settings, [ANN, HANDLE], at=AT)
    assert done.other_keys == pipeline.keys_of(settings, "4711000")
    again = pipeline.forget(settings, ["4711000"], at=AT)
    assert again.other_keys == () and again.receipt.removed["database: inquiries"] == 1


def test_key_alone_is_enough(settings: Settings) -> None:
    """A customer may be named by the key that helploop shows; what only the address tells is not looked for."""
    key = pipeline.read_customer(settings, ANN).customer_keys[0]
    done = pipeline.forget(settings, [key, HANDLE], at=AT).receipt
    assert done.removed["database: inquiries"] == 3 and done.left == ()


def test_others_rows_lose_the_name(settings: Settings, tmp_path: Path) -> None:
    """An address that slipped into somebody else's row is masked there; the row stays."""
    rows = [_row(60, "My sister's box?", "eve@mailbox.example") | {"thread": f"from:{ANN}"}]
    pipeline.intake(settings, [_write(tmp_path, rows)], IntakeOptions(source="desk"))
    with Store(settings.database) as store:
        assert "ann.lowe" in store.inquiries([inquiry_id("desk", "t60")])[0].thread.lower()
    pipeline.forget(settings, [ANN, HANDLE], at=AT)
    with Store(settings.database) as store:
        assert store.inquiries([inquiry_id("desk", "t60")])[0].thread == "from:<email>"
    assert _traces(settings.state) == {}


def test_broken_files_of_people_do_not_stand_in_the_way(settings: Settings) -> None:
    """A broken article keeps nobody from being forgotten; a broken decision that names them is named, for mending."""
    (settings.articles / "broken.md").write_text("---\nid: [\n---\n", encoding="utf-8")
    broken = settings.kb / "decisions" / "qbad.toml"
    broken.write_text(f"reason = '{ASKED}", encoding="utf-8")
    with pytest.raises(HelploopError, match=r"qbad\.toml: is not valid TOML"):
        pipeline.forget(settings, [ANN, HANDLE], at=AT)
    broken.unlink()
    assert pipeline.forget(settings, [ANN, HANDLE], at=AT).receipt.left == ()
    assert _traces(settings.state, settings.kb) == {}


@pytest.mark.parametrize(
    ("name", "unsearched"), [("SOURCE_I", 0), ("VARCHAR(16)", 0), ("source_id", 1), ("Question", 1)]
)
def test_customer_called_like_a_word_of_helploops_own(tmp_path: Path, name: str, unsearched: int) -> None:
    """Keys and values of records and the schema's words are nobody's trace, and stay; the customer goes."""
    settings = load_settings(tmp_path, environ={})
    rows = [_row(1, "My tangerine parrot?", name), _row(2, "Where is it?", "dee@mail.example")]
    pipeline.intake(settings, [_write(tmp_path, rows)], IntakeOptions(source="desk"))
    with Store(settings.database) as store:
        others = store.inquiries([inquiry_id("desk", "t2")])
    assert len(others) == 1
    done = pipeline.forget(settings, [name], at=AT).receipt
    assert (done.left, done.not_searched, done.removed["database: inquiries"]) == ((), unsearched, 1)
    assert _traces(settings.state) == {}
    with Store(settings.database) as store:
        assert store.inquiries() == others


@hypothesis.settings(max_examples=8, deadline=None)
@hypothesis.example("SOURCE_I", "")
@hypothesis.given(st.text(min_size=8, max_size=40), st.sampled_from(["", "@mail.example"]))
def test_any_customer_can_be_forgotten(start: str, end: str) -> None:
    """Whatever characters an export uses for a name: it goes, wholly, and stays out."""
    name = start.encode("utf-8", "replace").decode() + end
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(Path(folder), environ={})
        rows = [_row(1, f"I am {name} and the tangerine parrot", name), _row(2, "Where is it?", "dee@mail.example")]
        file = _write(Path(folder), rows)
        if not name.strip() or not pipeline.intake(settings, [file]).stored:
            return
        done = pipeline.forget(settings, [name], at=AT).receipt
        assert done.left == () and _traces(settings.state) == {}
        whole = b"".join(path.read_bytes() for path in settings.state.rglob("*") if path.is_file())
        with Store(settings.database) as store:
            is_own = " ".join(name.split()).lower() in store.own_words()  # hypothesis tries words of the code
        assert is_own or " ".join(name.split()).encode() not in whole
        again = pipeline.intake(settings, [file])
        assert again.stored == again.updated == 0


def test_every_table_and_file_is_thought_of(settings: Settings) -> None:
    """A new table or a new kind of file needs its place: erasure must know what it can hold of a customer."""
    pipeline.forget(settings, [ANN], at=AT)
    assert sorted(TABLES) == sorted(metadata.tables)
    with sqlite3.connect(settings.state / "helploop.db") as connection:
        there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert there - {"alembic_version"} == set(TABLES)
    paths = [path for top in (settings.state, settings.kb) for path in top.rglob("*") if path.is_file()]
    names = [path.relative_to(settings.root).as_posix() for path in paths]
    assert [name for name in names if place_of(name) is None] == []
    assert len({place.pattern for place in PLACES}) == len(PLACES)
    told = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert [name for name in (*TABLES, *(place.pattern for place in PLACES)) if f"`{name}`" not in told] == []


def test_json_is_the_receipt(settings: Settings) -> None:
    """Documented, alone on stdout; several customers may come from standard input."""
    done = CliRunner().invoke(
        main, ["-C", str(settings.root), "forget", "-", "--json"], input=f"{ANN}\n{HANDLE}\n", catch_exceptions=False
    )
    answer = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (answer["v"], answer["is_known"], answer["left"], len(answer["people"])) == (1, True, [], 2)
