"""gep verify: a result that was touched, or whose inputs were, is told so by file, row and number."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import openpyxl
import pytest
from support.counties import CountyProject, write_counties
from support.museum import project
from support.schemes import ATTAIN, Whole, one, reading, target
from support.years import CROP, Years, field_areas, of_products, outputs, prices

import gep
from gep.cli.app import main
from gep.collection.counties import CollectionOptions
from gep.errors import ProblemsFound
from gep.io.result_folder import sha256, write_record
from gep.workflows import verify as verify_module
from gep.workflows.verify import verify_result


@pytest.fixture(scope="module")
def original_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The format example with its results, written once: copies serve the tests."""
    home = project(tmp_path_factory.mktemp("original") / "villages")
    gep.run_project(home, allow_code=True)
    return home


@pytest.fixture
def done(original_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original_run, tmp_path / "villages"))


def _told(project: Path) -> str:
    return "\n".join(str(problem) for problem in gep.verify(project / "out", allow_code=True))


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_untouched_result_agrees(done: Path) -> None:
    assert gep.verify(done / "out", allow_code=True) == []


def test_a_result_elsewhere_finds_its_project(villages: Path, tmp_path: Path) -> None:
    gep.run_project(villages, tmp_path / "there" / "out", allow_code=True)
    assert gep.verify(tmp_path / "there" / "out", allow_code=True) == []


def test_a_project_that_was_moved_is_named(done: Path, tmp_path: Path) -> None:
    shutil.move(done / "out", tmp_path / "kept")
    shutil.move(done, tmp_path / "moved")
    assert gep.verify(tmp_path / "kept", tmp_path / "moved", allow_code=True) == []
    assert gep.verify(tmp_path / "kept", allow_code=True) != []


def test_an_edited_coefficient_is_named_with_its_row(done: Path) -> None:
    _edit(done / "base" / "numbers.csv", "spending_per_visit,,,,,80,", "spending_per_visit,,,,,81,")
    told = _told(done)
    assert "[differs] base/numbers.csv: " in told
    assert "base/numbers.csv row 9: " in told
    assert "value was 80.0, is now 81.0" in told
    assert "account.csv: " in told


def test_an_edited_input_is_named_with_its_row(done: Path) -> None:
    _edit(done / "areas.csv", "990101,2020,paddy,100,", "990101,2020,paddy,101,")
    told = _told(done)
    assert "[differs] areas.csv: " in told
    assert "areas.csv row 3: " in told


def test_an_edited_standard_and_own_code_are_named(done: Path) -> None:
    _edit(done / "standard.toml", 'clause = "5"', 'clause = "6"')
    _edit(done / "methods.py", "return visits * spending", "return 2 * visits * spending")
    told = _told(done)
    assert "standard.toml: " in told
    assert "methods.py: " in told
    assert "account.csv: " in told


def test_an_edited_figure_and_a_lost_file_are_named(done: Path) -> None:
    _edit(done / "out" / "account.csv", "374.4", "474.4")
    (done / "out" / "summary.csv").unlink()
    told = _told(done)
    assert "account.csv: the result file was changed after the run" in told
    assert "rows that differ from those recomputed: 1 of 34;" in told
    assert "990101 regulating water_retention value: value 474.4" in told
    assert "summary.csv: the result file is gone" in told


def test_rows_that_came_or_went_are_named(done: Path) -> None:
    _edit(
        done / "local" / "treatment.csv",
        "treatment_cost,,SO2,,,1300,CNY t-1",
        "treatment_cost,,NOx,,,1300,CNY t-1",
    )
    told = _told(done)
    assert "local/treatment.csv row 2: " in told
    assert "was used by the run and is no longer" in told
    assert "is new since the run" in told


def _codes(project: Path) -> list[tuple[str, str]]:
    return [
        (problem.where, problem.what) for problem in gep.verify(project / "out", allow_code=True)
    ]


def test_a_row_nobody_uses_put_on_top_moves_rows_and_changes_nothing(done: Path) -> None:
    path = done / "base" / "numbers.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    columns = head.split(",")
    unused = {
        "coefficient": "nobody_asks",
        "value": "1",
        "unit": "1",
        "source": "made_up",
        "locator": "t1",
    }
    row = ",".join(({"grade": "placeholder"} | unused).get(name, "") for name in columns)
    path.write_text("\n".join([head, row, *rows]) + "\n", encoding="utf-8")
    edited, moved = _codes(done)
    assert edited == ("base/numbers.csv", "the file was edited after the run")
    assert moved[0] == "base/numbers.csv"
    assert moved[1].startswith("rows used that have moved: ")
    assert moved[1].endswith("; no value changed; the first: row 2 is now row 3")


@pytest.mark.parametrize("name", ["areas.csv", "data.csv"])
def test_sorting_an_input_otherwise_changes_nothing(done: Path, name: str) -> None:
    head, *rows = (done / name).read_text(encoding="utf-8-sig").splitlines()
    (done / name).write_text("\n".join([head, *reversed(rows)]) + "\n", encoding="utf-8")
    told = _codes(done)
    assert [where for where, _ in told] == [name, name]
    assert "no value changed" in told[1][1]


def test_a_changed_value_is_told_by_its_keys_where_it_now_stands(done: Path) -> None:
    head, *rows = (done / "areas.csv").read_text(encoding="utf-8-sig").splitlines()
    text = "\n".join([head, *reversed(rows)]).replace(
        "990101,2020,paddy,100,", "990101,2020,paddy,101,"
    )
    (done / "areas.csv").write_text(text + "\n", encoding="utf-8")
    row = next(number for number, line in enumerate(text.splitlines(), 1) if "paddy,101" in line)
    told = _told(done)
    assert f"areas.csv row {row}: " in told
    assert "class=paddy region=990101: value was 100.0, is now 101.0" in told
    assert "is no longer" not in told
    assert "is new since" not in told


def test_rows_of_results_that_came_or_went_are_named_by_their_keys(done: Path) -> None:
    path = done / "out" / "account.csv"
    head, first, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text(
        "\n".join([head, *rows, first.replace("990101", "990109")]) + "\n", encoding="utf-8-sig"
    )
    told = _told(done)
    called = " ".join(part for part in first.split(",")[:7] if part and part != "region")
    assert f"1 row is not in the file; the first: {called}" in told
    assert "1 row is not among those recomputed; the first: 2020 990109" in told


def test_a_clause_that_changed_is_said_once_a_step_and_file(done: Path) -> None:
    _edit(done / "standard.toml", 'clause = "5"', 'clause = "6"')
    told = [problem for problem in _codes(done) if "clause was 5, is now 6" in problem[1]]
    assert len(told) == len({where for where, _ in told}) > 0
    assert "is no longer" not in _told(done)


def test_an_input_that_no_longer_checks_is_told(done: Path) -> None:
    _edit(done / "areas.csv", "300,hm2", "three hundred,hm2")
    told = _told(done)
    assert "[differs] areas.csv: " in told
    assert "[not-a-number] areas.csv row 2 column area: " in told


def test_another_version_is_told(done: Path) -> None:
    _edit(done / "out" / "manifest.json", f'"gep": "{gep.__version__}"', '"gep": "0.0.1"')
    assert "made by gep 0.0.1" in _told(done)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"gep": "1"}'])
def test_no_manifest_to_go_by(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFound, match=r"\[manifest\]"):
        gep.verify(tmp_path)


def test_own_code_is_not_run_unless_allowed(done: Path) -> None:
    assert any(problem.code == "code-not-allowed" for problem in gep.verify(done / "out"))


def test_the_manifest_records_what_a_reader_asks_for(done: Path) -> None:
    record = json.loads((done / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert record["tier"] == "table"
    assert record["state"] == "试算"
    assert record["standard"]["evidence"] == "published"
    assert record["standard"]["legal"] == "research"
    assert record["shares"]["2020"]["grade"]["placeholder"] == pytest.approx(1)
    assert record["shares"]["2020"]["transfer"] == 0
    assert {
        "project.toml",
        "standard.toml",
        "areas.csv",
        "data.csv",
        "methods.py",
        "base/numbers.csv",
    } <= set(record["inputs"])


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"state": "试算"', '"state": "某县人民政府 1号"', "state"),
        ('"legal": "research"', '"legal": "in_force"', "standard"),
        ('"placeholder": 1.0', '"placeholder": 0.0', "shares"),
        ('"oxygen": "with"', '"oxygen": "without"', "switches"),
    ],
)
def test_a_forged_manifest_is_told(done: Path, old: str, new: str, named: str) -> None:
    _edit(done / "out" / "manifest.json", old, new)
    assert f"manifest.json: {named} is said to be " in _told(done)


# --- every file, every key, every command ----------------------------------------------------------------------------


class Written(NamedTuple):
    """Results of a command: where they are, their record, and the project or the folder of counties."""

    out: Path
    record: Path
    home: Path

    def differences(self) -> list[str]:
        return [str(problem) for problem in gep.verify(self.out, allow_code=True)]

    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.record.read_text(encoding="utf-8"))
        return said

    def forge(self, change: Callable[[dict[str, Any]], object], *, sealed: bool = True) -> None:
        """Change the record; ``sealed`` makes its own checksum fit again, as a careful forger would."""
        record = self.said()
        change(record)
        if sealed and "checksum" in record:
            write_record(self.record, record)
        else:
            self.record.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def _mapped(folder: Path) -> Path:
    """The villages with a third one and places, so that there is a map."""
    for name in ("areas.csv", "data.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        third = [line for line in text.splitlines() if line.startswith("990101")]
        third = [line.replace("990101", "990103") for line in third]
        (folder / name).write_text(text + "\n".join(third) + "\n", encoding="utf-8")
    text = "region,parent,area,area_unit,lon,lat\n990100,,,,,\n"
    for number, land in (
        (1, 4),
        (2, 1.21),
        (3, 4.4),
    ):  # less of the third than it has, which is told
        text += f"99010{number},990100,{land},km2,11{number},28\n"
    (folder / "regions.csv").write_text(text, encoding="utf-8")
    return folder


def _run(tmp_path: Path) -> Written:
    home = _mapped(project(tmp_path / "p"))
    _edit(
        home / "base" / "numbers.csv",
        "runoff_share,forest,,,,5,%,,,,",
        "runoff_share,forest,,,,5,%,4,6,uniform,",
    )
    gep.run_project(home, allow_code=True, draws=100, seed=3)
    return Written(home / "out", home / "out" / "manifest.json", home)


def _compared(tmp_path: Path) -> Written:
    home = _three_years(tmp_path)
    gep.compare_projects(home, allow_code=True, prices=["2010", "current"])
    return Written(home / "out", home / "out" / "comparison.json", home)


def _three_years(tmp_path: Path) -> Path:
    years = (2010, 2015, 2020)
    places = [{"region": "top"}]
    places += [{"region": code, "parent": "top"} for code in ("a", "b")]
    small = of_products(
        CROP,
        areas=field_areas({(code, year): 100 for code in ("a", "b") for year in years}),
        data=outputs({(code, year, "rice"): year - 2000 for code in "ab" for year in years}),
        sets=prices({("rice", year): 1000 for year in years}),
        regions=places,
    )
    return Years(small, years).project(tmp_path / "p")


def _assessed(tmp_path: Path) -> Written:
    whole = Whole(
        [([one("water", 100, ATTAIN, unit="%")], {})],
        readings=[reading(code, "water", 90, "%") for code in "ab"],
        targets=[target(code, "water", 80, unit="%") for code in "ab"],
        more="years = [2020]",
    )
    home = whole.write(tmp_path / "p")
    gep.assess_project(home, allow_code=True)
    folder = home / "out" / "assessment" / "demo"
    return Written(home / "out", folder / "assessment.json", home)


def _collected(tmp_path: Path) -> Written:
    home = write_counties(
        tmp_path / "p", {"a": CountyProject(), "b": CountyProject(crops={2020: 900.0})}
    )
    for county in ("a", "b"):
        gep.run_project(home / county, allow_code=True)
    result = gep.collect_projects(home, options=CollectionOptions(allow_code=True))
    return Written(result.out, result.out / "collection.json", home)


COMMANDS = {"run": _run, "compare": _compared, "assess": _assessed, "collect": _collected}


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Written]:
    """The results of each command, written once: copies serve the tests."""

    @cache
    def write(command: str) -> Written:
        return COMMANDS[command](tmp_path_factory.mktemp(command))

    return write


@pytest.fixture
def written_by(originals: Callable[[str], Written], tmp_path: Path) -> Callable[[str], Written]:
    """A copy of the results of a command, with the project that they are of."""

    def copy(command: str) -> Written:
        original = originals(command)
        home = tmp_path / "p"
        shutil.copytree(original.home, home, symlinks=True)
        paths = [home / path.relative_to(original.home) for path in original[:2]]
        return Written(*paths, home)

    return copy


@pytest.fixture(params=COMMANDS)
def written(request: pytest.FixtureRequest, written_by: Callable[[str], Written]) -> Written:
    return written_by(request.param)


def _listed(written: Written) -> dict[str, Path]:
    """The files that a record lists, by their names, but for those that ship with gep."""
    record = written.said()
    files = {}
    for key in ("results", "tables", "other_results"):
        for name, checksum in record.get(key, {}).items():
            if len(checksum) == 64:
                files[name] = written.record.parent / name
    base = written.out if "counties" in record else written.home
    for name in record["inputs"]:
        if not name.startswith("gep:"):
            files[name] = base / name
    return files


def _flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def test_results_of_every_command_agree_with_themselves(written: Written) -> None:
    assert written.differences() == []


class Memory:
    """Writes the results of a folder again once for what they are made of: others get copies.

    What a command writes again follows from the files of the projects, from what the record says of
    its options and places, and from what the caller allows; the results that are there do not count.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.find = verify_module._find_groups

    def groups(self, folder: Path, request: Any, *others: Any) -> list[Any]:
        groups = self.find(folder, request, *others)
        return [replace(group, write=partial(self.write, group, request)) for group in groups]

    def write(self, group: Any, request: Any, scratch: Path) -> None:
        kept = self.folder / _fingerprint(group, request)
        if not kept.exists():
            group.write(scratch)
            shutil.copytree(scratch, kept)
        else:
            shutil.copytree(kept, scratch, dirs_exist_ok=True)


MAKES = ("project", "projects", "folder", "options", "draws", "seed")  # keys of records


def _fingerprint(group: Any, request: Any) -> str:
    """What results that are written again are made of, as one checksum."""
    made_of = [repr((request.allow_code, request.language))]
    for name, result in group.results.items():
        options = {key: result.record[key] for key in MAKES if key in result.record}
        made_of.append(repr((name, result.record_name, options)))
    written = group.folder.resolve()
    for home in (home.resolve() for home in group.homes):
        made_of.append(os.path.relpath(home, written))
        for path in sorted(home.rglob("*")):
            counts = "__pycache__" not in path.parts and written not in path.parents
            if counts and path.is_file():
                made_of.append(f"{path.relative_to(home)} {sha256(path)}")
    return hashlib.sha256("\n".join(made_of).encode()).hexdigest()


@pytest.fixture(scope="module")
def memory_of_module(tmp_path_factory: pytest.TempPathFactory) -> Memory:
    return Memory(tmp_path_factory.mktemp("written again"))


@pytest.fixture(autouse=True)
def _memory(memory_of_module: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_module, "_find_groups", memory_of_module.groups)


def test_one_byte_of_any_listed_file_is_found(written: Written) -> None:
    files = _listed(written)
    assert len(files) > 8
    random = Random(10)
    for number, (name, path) in enumerate(files.items()):
        is_input = path.parent != written.record.parent
        if is_input and number % 2:  # see the next test
            continue
        before = path.read_bytes()
        _flip(path, random.randrange(len(before)))
        differences = written.differences()
        path.write_bytes(before)
        is_named = re.compile(rf"\[differs\] (\S+/)?{re.escape(name)}( rows? [\d, -]+)?: ")
        assert any(map(is_named.match, differences)), name
    assert written.differences() == []


def test_any_listed_file_that_is_missing_is_found(written: Written) -> None:
    for number, (name, path) in enumerate(_listed(written).items()):
        is_input = path.parent != written.record.parent
        if is_input and number % 2 == 0:
            continue
        path.rename(path.with_name("elsewhere"))
        differences = written.differences()
        path.with_name("elsewhere").rename(path)
        is_named = any(name in line for line in differences)
        assert is_named or name.endswith("project.toml"), (name, differences)
        assert differences


def test_results_struck_from_the_record_are_found(written: Written) -> None:
    record = written.said()
    key = "tables" if "tables" in record else "results"
    names = list(record[key])
    written.forge(lambda record: record[key].clear())
    differences = written.differences()
    for name in names:
        assert any(f"{name}: the file belongs to this result" in line for line in differences), name
    assert not any("own checksum" in line for line in differences)


def test_a_result_and_its_checksum_changed_alike_are_found(written: Written) -> None:
    """The inputs are as they were, so that the result can be computed again."""
    record = written.said()
    key = "tables" if "tables" in record else "results"
    for name in record[key]:
        path = written.record.parent / name
        before = path.read_bytes()
        rows = before.decode("utf-8-sig").splitlines()
        path.write_text("\n".join([*rows, rows[-1]]) + "\n", encoding="utf-8-sig")
        forged = {name: sha256(path)}
        written.forge(partial(_update, key, forged))
        differences = written.differences()
        path.write_bytes(before)
        write_record(written.record, record)
        told = "is no longer" if name == "plan.csv" else f"{name}: 1 row is not among"
        assert any(told in line for line in differences), differences
        assert not any("checksum" in line for line in differences)


def test_every_key_of_a_record_is_compared(written: Written) -> None:
    """Struck or changed to a value of the same kind, though the record's own checksum fits."""
    before = written.record.read_bytes()
    for key, value in written.said().items():
        for change in (_strike(key), _turn(key, value)):
            written.forge(change, sealed=key != "checksum")
            assert _finds(written) or key == "checksum", (key, change)
            written.record.write_bytes(before)
    written.forge(lambda record: record.update(approved="yes"))
    assert _finds(written)


def test_an_edited_record_does_not_agree_with_its_checksum(written: Written) -> None:
    before = written.record.read_bytes()
    text = before.decode("utf-8")
    end = text.index('"checksum": "') + len('"checksum": "')
    digit = "1" if text[end] == "0" else "0"
    written.record.write_text(f"{text[:end]}{digit}{text[end + 1 :]}", encoding="utf-8")
    assert any("own checksum" in line for line in written.differences())
    written.forge(lambda record: record.pop("checksum"))
    assert any("has no checksum of its own" in line for line in written.differences())


def _strike(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda record: record.pop(key)


def _turn(key: str, value: Any) -> Callable[[dict[str, Any]], object]:
    def other(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: other(entry) for name, entry in value.items()} or {"new": "1"}
        if isinstance(value, list):
            return value[1:] or ["new"]
        if isinstance(value, bool):
            return not value
        if isinstance(value, str):
            return f"{value}x"
        return 1 if value is None else value + 1

    return lambda record: record.update({key: other(value)})


def _update(key: str, changes: dict[str, str], record: dict[str, Any]) -> None:
    record[key].update(changes)


def _finds(written: Written) -> bool:
    """Whether something is found, be it that the record cannot be used any more."""
    try:
        return bool(written.differences())
    except ProblemsFound as error:
        return {problem.code for problem in error.problems} == {"manifest"}


@pytest.mark.parametrize("name", ["account-2.csv", "ranks.png", "副本.xlsx", "manifest-old.json"])
def test_an_added_result_is_found(written: Written, name: str) -> None:
    if name in written.said().get("other_results", {}):
        name = "growth.png"
    (written.record.parent / name).write_bytes(b"more")
    (difference,) = written.differences()
    assert f"{name}: no record in this folder lists the file" in difference


# --- what was not noticed before -------------------------------------------------------------------------------------


def test_draws_struck_from_the_options_are_found(
    tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    written = written_by("run")

    def strike(record: dict[str, Any]) -> None:
        del record["options"]["draws"], record["options"]["seed"], record["uncertainty"]

    written.forge(strike)
    differences = "\n".join(written.differences())
    for name in ("uncertainty.csv", "pairwise.csv", "ranks.png"):
        assert f"{name}: manifest.json lists the file, and it is not written" in differences


def test_another_project_in_the_record_is_found(
    tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    written = written_by("run")
    shutil.copytree(written.home, tmp_path / "q")
    written.forge(lambda record: record["project"].update(folder="../../q"), sealed=False)
    assert any("does not agree with its own checksum" in line for line in written.differences())
    written.forge(lambda record: record["project"].update(folder="../../q"))
    verification = verify_result(written.out, allow_code=True)
    assert any("names another one" in note.say("en") for note in verification.notes)
    written.forge(lambda record: record["project"].update(folder="..", id="county"))
    assert any('project.id is said to be "county"' in line for line in written.differences())


@pytest.mark.parametrize("name", ["map.png", "ranks.png"])
def test_pictures_that_are_damaged_or_gone_are_found(
    name: str, tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    written = written_by("run")
    path = written.out / name
    before = path.read_bytes()
    path.write_bytes(before[:-100])
    assert any(f"{name}: the result file was changed" in line for line in written.differences())
    path.unlink()
    assert any(f"{name}: the result file is gone" in line for line in written.differences())
    written.forge(lambda record: record["other_results"].pop(name))
    assert any(f"{name}: the file belongs to this result" in line for line in written.differences())


def test_a_picture_and_its_checksum_changed_alike_is_noted(
    tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    """It may as well have been drawn with other fonts, so that this is no difference."""
    written = written_by("run")
    path = written.out / "map.png"
    path.write_bytes(path.read_bytes() + b"\0")
    written.forge(lambda record: record["other_results"].update({"map.png": sha256(path)}))
    verification = verify_result(written.out, allow_code=True)
    assert verification.differences == ()
    assert any(note.say("en").startswith("map.png agrees with its") for note in verification.notes)


def test_warnings_that_were_struck_or_added_are_found(
    tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    written = written_by("run")
    warnings = written.said()["warnings"]
    assert warnings
    written.forge(lambda record: record.update(warnings=["all is well"]))
    differences = written.differences()
    assert len(differences) == len(warnings) + 1
    assert any("a warning is missing in the record: [" in line for line in differences)
    assert any("not given now: all is well" in line for line in differences)


def test_the_sources_beside_a_crosswalk_are_an_input(tmp_path: Path) -> None:
    home = project(tmp_path / "p")
    text = (home / "base" / "sources.toml").read_text(encoding="utf-8")
    (home / "sources.toml").write_text(text, encoding="utf-8")
    gep.run_project(home, allow_code=True)
    written = Written(home / "out", home / "out" / "manifest.json", home)
    assert "sources.toml" in written.said()["inputs"]
    (home / "sources.toml").write_text(text + "# another edition\n", encoding="utf-8")
    (difference,) = written.differences()
    assert difference.startswith("[differs] sources.toml: the file was edited")
    (home / "sources.toml").unlink()
    assert any(
        "sources.toml" in line and "no longer exists" in line for line in written.differences()
    )


def test_a_workbook_and_its_checksum_changed_alike_are_found(
    tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    written = written_by("assess")
    path = written.record.parent / "tables.xlsx"
    book = openpyxl.load_workbook(path)
    book.worksheets[1]["A2"] = "another county"
    book.save(path)
    written.forge(lambda record: record["other_results"].update({"tables.xlsx": sha256(path)}))
    (difference,) = written.differences()
    assert "assessment/demo/tables.xlsx: 1 cell differs" in difference
    assert "cell A2: another county" in difference


def test_a_record_of_an_assessment_that_is_gone_is_told(
    tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    written = written_by("assess")
    gep.run_project(written.home, allow_code=True)
    assert written.differences() == []
    written.record.unlink()
    (difference,) = written.differences()
    assert "assessment/demo: there are results, and the record assessment.json" in difference


def test_a_clause_is_no_number(tmp_path: Path) -> None:
    """5.1 and 5.10 are two clauses."""
    home = project(tmp_path / "p")
    _edit(home / "standard.toml", 'clause = "5"', 'clause = "5.1"')
    gep.run_project(home, allow_code=True)
    _edit(home / "standard.toml", 'clause = "5.1"', 'clause = "5.10"')
    assert any(
        "clause was 5.1, is now 5.10" in str(one)
        for one in gep.verify(home / "out", allow_code=True)
    )


def test_all_results_in_a_folder_are_verified(
    tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    written = written_by("compare")
    gep.run_project(written.home, allow_code=True)
    assert written.differences() == []
    for name in ("comparison.csv", "account.csv"):
        path = written.out / name
        before = path.read_bytes()
        path.write_bytes(before.replace(b"2020", b"2021", 1))
        assert any(line.startswith(f"[differs] {name}: ") for line in written.differences())
        path.write_bytes(before)
    written.record.unlink()
    differences = written.differences()
    for name in ("comparison.csv", "decomposition.csv", "transitions.csv"):
        assert any(f"{name}: no record in this folder lists" in line for line in differences)


def test_the_command_says_what_it_cannot_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], written_by: Callable[[str], Written]
) -> None:
    written = written_by("run")
    capsys.readouterr()
    assert main(["verify", str(written.home), "--allow-code", "--language", "en"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "the same: the result was recomputed and agrees in full\n"
    assert "It cannot show whether the inputs are true" in printed.err
    assert f"manifest.json {written.said()['checksum']}" in printed.err
    assert "Modules that it imports are in the record; files that it opens by itself" in printed.err


# --- records of a wrong shape ----------------------------------------------------------------------------------------

SHAPES: dict[str, Callable[[dict[str, Any]], object]] = {
    "no-project": lambda record: record.pop("project"),
    "project-a-word": lambda record: record.update(project="p"),
    "folder-a-number": lambda record: record["project"].update(folder=3),
    "options-a-list": lambda record: record.update(options=[]),
    "draws-a-word": lambda record: record["options"].update(draws="many"),
    "draws-true": lambda record: record["options"].update(draws=True),
    "seed-negative": lambda record: record["options"].update(seed=-1),
    "language-unknown": lambda record: record["options"].update(language="fr"),
    "inputs-a-list": lambda record: record.update(inputs=["areas.csv"]),
    "checksum-null": lambda record: record["inputs"].update({"areas.csv": None}),
    "results-null": lambda record: record.update(results=None),
    "result-outside": lambda record: record["results"].update({"../areas.csv": "0"}),
    "result-of-no-name": lambda record: record["results"].update({"a\0b": "0"}),
    "warnings-numbers": lambda record: record.update(warnings=[1]),
    "version-a-number": lambda record: record.update(gep=1),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_record_of_a_wrong_shape_is_told(done: Path, shape: str) -> None:
    Written(done / "out", done / "out" / "manifest.json", done).forge(SHAPES[shape])
    with pytest.raises(ProblemsFound) as found:
        gep.verify(done / "out", allow_code=True)
    assert {problem.code for problem in found.value.problems} == {"manifest"}
    assert "manifest.json " in str(found.value)


# What no record can be; the reader of records is the same for every command.
DAMAGED = [
        b"", b"\xff\xfe{}", b"\x00", b"null", b"[" * 100_000, b'{"a":' * 100_000, b'{"gep": ' + b"9" * 5000 + b"}",
        b'{"gep": "1", "gep": "2"}', "{\"gep\": \"\u20ac\"}".encode("utf-16"), b'{"gep": NaN}',
]  # fmt: skip
DAMAGES = {command: DAMAGED if command == "run" else DAMAGED[:1] for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_damaged_record_named_is_not_replaced(
    command: str, tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    """It may have been of the user's own; once it is moved away, the command writes again."""
    written = written_by(command)
    again = {
        "run": lambda: gep.run_project(written.home, allow_code=True),
        "compare": lambda: gep.compare_projects(written.home, allow_code=True),
        "assess": lambda: gep.assess_project(written.home, allow_code=True),
        "collect": lambda: gep.collect_projects(
            written.home, options=CollectionOptions(allow_code=True)
        ),
    }
    for content in DAMAGES[command]:
        written.record.write_bytes(content)
        with pytest.raises(ProblemsFound, match=r"\[manifest\]"):
            gep.verify(written.record.parent, allow_code=True)
        with pytest.raises(ProblemsFound, match=r"\[cannot-write\]"):
            again[command]()
        assert written.record.read_bytes() == content
    written.out.rename(tmp_path / "moved")
    again[command]()
    assert written.differences() == []


@pytest.mark.parametrize(
    "tables", [None, [], "demo", {"../../../areas.csv": "0"}, {"a\0": 1}, {"x" * 5000: ""}]
)
def test_tables_of_a_wrong_shape_in_the_record_of_an_assessment(
    tables: object, tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    written = written_by("assess")
    areas = (written.home / "areas.csv").read_bytes()
    written.forge(lambda record: record.update(tables=tables, log_head=["x"]), sealed=False)
    with pytest.raises(ProblemsFound, match=r"\[cannot-write\]"):
        gep.assess_project(written.home, allow_code=True)
    assert (written.home / "areas.csv").read_bytes() == areas


def test_a_county_with_a_damaged_record_is_told(
    tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    written = written_by("collect")
    for content in (
        "[" * 100_000,
        '{"inputs": 1}',
        '{"inputs": {}, "results": {"%s": 3}}' % ("x" * 400),
    ):
        (written.home / "a" / "out" / "manifest.json").write_text(content, encoding="utf-8")
        result = gep.collect_projects(written.home, options=CollectionOptions(allow_code=True))
        assert "run-record" in {problem.code for problem in result.warnings}


def test_a_county_whose_record_lists_no_results_is_told(
    tmp_path: Path, written_by: Callable[[str], Written]
) -> None:
    written = written_by("collect")
    path = written.home / "a" / "out" / "manifest.json"
    Written(path.parent, path, written.home).forge(lambda record: record["results"].clear())
    result = gep.collect_projects(written.home, options=CollectionOptions(allow_code=True))
    files = result.tables["files.csv"]
    listed = files[(files["county"] == "a") & (files["kind"] == "result")]
    assert set(listed["status"]) == {"new"}
    assert "run-record" in {problem.code for problem in result.warnings}
