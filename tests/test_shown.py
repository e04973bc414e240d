"""What a console and a notebook show: of every public result a short line, and HTML with a table."""

import inspect
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.paths import EXAMPLES
from support.schemes import Whole, event, one, reading, target
from support.small import Small, write_table

import gep

NO_RESULTS = {"CollectionOptions", "Problem", "ProblemsFound"}  # given to functions, or raised
INDICATORS = [one("x", 100)]
EVENT = {"id": "spill", "name": {"zh": "污染", "en": "Spill"}, "effect": "deduct", "points": 5}
WHOLE = Whole(
    [(INDICATORS, {"event": [EVENT]})],
    readings=[reading("a", "x", 60), reading("b", "x", 80)],
    targets=[target("a", "x", 80)],
    groups=[{"region": "a", "group": "hills"}, {"region": "b", "group": "plain"}],
    events=[event("a", "spill")],
    more='log = "log.csv"',
)
FILES = ("areas.csv", "data.csv", "regions.csv", "targets.csv", "groups.csv", "events.csv")


def _tables(folder: Path) -> list[Any]:
    """What the readers of tables return."""
    stock = {"region": "a", "year": 2020, "resource": "timber", "class": "natural", "stock": 5}
    stock |= {"unit": "m3", "source": "survey"}
    cause = {"region": "a", "from": 2019, "to": 2020, "resource": "timber", "class": "natural"}
    cause |= {"cause": "felling", "nature": "human", "direction": "reduction", "amount": 1}
    cause |= {"unit": "m3", "source": "survey"}
    price = {"region": "", "year": 2020, "resource": "timber", "class": "natural", "price": 100}
    price |= {"unit": "CNY m-3", "source": "survey"}
    pool = {"year": 2020, "pool": "main", "amount": "5", "unit": "CNY", "source": "budget"}
    term = {"region": "a", "office": "mayor", "term_start": "2019-01-01", "term_end": "2020-12-31"}
    change = {"from": "a", "to": "b", "date": "2019-05-01"}
    land = {"region": "a", "from": 2019, "to": 2020, "from_class": "field", "to_class": "wood"}
    frames = [stock, cause, price, pool, term | {"document": "1"}, change]
    readers = [gep.read_stocks, gep.read_causes, gep.read_stock_prices, gep.read_pools]
    readers += [gep.read_terms, gep.read_region_changes, gep.read_transitions, gep.read_register]
    frames.append(land | {"area": 5, "unit": "ha", "source": "survey"})
    entry = {"region": "a", "subject_kind": "enterprise", "subject": "E1", "item": "warning"}
    frames.append(entry | {"date": "2020-05-06", "document": "1"})
    shown: list[Any] = []
    for reader, row in zip(readers, frames, strict=True):
        shown.append(reader(pd.DataFrame([row])))
    by_file = [gep.read_areas, gep.read_data, gep.read_regions, gep.read_targets, gep.read_groups]
    for reader, name in zip([*by_file, gep.read_events], FILES, strict=True):
        shown.append(reader(folder / name))
    return shown


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An object of every kind that public functions return, by the name of its class."""
    home = tmp_path_factory.mktemp("counties")
    folder = WHOLE.write(home / "a")
    data = pd.read_csv(folder / "data.csv")
    uncertain = data.assign(low=data["value"] * 0.9, high=data["value"] * 1.1)
    uncertain.assign(distribution="uniform").to_csv(folder / "data.csv", index=False)
    may = {"allow_code": True}
    project = gep.read_project(folder, **may)
    accounts = project.compute()
    edited = project.compute(years=[2020], set={"land_share": 0.4})
    lacking = replace(Small(), data=()).arguments(tmp_path_factory.mktemp("lacking"))
    sets = tuple(str(folder / name) for name in project.spec.project.coefficients)
    options = gep.CollectionOptions(allow_code=True, coefficients=sets)
    shown = [
        project,
        accounts,
        accounts[-1],
        accounts[-1].plan,
        accounts[-1].plan.standard,
        accounts[-1].plan.sets[0],
        gep.read_crosswalk(
            EXAMPLES / "beibu-gulf" / "crosswalk.csv", gep.read_standard("xie-2015")
        ),
        accounts[-1].explain("crop", "a"),
        gep.compare(*accounts),
        gep.seea_tables(accounts[-1]),
        gep.compare(accounts[-1], edited),
        gep.run_project(folder, **may),
        gep.compare_projects(folder, **may),
        gep.compare_standards("xie-2008", "xie-2015"),
        gep.analyse_sensitivity(folder, "a", 2020, **may),
        gep.audit_coefficients(folder, **may),
        gep.plot(folder, "bars", region="a", **may),
        gep.propagate_uncertainty([accounts[-1].plan], draws=100, seed=1),
        gep.blank_form([gep.make_plan(**lacking, partial=True)]),
        gep.read_scheme(folder / "scheme-0" / "demo.toml"),
        gep.collect_projects(home, options=options),
    ]
    total = accounts[-1].total("a")
    unit = accounts[-1].plan.standard.spec.unit
    figure = {"role": "match", "item": "total", "region": "a", "year": 2020, "value": total}
    expected = write_table(folder / "figures.csv", [figure | {"unit": unit, "locator": "p. 1"}])
    shown.append(gep.check_figures(folder, expected, **may))
    assessed = gep.assess_project(folder, **may)
    shown += [assessed, assessed.assessments[0], *_tables(folder)]
    step = {"state": "computed", "who": "office", "document": "1", "scheme": "demo", "year": 2020}
    shown.append(gep.record_review(folder, **step))
    return {type(result).__name__: result for result in shown}


def test_every_public_result_is_shown(results: dict[str, Any]) -> None:
    classes = {name for name in gep.__all__ if inspect.isclass(getattr(gep, name))}
    assert classes - NO_RESULTS <= set(results)
    returned = set()
    for name in gep.__all__:
        function = getattr(gep, name)
        if inspect.isfunction(function):
            kind = inspect.signature(function).return_annotation
            if getattr(kind, "__module__", "").startswith("gep."):
                returned.add(kind)
    for kind in returned:
        assert any(isinstance(result, kind) for result in results.values()), kind
    assert len(results) >= 34


def test_lines_are_short_and_notebooks_show_a_table(results: dict[str, Any]) -> None:
    for name, result in results.items():
        line = repr(result)
        assert line.startswith(f"<{name}"), line
        assert len(line) < 500, name
        assert "\n" not in line
        html = result._repr_html_()
        assert "<table" in html, name
        assert len(html) < 200_000, name
        assert "<tbody>\n  </tbody>" not in html, f"the table of {name} is empty"
