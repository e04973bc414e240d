"""The documentation says what the software does: pages generated, examples run, links, commands and codes checked."""

import csv
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest
import typer.main
from manual import tutorial
from openpyxl import load_workbook
from support.paths import ROOT
from support.terminal import Terminal

import gep
from gep.cli.app import app, main
from gep.errors import severities
from gep.report import reference
from gep.texts.catalogue import LANGUAGES, Language

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FILE_IN_PAGE = re.compile(r"^\*\*([^*\n]+)\*\*\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^\s*```.*?^\s*```\s*$", re.MULTILINE | re.DOTALL)

# Totals in 10^4 CNY worked out by hand from the numbers that the page prints.
HOW_TO = {
    ("own-standard", "my-county"): {"990301": 19901.4, "990302": 10403.1, "990300": 30304.5},
    ("own-indicator", "road"): {"990401": 12000 + 60 * 0.25 * 80},
    ("own-method", "pond"): {"990501": 500 * 0.6 * (40 * 3000 + 5 * 9000) / 1000 / 1e4},
    ("own-coefficients", "hills"): {},
    ("how-sure", "valley"): {
        "990701": 22.95 * 3000 * 10000 / 1e4,
        "990700": 22.95 * 3000 * 28300 / 1e4,
    },
}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _write_files_of(page: Path, target: Path) -> None:
    for name, body in FILE_IN_PAGE.findall(_text(page)):
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body, encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", reference.PAGES)
def test_reference_is_current(name: str, language: Language) -> None:
    again = "run: python -m gep.report.reference docs"
    written = _text(DOCS / language / "reference" / f"{name}.md")
    assert written == reference.page(name, language), again


@pytest.mark.parametrize("language", LANGUAGES)
def test_reference_has_no_other_page(language: Language) -> None:
    pages = {path.stem for path in (DOCS / language / "reference").iterdir()}
    assert pages == set(reference.PAGES)


def test_pages_of_reference_are_in_one_language() -> None:
    for name in ("sets", "schemes", "problems", "standards"):
        assert not re.search("[\u4e00-\u9fff]", reference.page(name, "en")), name
    heads = re.findall(r"^\| (.*) \|\n\| ---", reference.page("standards", "zh"), re.MULTILINE)
    assert len(heads) == 6
    assert not re.search("[a-z]", "".join(heads))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_account_in_python_runs(
    language: Language, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = _text(DOCS / language / "examples.md")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    assert len([line for line in blocks[0].splitlines() if line]) <= 10
    monkeypatch.chdir(ROOT)
    names: dict[str, gep.Account] = {}
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    exec(compile(blocks[0], "examples.md", "exec"), names)
    with (ROOT / "examples/jiangxi-counties/expected.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        province = [row for row in csv.DictReader(file) if row["region"] == "360000"]
    by_hand = next(row for row in province if row["item"] == "total")
    assert names["account"].total("360000") == pytest.approx(
        float(by_hand["value"]), abs=float(by_hand["tolerance"])
    )
    assert "不是生态产品总值" in capsys.readouterr().out


def test_readme_commands_are_one_line_each() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert [block.count("\n") for block in blocks] == [1, 1]
    assert blocks[0].rstrip().endswith(".venv/bin/gep run examples/jiangxi-counties")
    assert "-m pytest" in blocks[1]


def test_the_recomputed_case_of_the_manual_holds(tmp_path: Path) -> None:
    _write_files_of(DOCS / "zh" / "how-to" / "published-figures.md", tmp_path)
    check = gep.check_figures(tmp_path / "lake-paper")
    assert check.misses == ()
    assert (len(check.figures), len(check.mismatches)) == (4, 1)
    assert gep.run_project(tmp_path / "lake-paper", tmp_path / "out").warnings == ()


@pytest.mark.parametrize(("page", "project"), HOW_TO, ids=lambda part: part)
def test_how_to_projects_run_and_explain(page: str, project: str, tmp_path: Path) -> None:
    _write_files_of(DOCS / "zh" / "how-to" / f"{page}.md", tmp_path)
    outcome = gep.run_project(tmp_path / project, allow_code=True)
    assert not outcome.warnings
    for region, total in HOW_TO[page, project].items():
        assert outcome.accounts[0].total(region) == pytest.approx(total, rel=1e-9)
    for indicator in outcome.accounts[0].plan.standard.spec.indicator:
        region = str(outcome.accounts[0].plan.extent.regions[0])
        assert outcome.accounts[0].explain(indicator.id, region).value
    assert gep.verify(outcome.out, allow_code=True) == []


def test_model_inputs_of_the_manual_are_computed(tmp_path: Path) -> None:
    """S = 25400/60 - 254 = 169.33 mm: of 100 mm 66.133^2 / 235.467 = 18.574 run off 4,000 ha; ln 2 of two species."""
    _write_files_of(DOCS / "zh" / "how-to" / "which-standard.md", tmp_path)
    outcome = gep.run_project(tmp_path / "plots")
    assert not outcome.warnings
    results = outcome.accounts[0].results
    held = float(results["flood_storage.vegetation"].sum())
    assert held == pytest.approx((100 - 66.1333333**2 / 235.4666667) * 4e4, rel=1e-7)
    assert round(held / 1e4, 1) == 325.7
    assert float(results["species_diversity.index"].sum()) == pytest.approx(0.693147180560)


def test_local_numbers_answer_first(tmp_path: Path) -> None:
    _write_files_of(DOCS / "zh" / "how-to/own-coefficients.md", tmp_path)
    account = gep.run_project(tmp_path / "hills").accounts[0]
    food = account.explain("food_production", "990601")
    assert food.value == pytest.approx((10000 * 1.5 + 80000 * 0.29) * 3000 / 1e4, rel=1e-9)
    sets = set(account.plan.table()["set@version"])
    assert {"hills-local@1.0.0", "xie-2015@1.0.0"} <= sets


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of two who did what sections 1 to 3 of the tutorials say; copies serve the tests."""
    folder = tmp_path_factory.mktemp("tutorial")
    for language in LANGUAGES:
        (folder / language).mkdir()
        tutorial.follow(folder / language, language)
    return folder


def test_tutorials_say_how_many_numbers_they_have_typed() -> None:
    count = len(tutorial.numbers_to_type("zh"))
    assert count > 20
    assert len(tutorial.numbers_to_type("en")) == count
    assert f"填下面 {count} 个数" in tutorial.text_of("zh")
    assert f"the {count} numbers below" in tutorial.text_of("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_tutorial_prints_what_its_commands_say(
    language: Language, followed: Path, tmp_path: Path
) -> None:
    shutil.copytree(followed / language, tmp_path, dirs_exist_ok=True)
    said = tutorial.said_in(tmp_path, language)
    assert tutorial.differences(language, said) == []
    assert tutorial.differences(language, [*said[:-1], ""]) != []  # a silent command is noticed


def test_tutorial_leads_from_nothing_to_the_numbers_that_it_prints(
    followed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(followed / "zh", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    project = tmp_path / "demo"
    text = _text(DOCS / "zh" / "tutorial.md")
    account = gep.run_project(project).accounts[0]
    for name in ("provisioning", "regulating", "cultural", "total"):
        assert f"{account.total('990201', name):,.0f}" in text
    caption = re.search(r"^```text\n示例县2020年生态产品总值核算\n(.*?)^```$", text, re.M | re.S)
    assert caption
    assert account.caption("zh") == caption[1].splitlines()
    explained = str(account.explain("water_retention", "990201", "zh"))
    assert "nan" not in explained
    book = load_workbook(project / "out" / "核算表.xlsx")
    listed = re.findall(r"^\| ([^|]+) \|", text.split("## 6 ")[1].split("## 7 ")[0], re.M)[1:]
    assert "、".join(listed).split("、") == book.sheetnames
    assert gep.verify(project / "out") == []
    (lines,) = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    names: dict[str, gep.Account] = {}
    exec(compile(lines, "tutorial.md", "exec"), names)
    assert names["account"].total("990201") == account.total("990201")
    assert (tmp_path / "all-rows.csv").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_questions_of_the_tutorial_make_the_project_of_its_options(
    language: Language, followed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (asking,) = tutorial.asking(language)
    answered, *choices = tutorial.opening(language)
    words = shlex.split(answered)
    options = ("--place", "--years", "--standard", "--route", "--with")
    answers = [words[words.index(option) + 1] for option in options]
    monkeypatch.setenv("LC_ALL", {"zh": "zh_CN.UTF-8", "en": "C.UTF-8"}[language])
    monkeypatch.setattr("sys.stdin", Terminal("".join(f"{line}\n" for line in answers)))
    monkeypatch.chdir(tmp_path)
    for command in (asking, *choices):
        assert main(shlex.split(command)[1:]) == 0, command
    files = {file.name for file in (followed / language / "demo").iterdir()}
    assert {file.name for file in (tmp_path / "demo").iterdir()} == files
    assert _text(tmp_path / "demo/project.toml") == _text(followed / language / "demo/project.toml")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tutorial_records_who_approved(
    language: Language, followed: Path, tmp_path: Path
) -> None:
    shutil.copytree(followed / language, tmp_path, dirs_exist_ok=True)
    commands = tutorial.signing(language)
    assert len(commands) == 2
    for command in commands:
        assert tutorial.run(command, tmp_path)[0] == 0, command
        name, value = shlex.split(command)[-2:]
        assert f'\n{name} = "{value}"' in _text(tmp_path / "demo/project.toml")


def test_a_rate_that_serves_another_type_is_asked_for_beside_the_slips_of_the_tutorial(
    followed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(followed / "zh", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    tutorial.slip(tmp_path, "zh")
    form = tmp_path / "demo" / tutorial.FORMS["zh"].file
    book = load_workbook(form)
    book["气象"]["F3"].value = None  # a rate of 湿地生态系统 that serves the reservoirs
    book.save(form)
    assert main(["check", "demo"]) == 2
    assert "数据表.xlsx#气象 F3（数值）" in capsys.readouterr().err


def _anchor(title: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_resolve(page: Path) -> None:
    text = FENCE.sub("", _text(page))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name) if name else page
        assert file.exists(), f"{_name(page)} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", _text(file), re.MULTILINE)
            assert anchor in {_anchor(one) for one in headings}, f"{_name(page)} links to {target}"


def _commands() -> set[str]:
    group = typer.main.get_command(app)
    found = set()
    for name, command in getattr(group, "commands", {}).items():
        below = getattr(command, "commands", {})
        found |= {f"{name} {one}" for one in below} or {name}
    return found


def _mentioned(page: Path) -> set[str]:
    text = _text(page)
    commands = r"(?:^\s*|[`/\\])gep ((?:new|import|coefficients|standard) \w+|[a-z]+)\b"
    return set(re.findall(commands, text, re.MULTILINE))


def test_commands_exist_and_are_documented() -> None:
    said = {page: _mentioned(page) for page in PAGES}
    for page, commands in said.items():
        assert commands <= _commands(), f"{_name(page)} says gep {commands - _commands()}"
    assert set().union(*said.values()) == _commands()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_options_exist(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = _text(page)
    for line in re.findall(r"^\s*gep .*$", text, re.MULTILINE):
        words = line.split("#")[0].split()[1:]
        command = (
            words[:2] if words[0] in ("new", "import", "coefficients", "standard") else words[:1]
        )
        assert main([*command, "--help"]) == 0
        helped = capsys.readouterr().out
        for option in (word for word in words if word.startswith("--")):
            assert option in helped, f"{_name(page)}: {line.strip()}"


def _options() -> dict[str, set[str]]:
    """The options of each command, without those that take back a flag."""
    group = typer.main.get_command(app)
    options = {}
    for name in _commands():
        command = group
        for word in name.split():
            command = getattr(command, "commands", {})[word]
        listed = [option for parameter in command.params for option in parameter.opts]
        options[name] = {option for option in listed if option.startswith("--")} - {"--help"}
    return options


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_is_on_a_page_that_has_its_command(language: Language) -> None:
    pages = [
        page for page in sorted((DOCS / language).rglob("*.md")) if "reference" not in page.parts
    ]
    texts = [_text(page) for page in pages]
    untold = []
    for command, options in _options().items():
        of_command = [text for text in texts if re.search(rf"\bgep {command}\b", text)]
        for option in sorted(options):
            if not any(re.search(rf"{option}(?![\w-])", text) for text in of_command):
                untold.append(f"gep {command} {option}")
    assert untold == []


# Options of other programs that pages have: pip, dask and git.
OTHER_OPTIONS = {
    "--dest", "--find-links", "--no-deps", "--no-index", "--only-binary", "--platform",
    "--python-version", "--upgrade", "--version", "--wheel-dir",
    "--memory-limit", "--nthreads", "--port", "--reverse",
}  # fmt: skip
GUIDES = [page for page in PAGES if page.parent.parts[-1] in (*LANGUAGES, "how-to")]


def _named_options(page: Path) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", _text(page)))


@pytest.mark.parametrize("page", GUIDES, ids=_name)
def test_options_in_words_exist_too(page: Path) -> None:
    known = set().union(*_options().values()) | OTHER_OPTIONS | {"--help", "--language"}
    assert _named_options(page) <= known


def test_the_options_of_rasters_are_told_where_rasters_are() -> None:
    options = {"--maps", "--quantity-maps", "--memory", "--threads", "--scheduler"}
    assert options <= _options()["run"]
    for language in LANGUAGES:
        for name in ("commands.md", "how-to/rasters.md"):
            assert options <= _named_options(DOCS / language / name), (language, name)


def test_problem_codes_are_documented_and_exist() -> None:
    from gep.io.catalog import shipped

    documented = set(
        re.findall(r"^\| ([a-z-]+) \|", _text(DOCS / "zh" / "reference/problems.md"), re.MULTILINE)
    )
    assert set(severities()) <= documented
    guides = [page for page in PAGES if "reference" not in page.parts]
    for page in guides:
        for code in re.findall(r"^\[([a-z-]+)\] .* / fix: ", _text(page), re.MULTILINE):
            assert code in severities(), f"{_name(page)} names problem {code}"
    pages = ("excel", "own-standard", "compare-years", "how-sure", "own-scheme", "collect")
    table = "".join(_text(DOCS / "zh" / "how-to" / f"{name}.md") for name in pages)
    for row in re.findall(r"^\| .*\|$", table, re.MULTILINE):
        for code in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", row):
            assert code in severities() or code in shipped("schemes"), code


def test_switches_and_ids_in_the_docs_exist() -> None:
    from gep.io.catalog import shipped

    kinds = ("standards", "coefficients", "classes", "schemes")
    known = {name for kind in kinds for name in shipped(kind)}
    with (ROOT / "tests" / "cases" / "published.csv").open(encoding="utf-8", newline="") as cases:
        known |= {row["case"] for row in csv.DictReader(cases)}
    for page in PAGES:
        for name in re.findall(
            r"`((?:xie|costanza|rcees|unit-value|hj\d+|igbp|third-survey)-[\w-]+)`", _text(page)
        ):
            assert name in known, f"{_name(page)} names {name}"


PAIRS = sorted({page.relative_to(DOCS / "zh") for page in (DOCS / "zh").rglob("*.md")})
HAND_WRITTEN = [page for page in PAIRS if page.parts[0] != "reference"]
# Its project speaks the language of the page; both are followed.
OWN_COMMANDS = Path("tutorial.md")
CODE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def test_both_languages_have_the_same_pages() -> None:
    assert {page.relative_to(DOCS / "en") for page in (DOCS / "en").rglob("*.md")} == set(PAIRS)


@pytest.mark.parametrize(
    "page",
    [page for page in HAND_WRITTEN if page != OWN_COMMANDS],
    ids=lambda page: page.as_posix(),
)
def test_both_languages_have_the_same_commands_and_files(page: Path) -> None:
    """What the tests run of the Chinese page is what the English page says; only outputs differ."""
    blocks = {}
    for language in LANGUAGES:
        text = _text(DOCS / language / page)
        blocks[language] = [match for match in CODE.findall(text) if match[1] != "text"]
        files = [name for name, _ in FILE_IN_PAGE.findall(text)]
        blocks[language] += [("", "name", name) for name in files]
    assert blocks["en"] == blocks["zh"]


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.as_posix())
def test_a_page_speaks_one_language(page: Path) -> None:
    """Names, titles and data of the other language may stand in it, sentences may not."""
    english = re.sub(r"`[^`]*`", "", CODE.sub("", _text(DOCS / "en" / page)))
    assert not re.search("[\u4e00-\u9fff][，。；][\u4e00-\u9fff]", english)
    chinese = re.sub(r"`[^`]*`|\([^)]*\)|\[[^\]]*\]", "", CODE.sub("", _text(DOCS / "zh" / page)))
    sentence = re.search(r"\b[A-Z][a-z]+(?:[ ,;:]+[a-z]+){7,}", chinese)
    assert sentence is None, sentence and sentence[0]


def test_citation_names_the_version() -> None:
    text = _text(ROOT / "CITATION.cff")
    project = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]
    assert text.startswith("cff-version: 1.2.0\n")
    assert f"\nversion: {gep.__version__}\n" in text
    assert gep.__version__ == project["version"]
    for key in ("message:", "title:", "authors:"):
        assert f"\n{key}" in text


def test_docs_name_no_place_of_a_machine() -> None:
    for page in PAGES:
        assert not re.search(r"(^|[\s(`])/(work|tmp|home|root)\b", _text(page)), _name(page)


def test_compare_years_shows_the_transitions_that_are_computed(tmp_path: Path) -> None:
    land = gep.compare_projects(ROOT / "examples/hongsibu", tmp_path).tables["transitions.csv"]
    place = {tuple(row[:5]): row for row in land.astype(object).itertuples(index=False, name=None)}
    shown = re.findall(
        r"^(hongsibu),(2000),(2018),(\w+),(\w+),(\S+),km2,(\S+),10\^4 CNY$",
        _text(DOCS / "zh" / "how-to/compare-years.md"),
        re.MULTILINE,
    )
    assert len(shown) == 8
    for region, first, last, one, other, area, value in shown:
        row = place[region, int(first), int(last), one, other]
        assert float(area) == pytest.approx(row[5], abs=1e-6)
        assert float(value) == pytest.approx(row[7], abs=6e-4)


def test_how_sure_shows_the_intervals_that_are_drawn(tmp_path: Path) -> None:
    from gep.uncertainty.monte_carlo import propagate_uncertainty

    page = DOCS / "zh" / "how-to/how-sure.md"
    _write_files_of(page, tmp_path)
    found = propagate_uncertainty(
        gep.check_project(tmp_path / "valley")[1], draws=10_000, seed=1
    ).written_table()
    found = found[(found["category"] == "total").to_numpy()]
    text = _text(page).replace("−", "-")
    for code, name in (("990701", "东镇"), ("990702", "西镇"), ("990703", "南镇")):
        mine = found[(found["region"] == code).to_numpy()]
        level = mine[(mine["from"].eq("") & mine["year"].eq(2020)).to_numpy()].iloc[0]
        rank = f"{level['rank_p025']}–{level['rank_p975']}"
        assert (
            f"| 2020 | {name} | {level['mean']:,.0f} | {level['p025']:,.0f} | {level['p975']:,.0f} | {rank} |"
            in text
        )
        change = mine[mine["from"].ne("").to_numpy()].iloc[0]
        numbers = " | ".join(f"{change[one]:,.0f}" for one in ("mean", "p025", "p975"))
        assert f"| {name} | {numbers} | {change['p_positive']:.2f} |" in text


def test_the_page_of_checks_lists_every_code_where_it_belongs() -> None:
    refused, warned = _text(DOCS / "zh" / "checks.md").split("## 2 ")[:2]
    warned = warned.split("## 3 ")[0]
    listed = {
        "error": set(re.findall(r"`([a-z0-9-]+)`", refused)),
        "warning": set(re.findall(r"`([a-z0-9-]+)`", warned)),
    }
    for code, severity in severities().items():
        others = set().union(*(codes for name, codes in listed.items() if name != severity))
        assert code in listed[severity], code
        assert code not in others, code
