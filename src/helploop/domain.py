"""The words of helploop as types: frozen dataclasses, closed sets and ids. No behaviour beyond what a type owes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

InquiryId = NewType("InquiryId", str)  # 16 hex digits: hash of (source, source_id)
QuestionId = NewType("QuestionId", str)  # short, typable, stable over rounds: q7f3k
ArticleId = NewType("ArticleId", str)  # from front matter, never the path
TopicId = NewType("TopicId", str)  # like a question's: t4kd2
RoundId = NewType("RoundId", str)  # r0001, r0002, ...


def inquiry_id(source: str, source_id: str) -> InquiryId:
    """The id of an inquiry: the same for the same record, in whichever file it comes again."""
    return InquiryId(text_hash(f"{source}\x00{source_id}"))


def text_hash(text: str) -> str:
    """16 hex digits of BLAKE2b: for ids, cache keys and evidence, not for secrets."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class Channel(StrEnum):
    """How an inquiry reached the company."""

    TICKET = "ticket"
    CHAT = "chat"
    MAIL = "mail"
    PHONE = "phone"
    SOCIAL = "social"
    FORUM = "forum"
    REVIEW = "review"
    SURVEY = "survey"
    SEARCH = "search"
    FEEDBACK = "feedback"


class Kind(StrEnum):
    """What an inquiry is; unsure is an answer."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    COMPLIMENT = "compliment"
    IDEA = "idea"
    OTHER = "other"
    UNSURE = "unsure"


class KindBy(StrEnum):
    """Who said what kind an inquiry is; a person's word wins."""

    RULES = "rules"
    ENCODER = "encoder"
    PERSON = "person"


@dataclass(frozen=True)
class RawReply:
    """One later turn of a conversation, as it came. Holds personal data: its repr hides the text."""

    at: datetime | None  # aware UTC
    by: str  # who wrote it, raw
    is_agent: bool  # False: the customer's own later turn
    text: str = field(repr=False)
    helpful: int = 0  # votes, or 1 for an accepted answer


@dataclass(frozen=True)
class RawInquiry:
    """An inquiry as it came, before redaction. Never stored; its repr hides what was written."""

    source: str  # --source, else the mapping's or format's name
    source_id: str  # the id in the source; without one, the hash of the content
    text: str = field(repr=False)
    title: str = field(default="", repr=False)  # subject line, thread title
    question_text: str = field(default="", repr=False)  # filled by cleaning: the sentences that ask
    replies: tuple[RawReply, ...] = field(default=(), repr=False)
    channel: Channel = Channel.TICKET
    received_at: datetime | None = None  # aware UTC; None: unknown
    first_reply_at: datetime | None = None
    resolved_at: datetime | None = None
    customer: str = field(default="", repr=False)  # mail, handle or id, raw; "" when unknown
    customer_names: tuple[str, ...] = field(default=(), repr=False)  # names and mails of the record, masked in it
    agent_minutes: float | None = None
    waited_minutes: float | None = None
    csat: float | None = None  # 1 to 5
    nps: int | None = None  # 0 to 10
    locale: str = ""
    tags: tuple[str, ...] = ()
    thread: str = ""
    weight: float = 1.0  # a miss of 40 visitors weighs 40
    is_spam: bool = False  # marked so by the source
    language: str = ""  # filled by cleaning: ISO 639-1, "" when it cannot be told
    attachments: tuple[str, ...] = field(default=(), repr=False)  # file names; bodies are never read
    repeat_contacts: int = 0  # how often the customer came back to a matter that seemed settled


@dataclass(frozen=True)
class Reply:
    """One later turn of a conversation, redacted."""

    at: datetime | None
    by: str  # keyed hash of the agent, or "customer"
    is_agent: bool
    text: str
    helpful: int = 0
    uncut_text: str = ""  # what stood there before its template lines were cut; "" when none were


@dataclass(frozen=True)
class Inquiry:
    """A redacted inquiry: the only form in which customers' words are stored. Made by redaction.redact() alone."""

    id: InquiryId
    source: str
    source_id: str
    text: str
    title: str
    question_text: str
    replies: tuple[Reply, ...]
    channel: Channel
    kind: Kind
    kind_reason: str
    received_at: datetime | None
    first_reply_at: datetime | None
    resolved_at: datetime | None
    customer_key: str  # keyed hash; "" when the customer is unknown
    agent_minutes: float | None
    waited_minutes: float | None
    csat: float | None
    nps: int | None
    locale: str
    tags: tuple[str, ...]
    thread: str
    weight: float
    redactions: Mapping[str, int]  # placeholder type -> how many were put in
    language: str = ""  # of the text, ISO 639-1; "" when it cannot be told
    attachments: tuple[str, ...] = ()  # file names, redacted
    repeat_contacts: int = 0  # how often the customer came back to a matter that seemed settled
    kind_by: KindBy = KindBy.RULES
    uncut_text: str = ""  # what stood there before its template lines were cut; "" when none were
    uncut_question: str = ""  # question_text before that


class Side(StrEnum):
    """Whose words."""

    CUSTOMER = "customer"
    AGENT = "agent"


@dataclass(frozen=True)
class TemplateLine:
    """A line that recurs over many inquiries of one source, whoever asks whatever: a form's, a bot's, a sign-off."""

    source: str
    side: Side
    line: str  # redacted; compared without case, digits and what placeholders stand for
    inquiries: int  # how many had it when it was learned


@dataclass(frozen=True)
class RejectedRow:
    """A record that could not be read: data, not an exception. Goes to the quarantine with its row."""

    source: str  # file name
    line: int  # 1-based line where the record starts; 0 when unknown
    reason: str
    record: int = 0  # 1-based number of the record in the file
    row: str = field(default="", repr=False)  # the original, raw, cut at 1 MB; bytes that are no text as \udc80-\udcff
    format: str = ""  # the name of the reader that could not read it
    taken_as: str = ""  # the source that its record would have


@dataclass(frozen=True)
class IgnoredRow:
    """A record left out on purpose (spam, empty, a member of a joined thread's system lines), with its reason."""

    source: str
    line: int
    reason: str


class SearchAction(StrEnum):
    """What a visitor did on the help site."""

    SEARCH = "search"
    CLICK = "click"
    ABANDON = "abandon"
    RETURN = "return"
    VOTE = "vote"
    CONTACT = "contact"


class Verdict(StrEnum):
    """How well the site answered a search."""

    HIT = "hit"
    WEAK = "weak"
    NONE = "none"


@dataclass(frozen=True)
class SearchEvent:
    """One event of the help site, as the open log has it. No IP, no cookie, no user agent is ever part of it."""

    event: SearchAction
    query_id: str  # ties the events of one search together
    at: datetime
    visitor: str  # hash salted by the day
    search_term: str = ""  # redacted
    search_count: int = 0  # results shown
    top_score: float = 0.0
    unmatched_words: tuple[str, ...] = ()
    verdict: Verdict | None = None  # of a search
    position: int | None = None  # of a click, from 1
    article: str = ""  # ArticleId clicked or voted on
    page: str = ""  # path on the site
    locale: str = ""
    vote: str = ""  # yes or no
    reason: str = ""  # of a bad vote
    v: int = 1


class MissCause(StrEnum):
    """Why a search found no answer."""

    NO_ARTICLE = "no_article"
    OTHER_WORDS = "other_words"
    MISSPELT = "misspelt"
    RANKING = "ranking"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Miss:
    """A query that the site did not answer, over all its searches."""

    query: str
    cause: MissCause
    weight: float  # distinct visitors per day, added up
    visitors: int
    days: int
    first_at: datetime
    last_at: datetime
    most_in_a_day: int  # distinct visitors on its best day: visitor hashes cannot be joined over days
    nearest: str = ""  # ArticleId of the best hit, "" when none
    reason: str = ""  # the evidence for the cause, in words


class QuestionState(StrEnum):
    """Where a question stands on its way to an answer."""

    NEW = "new"
    DRAFTED = "drafted"
    IN_REVIEW = "in_review"
    ANSWERED = "answered"
    REJECTED = "rejected"
    REOPENED = "reopened"
    SNOOZED = "snoozed"


class Clarity(StrEnum):
    """Whether the members of a question are one question."""

    CLEAR = "clear"
    MIXED = "mixed"  # they fall into groups: several questions, or none
    FEW = "few"  # hardly more customers than a question needs


@dataclass(frozen=True)
class Topic:
    """What a help site calls a category: questions that are near each other. Keeps its identity over rounds."""

    id: TopicId
    label: str  # keyphrases that several customers use, "calendar, events, caldav"; "" when they share no words


@dataclass(frozen=True)
class Question:
    """A recurring question: a cluster of inquiries that keeps its identity over rounds."""

    id: QuestionId
    label: str  # the clearest real wording, redacted
    members: tuple[InquiryId, ...]  # sorted
    representatives: tuple[InquiryId, ...]  # nearest to the centre first
    size: float  # weights added up
    customers: int  # distinct
    channels: Mapping[str, int]
    first_seen: datetime | None
    last_seen: datetime | None
    trend: tuple[int, ...]  # inquiries per week, oldest first, the round's last 8 weeks
    cohesion: float  # mean cosine of members to the centre
    state: QuestionState = QuestionState.NEW
    article: ArticleId | None = None
    topic: Topic | None = None  # None: the round was made before there were topics
    keyphrases: tuple[str, ...] = ()  # what several members say more often than the log does, most telling first
    clarity: Clarity = Clarity.CLEAR
    clarity_reason: str = ""  # in words; "" when clear


@dataclass(frozen=True)
class Round:
    """One clustering, whole: what went in, what came out, and with what it was made."""

    id: RoundId
    at: datetime
    encoder_hash: str
    settings_hash: str
    questions: tuple[Question, ...]  # sorted by customers, then id
    noise: tuple[InquiryId, ...]  # sorted
    inherited: Mapping[str, str]  # question id -> new, grown, shrunk, same
    gone: tuple[QuestionId, ...]  # of the last round
    split: Mapping[str, tuple[QuestionId, ...]] = field(default_factory=dict)  # old one -> where its parts are
    merged: Mapping[str, tuple[QuestionId, ...]] = field(default_factory=dict)  # question -> the last round's in it
    reasons: Mapping[InquiryId, str] = field(default_factory=dict)  # of noise, where only the round could tell: by id

    @property
    def topics(self) -> tuple[tuple[Topic, tuple[Question, ...]], ...]:
        """The topics with their questions, those of most inquiries first; none where the round has none."""
        found: dict[Topic, list[Question]] = {}
        for question in self.questions:
            if question.topic is not None:
                found.setdefault(question.topic, []).append(question)
        sized = [(-sum(len(q.members) for q in of), topic.id, topic) for topic, of in found.items()]
        return tuple((topic, tuple(found[topic])) for _, _, topic in sorted(sized, key=lambda one: one[:2]))


class ReviewState(StrEnum):
    """Front matter key `review`. Published and stale are derived, not written."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"


@dataclass(frozen=True)
class Article:
    """A help article: a Markdown file of kb/articles with its front matter."""

    id: ArticleId
    title: str
    body: str  # Markdown, without front matter
    review: ReviewState = ReviewState.DRAFT
    answers: tuple[QuestionId, ...] = ()
    aliases: tuple[str, ...] = ()  # customers' own wordings, searched, never shown
    category: str = ""
    description: str = ""
    locale: str = ""
    translation_of: ArticleId | None = None
    owner: str = ""
    backup: str = ""
    reviewed_by: str = ""
    reviewed_at: date | None = None
    review_due: date | None = None
    redirect_from: tuple[str, ...] = ()
    path: str = ""  # relative to kb/articles (or kb/drafts), posix


@dataclass(frozen=True)
class Evidence:
    """Where a line of a draft comes from: the inquiry whose reply said it, and the hash of that reply's sentence."""

    inquiry: InquiryId
    text_hash: str


@dataclass(frozen=True)
class DraftLine:
    """One line of a draft, with every reply that said it."""

    text: str  # redacted, not yet escaped
    evidence: tuple[Evidence, ...]
    agents: int  # distinct agents behind it
    is_confirmed: bool  # False: stands under "not confirmed, do not publish"
    note: str = ""  # contradicts, volatile, destructive: why a writer should look


@dataclass(frozen=True)
class Draft:
    """An article's skeleton filled with checked notes from agents' real replies."""

    article: ArticleId
    question: QuestionId
    round: RoundId
    title: str
    aliases: tuple[str, ...]
    lines: tuple[DraftLine, ...]
    category: str = ""
    customers: int = 0
    inquiries: int = 0


@dataclass(frozen=True)
class Brief:
    """A draft without a trustworthy answer: what to find out, and whom to ask."""

    article: ArticleId
    question: QuestionId
    round: RoundId
    title: str
    aliases: tuple[str, ...]
    reason: str  # why there is no draft
    open_questions: tuple[str, ...]
    tried: tuple[DraftLine, ...]  # what was said, unconfirmed
    category: str = ""
    customers: int = 0
    inquiries: int = 0


@dataclass(frozen=True)
class Rejection:
    """A person's no to a draft; binding until the evidence changes."""

    question: QuestionId
    reason: str
    by: str
    at: date


@dataclass(frozen=True)
class Merge:
    """A person's word that two questions are one: from then on both are `into`."""

    question: QuestionId
    into: QuestionId
    at: datetime  # aware UTC
    by: str
    reason: str = ""
    members: tuple[InquiryId, ...] = ()  # sorted; some inquiries of the question then, by which it is known again
    into_members: tuple[InquiryId, ...] = ()  # of the other one


@dataclass(frozen=True)
class Split:
    """A person's word that a question is several: each part has an id, one of them the question's own."""

    question: QuestionId
    parts: Mapping[QuestionId, tuple[InquiryId, ...]]  # sorted; some inquiries of each part
    at: datetime  # aware UTC
    by: str
    reason: str = ""


@dataclass(frozen=True)
class Apart:
    """A person's word that two questions must never become one."""

    question: QuestionId
    other: QuestionId
    at: datetime  # aware UTC
    by: str
    reason: str = ""
    members: tuple[InquiryId, ...] = ()  # sorted; some inquiries of the question then
    other_members: tuple[InquiryId, ...] = ()  # of the other one


@dataclass(frozen=True)
class KindDecision:
    """A person's word on the kind of one inquiry; kept in kb/, so it holds no text of the inquiry."""

    inquiry: InquiryId
    kind: Kind
    at: datetime  # aware UTC
    by: str = ""  # who said so, "" when nobody wrote it down


class CoverageVerdict(StrEnum):
    """Whether an article answers a question."""

    COVERED = "covered"
    PARTLY = "partly"
    GAP = "gap"


@dataclass(frozen=True)
class Coverage:
    """How far the articles answer one question."""

    question: QuestionId
    article: ArticleId | None  # the nearest, None where there is no article at all
    score: float  # cosine of the nearest
    verdict: CoverageVerdict


@dataclass(frozen=True)
class Problem:
    """One finding of the gate."""

    file: str  # relative to the site's folder
    line: int  # 1-based
    rule: str  # kebab-case name, stable
    message: str  # what is wrong and what to do


@dataclass(frozen=True)
class Figure:
    """A number that can be believed: never without its parts, what is missing and its definition."""

    name: str
    value: float | None  # None: not measurable from what there is
    unit: str
    numerator: float | None
    denominator: float | None
    missing: int  # records that could not count, e.g. without a reply time
    baseline: float | None
    definition: str
