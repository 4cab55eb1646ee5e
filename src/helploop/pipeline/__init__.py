"""The one place that joins the stages: a function for each command, in the order data takes (README's table).

intake -> rounds (embed, cluster, match) -> writing (draft, approve, reject) -> site (check, build, search)
-> numbers (baseline, report); triage (people's words, the outbox) beside them; new_site and demo walk the whole way.
"""

from helploop.pipeline.binding import DecisionLine, DecisionProblem, decision_problems, list_decisions
from helploop.pipeline.by_hand import log_contact
from helploop.pipeline.deciding import (
    Decided,
    Part,
    decisions_since,
    keep_apart,
    members_with,
    merge_questions,
    propose_split,
    rename_question,
    snooze_question,
    split_question,
    take_back,
)
from helploop.pipeline.demo import DemoResult, demo
from helploop.pipeline.doctor import examine
from helploop.pipeline.encoder_check import EncoderCheck, check_encoder
from helploop.pipeline.erasure import Forgotten, forget, lift_tombstones, purge_forgotten
from helploop.pipeline.intake import intake
from helploop.pipeline.intake_report import IntakeReport
from helploop.pipeline.new_site import init_site
from helploop.pipeline.noise import NoiseRow, noise
from helploop.pipeline.numbers import baseline, read_misses, report
from helploop.pipeline.quarantine import retry_quarantine
from helploop.pipeline.question_page import QuestionPage, read_question_page
from helploop.pipeline.question_table import read_minutes
from helploop.pipeline.records import Contact, Timeline, find_inquiries, read_customer, read_inquiry, sources
from helploop.pipeline.retention import Retained, retention
from helploop.pipeline.rounds import (
    cluster,
    find_gaps,
    is_outdated,
    labels_of,
    left_out,
    question_members,
    read_questions,
    undo,
)
from helploop.pipeline.run import RunResult, run
from helploop.pipeline.site import (
    build_site,
    check_search,
    check_site,
    fix_site,
    propose_expectations,
    search_site,
)
from helploop.pipeline.site_key import keys_of
from helploop.pipeline.templates import list_template_lines
from helploop.pipeline.triage import Outbox, list_kinds, outbox, set_kind
from helploop.pipeline.tuning import tune
from helploop.pipeline.writing import (
    add_alias,
    approve,
    draft_gaps,
    due_articles,
    import_articles_from,
    list_articles,
    new_article,
    queue,
    reject,
)
from helploop.store.store import changes

__all__ = [
    "Contact",
    "Decided",
    "DecisionLine",
    "DecisionProblem",
    "DemoResult",
    "EncoderCheck",
    "Forgotten",
    "IntakeReport",
    "NoiseRow",
    "Outbox",
    "Part",
    "QuestionPage",
    "Retained",
    "RunResult",
    "Timeline",
    "add_alias",
    "approve",
    "baseline",
    "build_site",
    "changes",
    "check_encoder",
    "check_search",
    "check_site",
    "cluster",
    "decision_problems",
    "decisions_since",
    "demo",
    "draft_gaps",
    "due_articles",
    "examine",
    "find_gaps",
    "find_inquiries",
    "fix_site",
    "forget",
    "import_articles_from",
    "init_site",
    "intake",
    "is_outdated",
    "keep_apart",
    "keys_of",
    "labels_of",
    "left_out",
    "lift_tombstones",
    "list_articles",
    "list_decisions",
    "list_kinds",
    "list_template_lines",
    "log_contact",
    "members_with",
    "merge_questions",
    "new_article",
    "noise",
    "outbox",
    "propose_expectations",
    "propose_split",
    "purge_forgotten",
    "question_members",
    "queue",
    "read_customer",
    "read_inquiry",
    "read_minutes",
    "read_misses",
    "read_question_page",
    "read_questions",
    "reject",
    "rename_question",
    "report",
    "retention",
    "retry_quarantine",
    "run",
    "search_site",
    "set_kind",
    "snooze_question",
    "sources",
    "split_question",
    "take_back",
    "tune",
    "undo",
]
