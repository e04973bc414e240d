"""Where the tests find the repository, its examples and the files of others."""

import os
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
ROOT = TESTS.parent
EXAMPLES = ROOT / "examples"
BENCHMARKS = ROOT / "benchmarks"
FORMAT_EXAMPLE = TESTS / "format_example"
SHARED_FILES = Path(os.environ.get("GEP_SHARED", ROOT.parent / "shared"))


def shared_file(*parts: str) -> Path:
    """Return a file or folder of others; where it is missing the test is skipped, in CI it fails."""
    path = SHARED_FILES.joinpath(*parts)
    if not path.exists():
        not_available(f"there is no {path}: set GEP_SHARED to the folder with the files of others")
    return path


def not_available(reason: str) -> None:
    """Skip the test, or fail it in CI, where everything that the tests need must be there."""
    if os.environ.get("GEP_REQUIRE_ALL"):
        pytest.fail(reason)
    pytest.skip(reason)
