"""The built wheel, in a folder of its own and run from another one, finds the shipped standards, classes and sets."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gep.io.catalog import shipped

ROOT = Path(__file__).parent.parent
_PROGRAM = """
import sys
from pathlib import Path
import gep
import gep.extent.places
from gep.io.catalog import shipped
from gep.cli.app import main
print(Path(gep.__file__).parent)
for kind in ("standards", "classes", "coefficients"):
    print(kind, *shipped(kind))
print(*sorted(one.header.id for one in map(gep.read_coefficient_set, shipped("coefficients"))))
print(*gep.extent.places.administrative_units())
from gep.io.page_content import ReportPage
from gep.report.pages.page import render_page
page = ReportPage(title="Report", language="en", caption=[])
assert "</html>" in render_page(page), "templates, style and scripts ship too"
sys.exit(main(["run", sys.argv[1], "--allow-code", "--quiet"]))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, as pip would lay them out."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_finds_what_it_ships(installed: Path, villages: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", _PROGRAM, str(villages)]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == str(installed / "gep"), "the wheel's own files, not the checkout's"
    for kind, line in zip(("standards", "classes", "coefficients"), lines[1:4], strict=True):
        assert line.split() == [kind, *shipped(kind)]
    assert set(lines[4].split()) == set(shipped("coefficients"))
    assert "361130" in lines[5].split(), "places ship too"
    assert (villages / "out" / "manifest.json").exists()


def test_the_wheel_holds_nothing_else(installed: Path) -> None:
    names = {path.name for path in installed.iterdir()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"gep"}
