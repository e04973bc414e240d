"""Check that the wheels of a folder are all that an installation on Windows asks for.

``pip download --platform`` fetches wheels for another system but decides by its own markers:
what is needed on Windows only would be left out without a word.

Usage: python .ci/check_wheelhouse.py FOLDER PYTHON_VERSION
"""

import sys
import zipfile
from email.parser import Parser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

EXTRAS = {"gep-accounting": {"raster", "report"}}
WINDOWS = {
    "os_name": "nt",
    "sys_platform": "win32",
    "platform_system": "Windows",
    "platform_machine": "AMD64",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
}


def requirements(wheel: Path) -> list[Requirement]:
    """Return what a wheel asks for, whatever the system."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [
            name
            for name in archive.namelist()
            if name.count("/") == 1 and name.endswith(".dist-info/METADATA")
        ]
        metadata = Parser().parsestr(archive.read(name).decode("utf-8"))
    return [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]


def missing(folder: Path, python: str) -> list[str]:
    """Return what the wheels of a folder ask for on Windows and the folder does not hold."""
    system = {**WINDOWS, "python_version": python, "python_full_version": f"{python}.0"}
    wheels = {}
    for wheel in sorted(folder.glob("*.whl")):
        name, version, *_ = parse_wheel_filename(wheel.name)
        wheels[name] = (wheel, version)
    lacking = []
    for name, (wheel, _) in wheels.items():
        for requirement in requirements(wheel):
            marker = requirement.marker
            extras = {"", *EXTRAS.get(name, set())}
            if marker and not any(marker.evaluate({**system, "extra": extra}) for extra in extras):
                continue
            known = wheels.get(canonicalize_name(requirement.name))
            if known is None or not requirement.specifier.contains(known[1], prereleases=True):
                lacking.append(f"{wheel.name} asks for {requirement}")
    return lacking


if __name__ == "__main__":
    answers = missing(Path(sys.argv[1]), sys.argv[2])
    print("\n".join(answers) or "complete")
    sys.exit(bool(answers))
