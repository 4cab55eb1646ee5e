"""Drafts as files of kb/drafts: rendered, merged with what a person did to them, and moved to kb/articles once
approved.

A draft is Markdown with an article's front matter. Each line names its evidence by a short key in a comment; the
comment at the end resolves the keys to inquiry ids and hashes of reply sentences, never to their text. kb/drafts/.base
holds every draft as it was generated, for the three-way merge of the next time.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from helploop.articles import (
    escape,
    find_articles,
    read_article,
    read_articles,
    render_article,
    write_article,
    write_atomically,
)
from helploop.domain import Article, ArticleId, Brief, Draft, DraftLine, QuestionId, text_hash
from helploop.drafting import is_step
from helploop.errors import ArticleError
from helploop.review import BRIEF_MARK, UNCONFIRMED

_BASE = ".base"
_NEW = ".new.md"
_GIT_SECONDS = 30
_HEADER = (
    "<!-- helploop: drafted from agents' replies. Edit freely: your words survive the next round. "
    "Comments never reach the site. -->"
)
_BRIEF_HEADER = f"<!-- {BRIEF_MARK}. No trustworthy answer was found. Take this line out when you have written it. -->"
_CONTRADICTS = re.compile(r"contradicts: (.+?)(?=; contradicts: |; destructive: |; one agent only|; volatile: |$)")
# Entities of articles.escape that mean nothing to Markdown, HTML and templates where they stand: given back, so that a
# writer can read the line.
_HARMLESS = (
    re.compile(r"&#(39|34|44|59|63|40|41);"),  # ' " , ; ? ( )
    re.compile(r"(?<=\w)&#(45);(?=\w)"),  # 3-5
    re.compile(r"(?<=\d)&#(46|58);(?=\d|\s|$)"),  # 22:00, 2.4
    re.compile(r"(?<=\d)&#(37);"),  # 10%
    re.compile(r"(?<=[^\W\d_]|[)%\"'])&#(46|58);(?=\s|$)"),  # end of a sentence or clause
    re.compile(r"(?<=[\w)\"'] )&#(62);(?= )"),  # My box > Next delivery
    re.compile(r"(?<=[A-Za-z])&#(47);(?=[A-Za-z])"),  # and/or
)


def render_draft(draft: Draft | Brief) -> str:
    """A draft or a brief as the text of its file. Customers' and agents' words are escaped; the same draft gives the
    same bytes."""
    body = _brief_body(draft) if isinstance(draft, Brief) else _draft_body(draft)
    article = Article(
        id=draft.article,
        title=draft.title,
        body=body,
        answers=(draft.question,),
        aliases=draft.aliases,
        category=draft.category,
    )
    front, rest = render_article(article).removeprefix("---\n").split("---\n", 1)
    facts = [f'round: "{draft.round}"', f"customers: {draft.customers}", f"inquiries: {draft.inquiries}"]
    facts += ["brief: true"] if isinstance(draft, Brief) else []
    return "---\n" + front + "\n".join(facts) + "\n---\n" + rest


def write_draft(draft: Draft | Brief, kb: Path, former: Collection[QuestionId] = ()) -> Path:
    """Writes a draft into kb/drafts, or merges it into the one its question has already, and gives the file that
    holds the new text.

    A person's edits survive: lines changed on one side are taken, lines changed on both go with both versions into
    `<id>.new.md` beside the
    draft, which then stays as it is. A draft keeps its id, its path and its question over rounds. former: questions
    that a person merged into this one, whose draft is its draft now.

    Raises:
        ArticleError: a draft in kb/drafts cannot be read, or the file cannot be written.
    """
    root = kb / "drafts"
    held = next((found for one in (draft.question, *sorted(former)) if (found := _draft_of(one, kb))), None)
    if held is None:
        draft = replace(draft, article=_free_id(draft.article, kb))
        path = root / f"{draft.article}.md"
        return _write_new(draft, path, root)
    draft = replace(draft, article=held.id)
    path = root / held.path
    base = root / _BASE / f"{held.id}.md"
    theirs, mine = render_draft(draft), path.read_text("utf-8")
    old = base.read_text("utf-8") if base.is_file() else None
    if theirs in (mine, old):
        return path
    merged, is_clean = _merge(mine, old, theirs)
    if not is_clean:
        beside = path.with_name(path.stem + _NEW)
        write_atomically(beside, merged.encode())
        return beside
    write_atomically(path, merged.encode())
    write_atomically(base, theirs.encode())
    return path


def read_drafts(kb: Path) -> tuple[Article, ...]:
    """The drafts and briefs that wait for a person, sorted by id; none where there is no kb/drafts.

    Raises:
        ArticleError: all that is wrong with any of them, ids that stand twice too, a line each.
    """
    root = kb / "drafts"
    drafts: list[Article] = []
    mistakes: list[str] = []
    for path in find_articles(root):
        if path.name.endswith(_NEW):
            continue
        try:
            drafts.append(read_article(path, root))
        except ArticleError as error:
            mistakes.append(str(error))
    counts = Counter(draft.id for draft in drafts)
    mistakes += [
        f"{root / draft.path}: the id {draft.id!r} stands in another draft too"
        for draft in drafts
        if counts[draft.id] > 1
    ]
    if mistakes:
        raise ArticleError("\n".join(mistakes))
    return tuple(sorted(drafts, key=lambda draft: draft.id))


def read_draft(kb: Path, draft_id: ArticleId) -> Article:
    """One draft, by its id or by the id of the question it answers.

    Raises:
        ArticleError: there is no such draft.
    """
    drafts = read_drafts(kb)
    for draft in drafts:
        if str(draft_id) in {str(draft.id), *map(str, draft.answers)}:
            return draft
    known = ", ".join(draft.id for draft in drafts[:5]) or "none"
    raise ArticleError(f"{kb / 'drafts'}: there is no draft {draft_id!r} (there: {known}); `helploop draft` makes one")


def publish(draft: Article, article: Article, kb: Path) -> Path:
    """Puts an approved article into kb/articles/<category>/<slug>.md, takes its draft away, and gives the new path.

    Raises:
        ArticleError: an article of that id is published already, or an unsettled `.new.md` stands beside the draft.
    """
    path = kb / "drafts" / draft.path
    beside = path.with_name(path.stem + _NEW)
    if beside.exists():
        raise ArticleError(f"{beside}: settle it first: take what you want into {path.name} and delete it")
    for other in read_articles(kb / "articles"):
        if other.id == article.id:
            raise ArticleError(
                f"{kb / 'articles' / other.path}: is published under the id {article.id!r} already: edit it there"
            )
    target = write_article(replace(article, path=""), kb / "articles")
    withdraw(draft, kb)
    return target


def withdraw(draft: Article, kb: Path) -> None:
    """Takes a draft and its base text away: it was published, or its question was rejected. What is gone already is
    fine."""
    root = kb / "drafts"
    (root / draft.path).unlink(missing_ok=True)
    (root / _BASE / f"{draft.id}.md").unlink(missing_ok=True)


def readable(text: str) -> str:
    """A line passed through articles.escape, with the marks given back that mean nothing where they stand."""
    line = escape(text)
    for pattern in _HARMLESS:
        line = pattern.sub(_give_back, line)
    return line


def _give_back(found: re.Match[str]) -> str:
    is_list_mark = found.string[: found.start()].isdigit()  # "1." at the beginning would open a list
    return found.group() if is_list_mark else chr(int(found.group(1)))


def _draft_body(draft: Draft) -> str:
    confirmed = [line for line in draft.lines if line.is_confirmed]
    steps = [line for line in confirmed if is_step(line.text)]
    facts = [line for line in confirmed if not is_step(line.text)]
    doubtful = [line for line in draft.lines if not line.is_confirmed]
    parts = [_HEADER]
    if steps:
        marks = [f"{number}." for number in range(1, len(steps) + 1)] if len(steps) > 1 else ["-"]
        parts.append("## What to do")
        parts.append(
            "\n".join(f"{mark} {readable(line.text)} {_tag(line)}" for mark, line in zip(marks, steps, strict=True))
        )
    if facts:
        parts += ["## Good to know", "\n".join(f"- {readable(line.text)} {_tag(line)}" for line in facts)]
    if doubtful:
        parts += [f"## {UNCONFIRMED}", "\n".join(_doubtful(line) for line in doubtful)]
    parts.append(_resolved(draft.lines))
    return "\n\n".join(parts) + "\n"


def _brief_body(brief: Brief) -> str:
    parts = [_BRIEF_HEADER, f"## {UNCONFIRMED}", f"Why there is no draft: {readable(brief.reason)}."]
    parts.append(f"{brief.customers} customers asked, in {brief.inquiries} inquiries.")
    if brief.open_questions:
        parts.append("What they ask:")
        parts.append("\n".join(f"- {readable(question)}" for question in brief.open_questions))
    if brief.tried:
        parts.append("What agents answered, each to be checked:")
        parts.append("\n".join(_doubtful(line) for line in brief.tried))
        parts.append(_resolved(brief.tried))
    return "\n\n".join(parts) + "\n"


def _doubtful(line: DraftLine) -> str:
    against = "".join(f" **Contradicts:** {readable(other)}" for other in _CONTRADICTS.findall(line.note))
    return f"- {readable(line.text)}{against} {_tag(line)}"


def _tag(line: DraftLine) -> str:
    """Who stands behind a line, as a comment: "<!-- e:1f3a9c 13 inquiries, 3 agents; volatile: price -->"."""
    inquiries = len({evidence.inquiry for evidence in line.evidence})
    note = _CONTRADICTS.sub(lambda found: f"contradicts e:{_key(found.group(1))}", line.note)
    note = "".join(mark for mark in note if mark.isalnum() or mark in " ,:;")  # never ends the comment
    behind = f"{_count(inquiries, 'inquiry', 'inquiries')}, {_count(line.agents, 'agent', 'agents')}"
    return f"<!-- e:{_key(line.text)} {behind}{'; ' if note else ''}{note} -->"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _resolved(lines: Sequence[DraftLine]) -> str:
    rows = [f"e:{_key(line.text)} " + " ".join(f"{e.inquiry}#{e.text_hash}" for e in line.evidence) for line in lines]
    return "\n".join(["<!-- evidence: inquiry#hash of the reply's sentence", *rows, "-->"])


def _key(text: str) -> str:
    return text_hash(text)[:6]


def _draft_of(question: QuestionId, kb: Path) -> Article | None:
    return next((draft for draft in read_drafts(kb) if question in draft.answers), None)


def _free_id(wanted: ArticleId, kb: Path) -> ArticleId:
    taken = {article.id for article in (*read_drafts(kb), *read_articles(kb / "articles"))}
    return wanted if wanted not in taken else ArticleId(f"{wanted}-2")


def _write_new(draft: Draft | Brief, path: Path, root: Path) -> Path:
    text = render_draft(draft)
    if path.exists():
        beside = path.with_name(path.stem + _NEW)
        write_atomically(beside, text.encode())
        return beside
    write_atomically(path, text.encode())
    write_atomically(root / _BASE / f"{draft.article}.md", text.encode())
    return path


def _merge(mine: str, base: str | None, theirs: str) -> tuple[str, bool]:
    """The three texts as one and whether that went without conflict; without a base or without git, theirs alone, as
    a conflict."""
    git = shutil.which("git")
    if base is None or git is None:
        return theirs, False
    if mine == base:
        return theirs, True
    with tempfile.TemporaryDirectory(prefix="helploop-") as folder:
        names = ("yours", "as generated", "new")
        paths = [Path(folder, name.replace(" ", "-")) for name in names]
        for path, text in zip(paths, (mine, base, theirs), strict=True):
            path.write_text(text, "utf-8")
        labels = [part for name in names for part in ("-L", name)]
        command = [git, "merge-file", "--diff3", "-p", *labels, *map(str, paths)]
        done = subprocess.run(command, capture_output=True, check=False, timeout=_GIT_SECONDS)  # noqa: S603 (git, our own files)
    if done.returncode < 0 or done.returncode > 127:
        return theirs, False
    return done.stdout.decode("utf-8"), done.returncode == 0
