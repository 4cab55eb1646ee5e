"""Configuration: defaults, both files, the environment, and every mistake named."""

from __future__ import annotations

from pathlib import Path

import pytest

from helploop.config import load_settings
from helploop.errors import ConfigError


def test_defaults_without_any_file(tmp_path: Path) -> None:
    """A folder without configuration works."""
    settings = load_settings(tmp_path, environ={})
    assert settings.articles == tmp_path / "kb" / "articles"
    assert settings.database == tmp_path / ".helploop" / "helploop.db"
    assert settings.report.standard_hours == 4.0


def test_helploop_toml_and_environment(tmp_path: Path) -> None:
    """The environment wins over the file; lists become tuples."""
    (tmp_path / "helploop.toml").write_text('[site]\nname = "A"\npublic_contacts = ["a@b.example"]\n')
    settings = load_settings(tmp_path, environ={"HELPLOOP_SITE_NAME": "B", "HELPLOOP_CLUSTERING_NEIGHBOURS": "8"})
    assert settings.site.name == "B"
    assert settings.site.public_contacts == ("a@b.example",)
    assert settings.clustering.neighbours == 8


def test_pyproject_is_read_where_there_is_no_helploop_toml(tmp_path: Path) -> None:
    """[tool.helploop] does the same."""
    (tmp_path / "pyproject.toml").write_text("[tool.helploop.report]\nstandard_hours = 8.0\n")
    assert load_settings(tmp_path, environ={}).report.standard_hours == 8.0


def test_all_mistakes_are_named_with_line_and_nearest_key(tmp_path: Path) -> None:
    """file:line, section, key, what is wrong, what was meant: all of them at once."""
    (tmp_path / "helploop.toml").write_text('[site]\nnmae = "A"\n\n[report]\nstandard_hours = "four"\n\n[clusterin]\n')
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path, environ={})
    assert str(caught.value).splitlines() == [
        "helploop.toml:7: unknown section [clusterin]; did you mean clustering?",
        "helploop.toml:2: [site] nmae: unknown key; did you mean name?",
        "helploop.toml:5: [report] standard_hours: expected `float`, got `str`",
    ]


def test_broken_toml_and_missing_folder(tmp_path: Path) -> None:
    """Both are said in one sentence."""
    with pytest.raises(ConfigError, match="no such folder"):
        load_settings(tmp_path / "nowhere", environ={})
    (tmp_path / "helploop.toml").write_text("[site\n")
    with pytest.raises(ConfigError, match=r"helploop\.toml: "):
        load_settings(tmp_path, environ={})


def test_mistakes_in_a_table_of_its_own_are_named(tmp_path: Path) -> None:
    """[triage.owners] is the same as owners = {...}; a key that cannot be meant is found with its line."""
    (tmp_path / "helploop.toml").write_text('[triage.backups]\nidea = "a"\n\n[triage.owners]\ncomplaints = "desk"\n')
    with pytest.raises(ConfigError, match=r"helploop\.toml:4: \[triage\] owners: .*'complaints' is not handed over"):
        load_settings(tmp_path, environ={})
