"""What several tests need: the format example as a project of one's own, and the files of others."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
os.environ["LC_ALL"] = "C.UTF-8"  # messages in English, whatever machine the tests run on
FORMAT_EXAMPLE = Path(__file__).parent / "format_example"


@pytest.fixture
def villages(tmp_path: Path) -> Path:
    """A writable copy of the format example, without its expected results; it needs ``allow_code``."""
    target = tmp_path / "villages"
    shutil.copytree(
        FORMAT_EXAMPLE, target, ignore=shutil.ignore_patterns("expected", "out", "__pycache__")
    )
    return target


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the files of others, which are never committed."""
    folder = Path(os.environ.get("GEP_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no files of others at {folder} (set GEP_SHARED)")
    return folder
