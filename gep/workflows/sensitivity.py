"""The outcome of a sensitivity analysis (敏感性分析结果): computed for a project's region, and written where asked."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from gep.account.account import Account, account_from_plan
from gep.account.caption import measure
from gep.account.lines import indicator_named, region_named
from gep.errors import Problem, ProblemsFound, make_problem
from gep.io.result_folder import append_csv, cannot_write, replace_folder
from gep.plan.plan import warnings_of
from gep.project.project import Project, check_project
from gep.report.figures.page import spoken
from gep.texts.catalogue import Language
from gep.uncertainty.input_sensitivity import input_sensitivity

FILES = ("sensitivity.csv", "tornado.png")
_DRAWN = 20  # inputs in the picture


@dataclass(frozen=True)
class SensitivityAnalysis:
    """A table of inputs by how much they move a value, and what the value is."""

    project: Project
    table: pd.DataFrame
    region: str
    indicator: str
    year: int
    start: int | None
    unit: str
    account: Account
    out: Path | None
    warnings: tuple[Problem, ...]

    def caption(self, language: Language) -> list[str]:
        """What must be said above: measure, prices, state, standard, shares."""
        return self.account.caption(language)

    def title(self, language: Language) -> str:
        """What was analysed, in words."""
        regions = self.account.plan.regions
        name = regions.name(self.region, language) if regions is not None else self.region
        span = f"{self.start}—{self.year}" if self.start else str(self.year)
        if self.indicator == "total":
            what = measure(self.account.plan)[language != "zh"]
        else:
            texts = self.account.plan.standard.spec.indicator
            what = next(one.name.say(language) for one in texts if one.id == self.indicator)
        change = (" 的变化", ": change")[language != "zh"] if self.start else ""
        return f"{name} {span} {what}{change}"


def analyse_sensitivity(
    path: str | Path,
    region: str,
    year: int,
    *,
    start: int | None = None,
    indicator: str = "total",
    points: int = 0,
    seed: int = 0,
    out: str | Path | None = None,
    partial: bool = False,
    allow_code: bool = False,
) -> SensitivityAnalysis:
    """The inputs behind a value of a project, by how much they move it; written to ``out`` if it is named."""
    project, planned = check_project(path, allow_code=allow_code, partial=partial)
    years = {plan.year: plan for plan in planned}
    for asked, option in ((year, "--year"), (start, "--from")):
        if asked is not None and asked not in years:
            fix = f"its years are: {', '.join(map(str, years))}"
            raise ProblemsFound(
                [
                    make_problem(
                        "missing-year", option, f"the project has no account of {asked}", fix
                    )
                ]
            )
    if start is not None and start >= year:
        what = f"from {start} to {year} does not go forward"
        raise ProblemsFound(
            [make_problem("bad-year", "--from", what, "name an earlier year with --from")]
        )
    plan = years[year]
    code = region_named(plan, region)
    name = indicator if indicator == "total" else indicator_named(plan, indicator)
    table = input_sensitivity(
        planned, code, year, start=start, indicator=name, points=points, seed=seed
    )
    warnings = tuple(dict.fromkeys([*project.warnings, *warnings_of(planned)]))
    unit, folder = plan.standard.spec.unit, Path(out) if out is not None else None
    found = SensitivityAnalysis(
        project, table, code, name, year, start, unit, account_from_plan(plan), folder, warnings
    )
    return _write(found, folder) if folder is not None else found


def _write(found: SensitivityAnalysis, out: Path) -> SensitivityAnalysis:
    inputs = {file.resolve() for file in found.project.parts.files}
    replaced = [name for name in FILES if (out / name).resolve() in inputs]
    if replaced:
        raise cannot_write(out, "io.input-lost", files=replaced)
    with replace_folder(out) as scratch:
        append_csv(
            scratch / "sensitivity.csv", found.table.astype(object).where(found.table.notna(), "")
        )
        try:
            _draw(found, scratch / "tornado.png")
        except ModuleNotFoundError as error:
            what = f"tornado.png is not drawn: {error.name} is not installed"
            lost = make_problem(
                "missing-extra", "tornado.png", what, 'pip install "gep-accounting[report]"'
            )
            found = replace(found, warnings=(*found.warnings, lost))
    return found


def _draw(found: SensitivityAnalysis, path: Path) -> None:
    from gep.report.figures.charts import tornado

    rows = found.table.head(_DRAWN)
    swings = [
        (str(row["input"]), float(row["result_low"]), float(row["result_high"]))
        for row in rows.to_dict("records")
    ]
    left = len(found.table) - len(rows)
    more = {
        "zh": f"另有 {left} 项变幅更小，未绘出。",
        "en": f"{left} more inputs swing less and are not drawn.",
    }
    lines = {one: found.caption(one) for one in ("zh", "en")}
    caption = {
        one: "\n".join([*([more[one]] if left else []), lines[one][0], *lines[one][2:]])
        for one in lines
    }
    tornado(
        float(rows["result"].iloc[0]),
        swings,
        title={one: found.title(one) for one in ("zh", "en")},
        unit={one: spoken(found.unit, one) for one in ("zh", "en")},
        caption=caption,
        language=found.project.language,
        path=path,
        status={one: lines[one][1] for one in lines},
    )
