"""What mail-parser-reply leaves of mails: run by the Python of the benchmark's own environment.

    benchmarks/intake/.venv/bin/python benchmarks/intake/cleaning_peers.py FILE RUNS

FILE: JSON Lines with "text". Out: a line with the seconds of each run over all texts, then a line per text.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from mailparser_reply import EmailReplyParser

LANGUAGES = [
    "en",
    "de",
    "cs",
    "da",
    "es",
    "fr",
    "it",
    "nl",
    "pl",
    "sv",
]  # all that the sets are written in and it knows


def newest(parser: EmailReplyParser, text: str) -> str:
    """The newest reply without what the library takes for its signature and disclaimers."""
    replies = parser.read(text).replies
    return str(replies[0].body) if replies else ""


if __name__ == "__main__":
    texts = [json.loads(line)["text"] for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    parser = EmailReplyParser(languages=LANGUAGES)
    left = [newest(parser, text) for text in texts]
    seconds = []
    for _ in range(int(sys.argv[2])):
        started = time.process_time()
        for text in texts:
            newest(parser, text)
        seconds.append(time.process_time() - started)
    print(json.dumps({"seconds": seconds}))
    for text in left:
        print(json.dumps(text))
