"""Damaged inputs by the thousand (seeded): whatever is in a file, it is read, or refused in words; nothing breaks or hangs.

A corpus is a folder of good inputs with the readers that read it. A mutant is one file of it, damaged in one to three
ways that follow from the seed and its number alone. ``tests/workflows/test_mutants.py`` runs 2,000 of them; a longer
run is one command, which prints what broke and how to see it again::

    python tests/support/mutants.py 30000 --seed 7
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    os.environ["LC_ALL"] = "C.UTF-8"

from openpyxl import Workbook

import gep
from gep.assessment.events import load_events, load_groups, load_terms
from gep.assessment.kinds import load_scheme
from gep.assessment.pools import load_pools
from gep.assessment.registers import load_register
from gep.assessment.review.log import read_log
from gep.assessment.stocks import load_causes, load_stock_prices, load_stocks
from gep.assessment.targets import load_targets
from gep.collection.counties import CollectionOptions
from gep.errors import ProblemLog, ProblemsFound
from gep.extent.areas import load_areas
from gep.extent.classes import load_class_scheme
from gep.extent.crosswalk import load_crosswalk
from gep.extent.region_changes import load_region_changes
from gep.extent.regions import check_boundaries, feature_code, load_regions, read_boundaries
from gep.extent.transitions import load_transitions
from gep.inputs.coefficients import load_coefficient_set
from gep.inputs.data import load_data
from gep.io.catalog import shipped_folder
from gep.io.toml_documents import read_toml, validate_document
from gep.project.project import ProjectSpec, check_project
from gep.report.figures.map_shapes import feature_rings
from gep.standards.standard import load_standard
from gep.texts.catalogue import Label
from gep.workflows.assess import apply_schemes, assess_project, record_review
from gep.workflows.collect import collect_projects
from gep.workflows.run import run_project
from gep.workflows.verify import verify
from support.counties import CountyProject, write_counties
from support.museum import project
from support.schemes import ATTAIN, GRADES, Whole, event, one, reading, target

HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # categories of characters that no message may have raw
SLOWEST = 10.0  # seconds of the processor that a reader may take
RUN_EVERY = 8  # of so many projects that check says are ready, one is run as well

Read = Callable[[Path], object]


@dataclass(frozen=True)
class Corpus:
    """Good inputs that are damaged.

    Attributes
    ----------
    name : str
    write : callable
        Writes the inputs into a new folder.
    files : tuple of str
        Patterns of the files that are damaged.
    read : callable
        Reads the folder; may raise ``ProblemsFound``.
    weight : int
        How many mutants of a hundred are of this corpus.
    """

    name: str
    write: Callable[[Path], object]
    files: tuple[str, ...]
    read: Read
    weight: int


@dataclass(frozen=True)
class Broken:
    """What a reader should not have done with a mutant."""

    number: int
    file: str
    what: str

    def __str__(self) -> str:
        return f"mutant {self.number} ({self.file}): {self.what}"


# --- good inputs ---------------------------------------------------------------------------------


def _square(west: float, south: float) -> list[list[float]]:
    east, north = west + 0.1, south + 0.1
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def boundaries() -> str:
    """Outlines of three villages, one of them of two parts with a hole."""
    part = [_square(116, 28), _square(116.04, 28.04)]
    shapes: list[dict[str, Any]] = [
        {"type": "Polygon", "coordinates": [_square(115, 28)]},
        {"type": "Polygon", "coordinates": [_square(115.2, 28)]},
        {"type": "MultiPolygon", "coordinates": [part, [_square(116.2, 28)]]},
    ]
    features = []
    for number, shape in enumerate(shapes, 1):
        properties = {"code": f"99010{number}", "name": f"{number}村"}
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features})


def write_account(folder: Path) -> None:
    """Write the format example with a third village, so that a map is drawn, and boundaries."""
    project(folder)
    for name in ("areas.csv", "data.csv", "regions.csv"):
        file = folder / name
        lines = file.read_text(encoding="utf-8").splitlines()
        third = [line.replace("990101", "990103") for line in lines if line.startswith("990101")]
        file.write_text("\n".join([*lines, *third]) + "\n", encoding="utf-8")
    (folder / "shapes.geojson").write_text(boundaries(), encoding="utf-8")
    with (folder / "project.toml").open("a", encoding="utf-8") as file:
        file.write('boundaries = "shapes.geojson"\n')


_LOG = "at,who,state,document,scheme,region,year,item,old,new,reason,previous\n"
_DEMO = [
    one("x", 60, {"kind": "interpolate", "at": [0, 10], "values": [0, 60]}, least=0, most=20),
    one("y", 40, ATTAIN),
]


def write_assessed(folder: Path) -> None:
    """Write a project with a scoring scheme and every table that it may be applied to."""
    head = {
        "total": 100,
        "grade": GRADES,
        "event": [{"id": "spill", "name": "泄漏", "effect": "deduct", "points": 5, "most": 10}],
    }
    more = 'previous = "previous.csv"\nearlier = "old"\nlog = "log.csv"\nyears = [2020]'
    rows = [reading(code, name, 7, year=2020) for code in "ab" for name in ("x", "y")]
    whole = Whole(
        [(_DEMO, head)],
        readings=rows,
        targets=[target(code, "y", 5) for code in "ab"],
        groups=[{"region": code, "group": "lake"} for code in "ab"],
        events=[event("a", "spill")],
        more=more,
    )
    whole.write(folder)
    ranks = "region,year,rank,scheme\na,2019,1,demo\nb,2019,2,demo\n"
    (folder / "previous.csv").write_text(ranks, encoding="utf-8")
    (folder / "log.csv").write_text(_LOG, encoding="utf-8")
    old = folder / "old" / "demo"
    old.mkdir(parents=True)
    scores = (
        "region,year,indicator,group,reading,points,points_low,points_high,max_points,rule,grade,note\n"
        "a,2020,x,lake,6,36,,,60,interpolate,,\na,2020,total,lake,,76,,,100,,合格,\n"
    )
    (old / "scores.csv").write_text(scores, encoding="utf-8")
    record_review(
        folder, state="computed", who="考核办", document="1号", scheme="demo", year=2020, at="2021-01-31"
    )  # fmt: skip
    assess_project(folder, allow_code=True)


TABLES = {
    "transitions.csv": "region,from,to,from_class,to_class,area,unit\na,2019,2020,paddy,pond,2,hm2\n"
    "b,2019,2020,pond,pond,1,hm2\n",
    "changes.csv": "from,to,date,share\na,c,2016-12-31,0.4\na,d,2016-12-31,0.6\n",
    "stocks.csv": "region,year,resource,class,stock,unit,source\na,2015,land,field,3,hm2,t\n"
    "a,2016,land,field,2,hm2,t\n",
    "causes.csv": "region,from,to,resource,class,cause,nature,direction,amount,unit,source\n"
    "a,2015,2016,land,field,building,human,reduction,1,hm2,t\n",
    "prices.csv": "region,year,resource,class,price,unit,source\na,2015,land,field,3,CNY hm-2,t\n",
    "terms.csv": "region,office,term_start,term_end,document\na,县长,2016-01-01,2020-12-31,1号\n",
    "pools.csv": "year,pool,amount,unit,source\n2020,fund,12.5,万元,t\n",
    "register.csv": "region,subject_kind,subject,item,date,value,unit,event,until,document\n"
    "a,enterprise,E1,warning,2020-01-01,1,1,,2020-12-31,1号\n",
}


def write_tables(folder: Path) -> None:
    """Write the tables that are read without a project."""
    folder.mkdir()
    for name, content in TABLES.items():
        (folder / name).write_text(content, encoding="utf-8")


def write_schemes(folder: Path) -> None:
    """Write the schemes that ship, with the tables beside them."""
    shutil.copytree(shipped_folder("schemes"), folder)


def write_counties_of_three(folder: Path) -> None:
    """Write two counties with what a province checks them against."""
    explained = [
        {"region": "c1", "year": 2020, "indicator": "total", "explanation": "x", "document": ""}
    ]
    counties = {
        "c1": CountyProject({2019: 100.0, 2020: 900.0}, {2019: 500.0, 2020: 500.0}, explanations=explained),
        "c2": CountyProject({2019: 100.0, 2020: 110.0}, {2019: 500.0, 2020: 510.0}),
    }  # fmt: skip
    write_counties(folder, counties)
    controls = "region,year,name,value,unit,source,tolerance\nc1,2020,area:field,500,hm2,t,1%\n"
    (folder / "controls.csv").write_text(controls, encoding="utf-8")
    alternatives = '[[alternative]]\nname = "current"\nprice_year = "current"\n'
    (folder / "alternatives.toml").write_text(alternatives, encoding="utf-8")


def write_result(folder: Path) -> None:
    """Write a project with its results."""
    project(folder)
    run_project(folder, allow_code=True)


def write_workbook(folder: Path) -> None:
    """Write the format example with its areas in a workbook."""
    project(folder)
    book = Workbook()
    book.active.title = "areas"
    for line in (folder / "areas.csv").read_text(encoding="utf-8").splitlines():
        book.active.append(line.split(","))
    book.save(folder / "book.xlsx")
    file = folder / "project.toml"
    text = file.read_text(encoding="utf-8").replace('"areas.csv"', '"book.xlsx#areas"')
    file.write_text(text, encoding="utf-8")


# --- readers -------------------------------------------------------------------------------------


def _check_then_run(folder: Path) -> None:
    """Check a project; what check says is ready must run, figures and all, of every few mutants."""
    check_project(folder, allow_code=True)
    number = int((folder / "number").read_text(encoding="utf-8"))
    if number % RUN_EVERY == 0:
        run_project(folder, folder / "results", allow_code=True)


def _loader(load: Callable[[Path, ProblemLog], object]) -> Read:
    """Return the reader of a file by what loads it."""

    def read(path: Path) -> None:
        problems = ProblemLog()
        load(path, problems)
        raise ProblemsFound(problems.errors, problems.warnings)

    return read


def _load_project_toml(path: Path, problems: ProblemLog) -> object:
    return validate_document(ProjectSpec, read_toml(path, path.name, problems), path.name, problems)


def _load_set(path: Path, problems: ProblemLog) -> object:
    return load_coefficient_set(str(path.parent), None, path.parent.name, problems)


def _load_classes(path: Path, problems: ProblemLog) -> object:
    return load_class_scheme(str(path), None, path.name, problems)


def _load_crosswalk(path: Path, problems: ProblemLog) -> object:
    scheme = load_class_scheme(str(path.with_name("classes.csv")), None, "classes.csv", problems)
    assert scheme is not None
    return load_crosswalk(str(path), None, scheme, path.name, problems)


def _load_standard(path: Path, problems: ProblemLog) -> object:
    return load_standard(str(path), None, path.name, problems)


def _load_boundaries(path: Path, problems: ProblemLog) -> object:
    """Check boundaries; those that can be drawn are taken apart as they are drawn."""
    regions = {code: Label(code) for code in ("990101", "990102", "990103")}
    check_boundaries(path, "code", regions, problems)
    if problems.errors:
        return None
    return [
        (feature_code(one, "code"), feature_rings(one)) for one in read_boundaries(path)["features"]
    ]


def _load_areas(path: Path, problems: ProblemLog) -> object:
    return load_areas(path, problems)


_LOADERS: dict[str, Callable[[Path, ProblemLog], object]] = {
    "transitions.csv": load_transitions,
    "changes.csv": load_region_changes,
    "stocks.csv": load_stocks,
    "causes.csv": load_causes,
    "prices.csv": load_stock_prices,
    "terms.csv": load_terms,
    "pools.csv": load_pools,
    "register.csv": load_register,
    "areas.csv": _load_areas,
    "book.xlsx": _load_areas,
    "data.csv": lambda path, problems: load_data([path], problems),
    "readings.csv": lambda path, problems: load_data([path], problems),
    "regions.csv": load_regions,
    "crosswalk.csv": _load_crosswalk,
    "classes.csv": _load_classes,
    "project.toml": _load_project_toml,
    "standard.toml": _load_standard,
    "shapes.geojson": _load_boundaries,
    "targets.csv": load_targets,
    "groups.csv": load_groups,
    "events.csv": load_events,
    "log.csv": read_log,
    "set.toml": _load_set,
    "sources.toml": _load_set,
    "numbers.csv": _load_set,
    "treatment.csv": _load_set,
}


def _read_file(folder: Path) -> None:
    """Read the damaged file alone, as far as that can be done."""
    file = folder / (folder / "damaged").read_text(encoding="utf-8")
    _loader(_LOADERS[file.name])(file)


def _read_schemes(folder: Path) -> None:
    problems = ProblemLog()
    name = (folder / "damaged").read_text(encoding="utf-8")
    for path in sorted(folder.glob("*.toml")):
        if path.stem in name or name.removesuffix(".csv") in path.read_text("utf-8", "replace"):
            load_scheme(str(path), None, path.name, problems)
    raise ProblemsFound(problems.errors, problems.warnings)


def _assess(folder: Path) -> None:
    apply_schemes(folder, allow_code=True)


def _collect(folder: Path) -> None:
    options = CollectionOptions(
        controls=folder / "controls.csv",
        alternatives=folder / "alternatives.toml",
        allow_code=True,
        skip_broken=True,
    )
    collect_projects(folder, folder / "collected", options)


def _verify(folder: Path) -> None:
    raise ProblemsFound(verify(folder / "out", allow_code=True))


_SET_FILES = ("base/*", "local/*")
CORPORA = (
    Corpus("files", write_account, ("*.toml", "*.csv", *_SET_FILES, "*.geojson"), _read_file, 37),
    Corpus("boundaries", write_account, ("*.geojson",), _read_file, 6),
    Corpus("tables", write_tables, ("*.csv",), _read_file, 15),
    Corpus("evaluated", write_assessed, ("targets.csv", "groups.csv", "events.csv", "readings.csv", "log.csv"), _read_file, 10),
    Corpus("workbook", write_workbook, ("book.xlsx",), _read_file, 6),
    Corpus("schemes", write_schemes, ("*.toml", "*.csv"), _read_schemes, 16),
    Corpus("account", write_account, ("*.toml", "*.csv", *_SET_FILES, "*.geojson"), _check_then_run, 6),
    Corpus("assessed", write_assessed, ("*.csv", "*.toml", "scheme-0/*", "old/demo/*", "out/assessment/demo/assessment.json"), _assess, 2),
    Corpus("result", write_result, ("out/manifest.json", "out/*.csv"), _verify, 1),
    Corpus("counties", write_counties_of_three, ("*.csv", "*.toml", "c1/*.csv", "c1/*.toml"), _collect, 1),
)  # fmt: skip


# --- damage --------------------------------------------------------------------------------------

CELLS = (
    "", " ", "na", "NA", "nan", "inf", "-inf", "1e400", "1e-400", "1e100", "-1e99", "-1", "-0", "0", "1e5", "1,234",
    "１２", "1.5.6", "0x10", "True", "9" * 30, "9" * 5000, "=1+1", "@sum(a1)", "+cmd|' /C calc'!A0", "\t=1", "'1", '"',
    "a" * 300, "a" * 200_000, "../../x", "/etc/passwd", "C:\\x", "2020-01-01", "2020-02-30", "二〇二〇", "１９９９", "1899", "99999",
    "[/b]", "[gb 38582]", "$x_{$", "{name}", "{0}", "%s", "\\", "\x00", "\x1b[2J", "\u202e", "\u200b", "\ufeff", "\U0001f332", "①",
    "公顷", "万元", "t/(", "m-3 ha-1", "10^4 hm2", "10^99 10^99 t", "km9", "1e99 1e99 1e99 1e99 t", "((((((((", "亿亿亿亿元", "na na", "990101",
    "normal", "uniform", "official", "2020", "total", "region",
)  # fmt: skip
VALUES = (
    "nan", "-inf", "1e400", "1e-400", "1e101", "0", "-1", "10e30", "9" * 4000, "true", "false", '""', '" "', '"true"', '"nan"', "[]", "[[]]",
    "{}", "[1, 2]", '["a", 1]', '{ zh = "" }', '{ zh = 1 }', "2020-01-01", "1979-05-27T07:32:00Z", '"../x"', '"/etc/passwd"', '"x.csv"',
    '"./x#y"', '"\\u0000"', '"\\u001b[2J"', '"\\u202e"', f'"{"a" * 300}"', f'"./{"b" * 300}.csv"', f'"{"长" * 3000}"', '"$x_{$"', '"[/b]"',
    '"{x}"', '"gep.methods.soil:no"', '"./methods.py:x"', '"os:system"', "1_0", "0x1F", "'''\n'''", "[2020, 2020]", "[-1]", "[1e3]",
)  # fmt: skip
NODES: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, float("nan"), float("inf"), 10**400, "", "x", "\x1b[2J", [], {}, [[]], [None], {"a": 1}, ["a", "b"],
    [[0, 0], [1]], "a" * 5000, [[[0, 0], [0, 0], [0, 0]]], [200, 100], "Point", "GeometryCollection", ["x", {}], 1.5,
)  # fmt: skip


def _damage_bytes(content: bytes, dice: random.Random) -> bytes:
    """Damage a file anywhere: a byte changed, lost or added, a piece lost, doubled or moved, the end lost."""
    if not content:
        return dice.randbytes(dice.randint(1, 40))
    start = dice.randrange(len(content))
    stop = min(len(content), start + dice.randint(1, 60))
    piece = content[start:stop]
    ways = (
        lambda: content[:start] + bytes([dice.randrange(256)]) + content[start + 1 :],
        lambda: content[:start] + content[stop:],
        lambda: content[:stop] + piece * dice.randint(1, 3) + content[stop:],
        lambda: content[:start] + dice.randbytes(dice.randint(1, 8)) + content[start:],
        lambda: content[:start],
        lambda: piece + content[:start] + content[stop:],
        lambda: content.replace(b"\n", dice.choice((b"\r", b"\r\n", b"\n\n", b"")), dice.randint(1, 9)),
        lambda: content.decode("utf-8", "replace").encode(dice.choice(("gb18030", "utf-16", "utf-8-sig")), "replace"),
    )  # fmt: skip
    return dice.choice(ways)()


def _damage_table(text: str, dice: random.Random) -> str:
    """Damage a CSV as a table: a cell, a row, a column, the header."""
    rows = [line.split(",") for line in text.splitlines()] or [[""]]
    row = dice.randrange(len(rows))
    column = dice.randrange(len(rows[row]))
    way = dice.randrange(10)
    if way < 5:
        rows[row][column] = dice.choice(CELLS)
    elif way == 5:
        rows.insert(row, list(rows[row]))
    elif way == 6:
        del rows[row]
    elif way == 7:
        for cells in rows:
            del cells[column : column + 1]
    elif way == 8:
        for cells in rows[1:]:
            cells[column : column + 1] = [dice.choice(CELLS)]
    else:
        rows[0][dice.randrange(len(rows[0]))] = dice.choice((*rows[0], "x", ""))
    return "\n".join(",".join(cells) for cells in rows) + "\n"


def _damage_toml(text: str, dice: random.Random) -> str:
    """Damage a TOML as a document: a value, a key, a line, a table."""
    lines = text.splitlines() or [""]
    with_value = [number for number, line in enumerate(lines) if "=" in line]
    number = dice.choice(with_value) if with_value else dice.randrange(len(lines))
    way = dice.randrange(8)
    key, _, _ = lines[number].partition("=")
    if way < 4:
        lines[number] = f"{key}= {dice.choice(VALUES)}"
    elif way == 4:
        del lines[number]
    elif way == 5:
        lines.insert(number, lines[dice.randrange(len(lines))])
    elif way == 6:
        lines[number] = lines[number].replace(
            key.strip(), dice.choice(("x", "id", '"\\u001b"', "a.b")), 1
        )
    else:
        heads = [number for number, line in enumerate(lines) if line.startswith("[")]
        if heads:
            lines[dice.choice(heads)] = dice.choice(
                ("[x]", "[[x]]", "", "[project]", "[[indicator]]")
            )
    return "\n".join(lines) + "\n"


def _nodes(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a JSON: a list or object, and an index or key of it."""
    places = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    for key, value in list(places):
        yield tree, key
        yield from _nodes(value)


def _damage_json(text: str, dice: random.Random) -> str:
    """Damage a JSON as a tree: a node replaced, lost, doubled, or nested deep."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return text
    places = list(_nodes(tree))
    if not places:
        return text
    parent, key = dice.choice(places)
    way = dice.randrange(10)
    if way < 7:
        parent[key] = dice.choice(NODES)
    elif way == 7:
        del parent[key]
    elif way == 8 and isinstance(parent, list):
        parent.insert(key, parent[key])
    else:
        parent[key] = [parent[key]]
    if dice.random() < 0.02:
        return "[" * 50_000
    return json.dumps(tree, ensure_ascii=False)


_DAMAGES: dict[str, Callable[[str, random.Random], str]] = {
    ".csv": _damage_table,
    ".toml": _damage_toml,
    ".json": _damage_json,
    ".geojson": _damage_json,
}


def damage(file: Path, dice: random.Random) -> None:
    """Damage a file in place, one to three times."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        content = file.read_bytes()
        by_form = _DAMAGES.get(file.suffix)
        if by_form is None or dice.random() < 0.25:
            file.write_bytes(_damage_bytes(content, dice))
        else:
            text = by_form(content.decode("utf-8", "surrogateescape"), dice)
            file.write_bytes(text.encode("utf-8", "surrogateescape"))


# --- the run -------------------------------------------------------------------------------------


class Nursery:
    """Good inputs, written once, of which mutants are made.

    Parameters
    ----------
    folder : Path
        A scratch folder.
    seed : int
    corpora : sequence of Corpus
    """

    def __init__(self, folder: Path, seed: int, corpora: Sequence[Corpus] = CORPORA) -> None:
        self.folder = folder
        self.seed = seed
        self.corpora = corpora
        self._files: dict[str, list[str]] = {}
        (folder / "good").mkdir(parents=True)

    def good(self, corpus: Corpus) -> Path:
        """Return the folder of the good inputs of a corpus."""
        home = self.folder / "good" / corpus.name
        if corpus.name not in self._files:
            corpus.write(home)
            found = {
                path for pattern in corpus.files for path in home.glob(pattern) if path.is_file()
            }
            self._files[corpus.name] = sorted(path.relative_to(home).as_posix() for path in found)
        return home

    def mutant(self, number: int) -> tuple[Corpus, Path, str]:
        """Write a mutant; return its corpus, its folder, and the file that is damaged."""
        dice = random.Random(f"{self.seed}-{number}")
        corpus = dice.choices(self.corpora, [corpus.weight for corpus in self.corpora])[0]
        home = self.good(corpus)
        name = dice.choice(self._files[corpus.name])
        target_folder = self._copy(corpus, home)
        (target_folder / "number").write_text(str(number), encoding="utf-8")
        (target_folder / "damaged").write_text(name, encoding="utf-8")
        damage(target_folder / name, dice)
        return corpus, target_folder, name

    def _copy(self, corpus: Corpus, home: Path) -> Path:
        """Return a folder with the good inputs; where nothing is written, the last copy is mended."""
        writes_nothing = corpus.read in (_read_file, _read_schemes)
        folder = self.folder / (f"mutant-{corpus.name}" if writes_nothing else "mutant")
        if writes_nothing and folder.exists():
            name = (folder / "damaged").read_text(encoding="utf-8")
            shutil.copyfile(home / name, folder / name)
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(home, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return folder

    def broken(self, number: int) -> Broken | None:
        """Read a mutant; return what broke, if anything did."""
        corpus, folder, name = self.mutant(number)
        start = time.process_time()
        fault = ""
        try:
            with _in_time(), warnings.catch_warnings():
                warnings.simplefilter("error")
                warnings.filterwarnings("ignore", "Glyph .* missing")
                corpus.read(folder)
        except ProblemsFound as error:
            fault = _wording_fault(error)
        except Exception:
            fault = traceback.format_exc()
        seconds = time.process_time() - start
        if not fault and seconds > SLOWEST:
            fault = f"took {seconds:.0f} s"
        return Broken(number, f"{corpus.name}/{name}", fault) if fault else None


class TooSlow(Exception):
    """A reader takes longer than it may."""


@contextmanager
def _in_time() -> Iterator[None]:
    """Interrupt what takes too long, where the system can."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooSlow(f"more than {SLOWEST:.0f} s")

    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SLOWEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def _wording_fault(error: ProblemsFound) -> str:
    """Word all problems; return what is wrong with their words."""
    try:
        for language in ("zh", "en"):
            words = error.say(language).replace("\n", "")
            if any(unicodedata.category(mark) in HIDDEN for mark in words):
                return f"unprintable words: {words!r}"
            if len(words) > 200_000:
                return f"{len(words)} characters of words, beginning {words[:500]}"
    except Exception:
        return traceback.format_exc()
    return ""


def main() -> int:
    """Run many mutants, and print what broke."""
    parser = argparse.ArgumentParser(
        description="Damage inputs, and look whether reading them breaks."
    )
    parser.add_argument("mutants", type=int, nargs="?", default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first mutant")
    parser.add_argument(
        "--corpus", default="", help="one of: " + ", ".join(corpus.name for corpus in CORPORA)
    )
    parser.add_argument("--keep", type=Path, help="keep the last mutant in this folder")
    options = parser.parse_args()
    corpora = [corpus for corpus in CORPORA if options.corpus in ("", corpus.name)]
    count = 0
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        nursery = Nursery(Path(scratch) / "nursery", options.seed, corpora)
        for number in range(options.first, options.first + options.mutants):
            fault = nursery.broken(number)
            if fault is not None:
                count += 1
                print(fault, flush=True)
        if options.keep:
            shutil.copytree(nursery.folder / "mutant", options.keep, dirs_exist_ok=True)
    seconds = time.perf_counter() - start
    print(
        f"seed {options.seed}: {count} of {options.mutants} broke, {seconds:.0f} s, version {gep.__version__}"
    )
    return min(count, 1)


if __name__ == "__main__":
    raise SystemExit(main())
