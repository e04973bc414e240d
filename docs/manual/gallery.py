"""The gallery: every picture of gep, drawn by the command that stands beside it."""

import contextlib
import io
import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

from manual.words import pick

from gep.cli.app import main

ROOT = Path(__file__).parents[2]
_FILE_IN_PAGE = re.compile(r"^\*\*([^*\n]+)\*\*\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Picture(NamedTuple):
    """Pictures of one command: their titles, the command, the files that it writes."""

    zh: str
    en: str
    command: str
    files: tuple[str, ...]


PICTURES = (
    Picture(
        "地图：江西省 100 个县（市、区），没有边界文件时一县一个六边形",
        "A map: the 100 counties of Jiangxi, a hexagon for each where no boundaries are given",
        "gep plot examples/jiangxi-counties map --out map.svg",
        ("map.svg",),
    ),
    Picture(
        "各区域堆叠：只有一年时由大到小",
        "Bars of regions: one year, from the largest to the smallest",
        "gep plot examples/jiangxi-counties bars --out regions.svg",
        ("regions.svg",),
    ),
    Picture(
        "各年堆叠",
        "Bars of years",
        "gep plot examples/beibu-gulf bars --out years.svg",
        ("years.svg",),
    ),
    Picture(
        "变化的原因：由一年到另一年",
        "Why the total changed: from one year to another",
        "gep plot examples/poyang-basin waterfall --out waterfall.svg",
        ("waterfall.svg",),
    ),
    Picture(
        "土地转移：宽度是面积",
        "Transitions of land: the width is the area",
        "gep plot examples/hongsibu transitions --out transitions.svg",
        ("transitions.svg",),
    ),
    Picture(
        "哪个数最要紧",
        "Which number matters most",
        "gep plot examples/garze-2010 tornado --out tornado.svg",
        ("tornado.svg",),
    ),
    Picture(
        "位次的区间（“结果有多可靠”一页的项目，数是编造的）",
        "Intervals of ranks (the project of the page on uncertainty; its numbers are made up)",
        "gep plot valley ranks --out ranks.svg",
        ("ranks.svg",),
    ),
    Picture(
        "每次核算都画的地图",
        "The map that every run draws",
        "gep run examples/jiangxi-counties --out account --quiet",
        ("account/map.png",),
    ),
    Picture(
        "几年对比时画的两张图",
        "The two pictures of a comparison",
        "gep compare examples/beibu-gulf --out comparison --quiet",
        ("comparison/years.png", "comparison/change.png"),
    ),
)


def write_gallery(folder: Path, scratch: Path, language: str) -> None:
    """Draw all pictures in ``scratch`` and write the page that shows them.

    Parameters
    ----------
    folder : Path
        Where the pages of the language are written.
    scratch : Path
        An empty folder, the working folder of the commands.
    language : {'zh', 'en'}
    """
    _projects(scratch)
    target = folder / "gallery"
    target.mkdir(parents=True, exist_ok=True)
    intro = pick(
        language,
        "每张图下面是画它的命令，建站时就是照着它画的。例子都是真实的项目，除非另有说明；"
        "怎样选年份、区域、格式，见[图](how-to/pictures.md)。",
        "Below each picture stands the command that drew it when this site was built. The"
        " projects are real examples unless said otherwise; for years, regions and formats see"
        " [pictures](how-to/pictures.md).",
    )
    parts = [f"# {pick(language, '图集', 'Gallery')}", intro]
    for picture in PICTURES:
        command = f"{picture.command} --language {language}"
        _draw(command, scratch)
        title = pick(language, picture.zh, picture.en)
        parts.append(f"## {title}")
        for name in picture.files:
            flat = name.replace("/", "-")
            shutil.copyfile(scratch / name, target / flat)
            parts.append(f"![{title}](gallery/{flat})")
        parts.append(f"```sh\n{command}\n```")
    (folder / "gallery.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _projects(scratch: Path) -> None:
    """Put the projects of the commands into their working folder."""
    ignored = shutil.ignore_patterns("out", "plots", "__pycache__")
    shutil.copytree(ROOT / "examples", scratch / "examples", ignore=ignored)
    page = (ROOT / "docs" / "zh" / "how-to" / "how-sure.md").read_text(encoding="utf-8")
    for name, body in _FILE_IN_PAGE.findall(page):
        file = scratch / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body, encoding="utf-8")


def _draw(command: str, scratch: Path) -> None:
    """Run a command of the gallery in its working folder."""
    said = io.StringIO()
    with (
        contextlib.chdir(scratch),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        status = main(shlex.split(command)[1:])
    if status:
        raise RuntimeError(f"{command} ended with {status}:\n{said.getvalue()}")
