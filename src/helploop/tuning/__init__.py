"""The word table that lets a static site's search understand: fitted here, where the log and the encoder are.

vocabulary.py says which words may be in it, fitting.py gives them their rows, table.py keeps it in kb/search, and
measuring.py says what it is worth, on questions of the log that it has not seen.
"""

from helploop.tuning.fitting import TuningOptions, fit_table
from helploop.tuning.measuring import Asked, Measured, is_held_out, is_worse, measure
from helploop.tuning.table import Origin, TableError, WordTable, read_table, write_table
from helploop.tuning.vocabulary import Logged, Vocabulary, find_vocabulary

__all__ = [
    "Asked",
    "Logged",
    "Measured",
    "Origin",
    "TableError",
    "TuningOptions",
    "Vocabulary",
    "WordTable",
    "find_vocabulary",
    "fit_table",
    "is_held_out",
    "is_worse",
    "measure",
    "read_table",
    "write_table",
]
