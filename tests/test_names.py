"""The detector of names: an extra that says what is missing, and with its model finds people."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from helploop.errors import ConfigError
from helploop.names import DEFAULT_MODEL, load_name_detector


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without spaCy the message says what to install."""
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ConfigError, match=r"names = \"presidio\" needs .* pip install 'helploop\[pii\]'"):
        load_name_detector()


def _needs_the_extra() -> None:
    missing = [name for name in ("presidio_analyzer", "spacy", DEFAULT_MODEL) if not importlib.util.find_spec(name)]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{', '.join(missing)} missing: make test-names")


@pytest.mark.names
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of spaCy's own dependencies
def test_people_are_found_by_the_real_model() -> None:
    """Names in a text of the model's language; none in a blank one or one known to be in another language."""
    _needs_the_extra()
    detect = load_name_detector()
    text = "My colleague Sarah Whitmore asked for the kettle, and John Miller paid for it."
    names = ["Sarah Whitmore", "John Miller"]
    assert [text[start:end] for start, end in detect(text, "en")] == names
    assert [text[start:end] for start, end in detect(text, "")] == names
    assert (detect(text, "de"), detect(" ", "en")) == ([], [])


@pytest.mark.names
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Neither a package nor a folder: nothing is downloaded; a folder that is no model says so."""
    _needs_the_extra()
    with pytest.raises(ConfigError, match=r"no spaCy model 'xx_no_such_model' here"):
        load_name_detector("xx_no_such_model")
    with pytest.raises(ConfigError, match=r"names_model: .* cannot be loaded"):
        load_name_detector(str(tmp_path))
