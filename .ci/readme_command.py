"""Run one of the two commands of README.md, in the form for this system.

``readme_command.py run`` does the main job on real data, ``readme_command.py tests`` the tests.
The command joins parts by ``&&``, which stop at the first that fails. With ``set-up`` as second
argument all parts but the last are run, with ``last`` the last: between them .ci/run starts what
needs the environment.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEADINGS = {"run": "Set up and run", "tests": "Tests"}
JOINT = " && "


def command(name: str) -> str:
    """Return the command under a heading of README.md, on Windows in the form for it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    heading = rf"^## [^\n]*{HEADINGS[name]}$"
    section = re.search(rf"{heading}(.*?)(?=^## )", text, re.MULTILINE | re.DOTALL)
    if section is None:
        raise SystemExit(f"README.md has no heading that ends in {HEADINGS[name]!r}")
    shell = "bat" if sys.platform == "win32" else "sh"
    block = re.search(rf"^```{shell}\n(.*?)\n```$", section.group(1), re.MULTILINE | re.DOTALL)
    if block is None or "\n" in block.group(1):
        raise SystemExit(f"README.md has no command of one line under {HEADINGS[name]!r}")
    return block.group(1)


def part(line: str, name: str) -> str:
    """Return all parts of a command but the last, or the last."""
    first, joint, last = line.rpartition(JOINT)
    if not joint:
        raise SystemExit(f"the command has no parts joined by{JOINT}: {line}")
    return {"set-up": first, "last": last}[name]


if __name__ == "__main__":
    line = command(sys.argv[1])
    if len(sys.argv) > 2:
        line = part(line, sys.argv[2])
    print(f"+ {line}", flush=True)
    raise SystemExit(subprocess.run(line, shell=True, cwd=ROOT, check=False).returncode)
