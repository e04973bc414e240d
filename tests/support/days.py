"""A county with rain by day and what may be wrong with its days."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

REGION = "361130"
HEAD = ("region", "year", "name", "day", "value", "unit", "source")
Row = tuple[object, ...]
PROJECT = """[project]
id = "rain"
title = {{ zh = "雨", en = "Rain" }}
standard = "hj1173-2021"
{sets}years = [{year}]
language = "en"

[switches]
rainfall_erosivity = "daily"
sand_fixation = "none"

[inputs]
areas = "areas.csv"
data = ["{data}", "others.csv"]
"""
SWITCHES = {"rainfall_erosivity": "daily", "sand_fixation": "none"}
# what else the standard asks for, made up, for all counties of the province
OTHERS = {
    "rainfall": (1800, "mm"),
    "surface_runoff": (600, "mm"),
    "evapotranspiration": (800, "mm"),
    "soil_erodibility": (0.02, "t h MJ-1 mm-1"),
    "slope_length_factor": (2, "1"),
    "slope_steepness_factor": (3, "1"),
    "vegetation_cover": (80, "%"),
}
PROVINCE, BY_TYPE = "360000", set(OTHERS) - {"rainfall"}


def days(year: int) -> list[date]:
    first = date(year, 1, 1)
    length = (date(year + 1, 1, 1) - first).days
    return [first + timedelta(days=number) for number in range(length)]


def rain_rows(year: int = 2020, region: str = REGION) -> list[Row]:
    """20 mm on each day of a year, in the columns of ``HEAD``; row 2 of a file is 1 January."""
    return [(region, year, "daily_rain", day, 20, "mm", "made up") for day in days(year)]


def table(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEAD, *rows])
    return text.getvalue()


def others(year: int) -> str:
    """A table of what the standard asks for beside rain by day."""
    lines = ["region,year,name,ecosystem,value,unit,source"]
    for name, (value, unit) in OTHERS.items():
        kind = "cropland" if name in BY_TYPE else ""
        lines.append(f"{PROVINCE},{year},{name},{kind},{value},{unit},made up")
    return "\n".join(lines) + "\n"


def rain_project(folder: Path, rows: Sequence[Row], *, year: int = 2020, sets: str = "") -> Path:
    """Write a project of one county, whose erosivity is made of rain by day."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = f"coefficients = [{sets}]\n" if sets else ""
    toml = PROJECT.format(year=year, data="data.csv", sets=listed)
    (folder / "project.toml").write_text(toml, encoding="utf-8")
    areas = f"region,year,class,area,unit\n{REGION},{year},dry_field,100,ha\n"
    (folder / "areas.csv").write_text(areas, encoding="utf-8")
    (folder / "data.csv").write_text(table(rows), encoding="utf-8")
    (folder / "others.csv").write_text(others(year), encoding="utf-8")
    return folder


def season_set(folder: Path, *rows: tuple[str, float]) -> str:
    """Write a coefficient set with the warm season by stretches of days; return how to name it."""
    home = folder / "seasons"
    home.mkdir(parents=True, exist_ok=True)
    (home / "set.toml").write_text(
        'id = "seasons"\nversion = "1.0.0"\ntitle = { zh = "季节", en = "Seasons" }\nlicence = "none"\n',
        encoding="utf-8",
    )
    (home / "sources.toml").write_text('[own]\ntitle = "made up"\n', encoding="utf-8")
    lines = ["coefficient,day,value,unit,source,locator,grade"]
    lines += [f"warm_season,{day},{value},1,own,-,expert" for day, value in rows]
    (home / "numbers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return '"./seasons"'


def _with_day(folder: Path, number: int, word: str, year: int = 2020) -> Path:
    """Write another word for the day of a row of the file."""
    rows = [list(row) for row in rain_rows(year)]
    rows[number - 2][HEAD.index("day")] = word
    return rain_project(folder, [tuple(row) for row in rows], year=year)


def _with_row(folder: Path, word: str, year: int = 2020) -> Path:
    """Write one row more, for a day of its own."""
    extra: Row = (REGION, year, "daily_rain", word, 20, "mm", "made up")
    return rain_project(folder, [*rain_rows(year), extra], year=year)


def _with_seasons(folder: Path, *rows: tuple[str, float]) -> Path:
    return rain_project(folder, rain_rows(), sets=season_set(folder, *rows))


def _without(folder: Path, *numbers: int) -> Path:
    """Leave rows of the file out."""
    rows = [row for number, row in enumerate(rain_rows(), start=2) if number not in numbers]
    return rain_project(folder, rows)


BAD: dict[str, Callable[[Path], object]] = {
    "day-that-is-none": lambda folder: _with_day(folder, 5, "2020-13-04"),
    "day-in-words": lambda folder: _with_row(folder, "全年"),
    "day-of-a-stretch": lambda folder: _with_row(folder, "01-01/01-31"),
    "day-of-leap-years": lambda folder: _with_row(folder, "02-29", year=2021),
    "day-of-other-year": lambda folder: _with_day(folder, 5, "2019-01-04"),
    "day-twice": lambda folder: _with_row(folder, "3月1日"),
    "days-missing": lambda folder: _without(folder, 61, 63, 64),
    "day-left-blank": lambda folder: _with_day(folder, 5, ""),
    "seasons-that-overlap": lambda folder: _with_seasons(
        folder, ("05-01/09-30", 1), ("09-01/04-30", 0)
    ),
    "season-in-words": lambda folder: _with_seasons(folder, ("May/September", 1)),
    "season-of-a-year": lambda folder: _with_seasons(folder, ("2020-05-01/2020-09-30", 1)),
}
