"""What people decided, as files of kb/ that git keeps: about questions, and about the kind of single inquiries."""

from helploop.decisions.kinds import read_kinds, write_kinds
from helploop.decisions.questions import (
    LEDGER_MEMBERS,
    Decisions,
    file_of_decisions,
    read_decisions,
    read_ledger,
    remove_decision,
    write_apart,
    write_ledger,
    write_merge,
    write_rejection,
    write_rename,
    write_snooze,
    write_split,
)

__all__ = [
    "LEDGER_MEMBERS",
    "Decisions",
    "file_of_decisions",
    "read_decisions",
    "read_kinds",
    "read_ledger",
    "remove_decision",
    "write_apart",
    "write_kinds",
    "write_ledger",
    "write_merge",
    "write_rejection",
    "write_rename",
    "write_snooze",
    "write_split",
]
