"""The `helploop` command: each one calls the pipeline function of its name and says what came of it."""

from helploop.cli.articles import approve, article, draft, due, gaps, import_articles, reject, review
from helploop.cli.by_hand import log_by_hand
from helploop.cli.decide import COMMANDS as DECIDING
from helploop.cli.erasure import forget, retention
from helploop.cli.log import intake, quarantine, template_lines
from helploop.cli.noise import noise
from helploop.cli.numbers import baseline, misses, report
from helploop.cli.output import Main
from helploop.cli.question import question
from helploop.cli.questions import questions
from helploop.cli.records import customer, inquiries, inquiry
from helploop.cli.rounds import cluster, undo
from helploop.cli.site import build, check, collect, search, search_test, serve
from helploop.cli.start import demo, doctor, init, run
from helploop.cli.start import main as main
from helploop.cli.triage import outbox, triage_group
from helploop.cli.tuning import tune

STARTING = (init, demo, run, doctor)
LOG = (
    *(intake, log_by_hand, quarantine, template_lines, inquiries, inquiry, customer),
    *(triage_group, outbox, forget, retention),
)
QUESTIONS = (cluster, undo, questions, question, noise, gaps)
ARTICLES = (import_articles, article, draft, review, approve, reject, due)
SITE = (tune, check, build, serve, search, search_test, collect)
NUMBERS = (misses, baseline, report)

for deciding in DECIDING:
    questions.add_command(deciding)

assert isinstance(main, Main)
for title, commands in (
    ("Start", STARTING),
    ("The log", LOG),
    ("Questions", QUESTIONS),
    ("Articles", ARTICLES),
    ("The site", SITE),
    ("Misses and numbers", NUMBERS),
):
    main.add_section(title, commands)

__all__ = ["main"]
