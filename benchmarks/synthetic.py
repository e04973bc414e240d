"""Projects and inputs made up for timing: sizes like those of the field, numbers random with a fixed seed."""

from pathlib import Path

import numpy as np
import pandas as pd

YEAR = 2020
COUNTIES_PER_CITY, CITIES_PER_PROVINCE = 9, 12
SHARE_OF_CELLS = 0.7  # of the ecosystem types, how many a region has on average


def xie_project(folder: Path, counties: int, *, places: bool = False) -> None:
    """A project of ``counties`` regions under cities and provinces for ``xie-2015``: project, areas and regions.

    With ``places`` the counties have longitude and latitude, so that a run draws its map.
    """
    from gep.errors import ProblemLog
    from gep.extent.classes import load_class_scheme

    scheme = load_class_scheme("xie-2015", None, "benchmark", ProblemLog())
    assert scheme is not None
    rng = np.random.default_rng(2015)
    folder.mkdir(parents=True)
    codes, cities, provinces = county_codes(counties)
    classes = np.array(
        [one for one in scheme.classes if one not in scheme.parent.values()], dtype=object
    )
    has = rng.random((counties, len(classes))) < SHARE_OF_CELLS
    has[:, 0] = True
    row, column = np.nonzero(has)
    areas = pd.DataFrame(
        {
            "region": codes[row], "year": YEAR, "class": classes[column],
            "area": rng.lognormal(4, 1.5, len(row)).round(4), "unit": "km2",
        }
    )  # fmt: skip
    areas.to_csv(folder / "areas.csv", index=False)
    land = areas.groupby("region")["area"].sum().reindex(codes).to_numpy()
    table = regions_table(codes, cities, provinces, land, rng)
    if places:
        table["lon"], table["lat"] = (
            rng.uniform(80, 130, len(table)).round(3),
            rng.uniform(20, 50, len(table)).round(3),
        )
    table.to_csv(folder / "regions.csv", index=False)
    (folder / "project.toml").write_text(PROJECT.format(year=YEAR), encoding="utf-8")


PROJECT = """\
[project]
id = "benchmark"
title = {{ zh = "计时用的随机数据", en = "Random numbers for timing" }}
standard = "xie-2015"
years = [{year}]
price_year = 2010

[inputs]
areas = "areas.csv"
regions = "regions.csv"
"""


def county_codes(counties: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes of counties, and for each the code of its city and of its province."""
    city = np.arange(counties) // COUNTIES_PER_CITY
    province = city // CITIES_PER_PROVINCE
    inside = np.arange(counties) % COUNTIES_PER_CITY + 1
    names = [
        f"{one:04d}{two % CITIES_PER_PROVINCE + 1:02d}{three:02d}"
        for one, two, three in zip(province + 1000, city, inside, strict=True)
    ]
    codes = np.array(names, dtype=object)
    return (
        codes,
        np.array([f"{one[:6]}00" for one in names], dtype=object),
        np.array([f"{one[:4]}0000" for one in names], dtype=object),
    )


def regions_table(
    codes: np.ndarray,
    cities: np.ndarray,
    provinces: np.ndarray,
    land: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """``regions.csv``: counties with land area and population, their cities and provinces with neither."""
    above = pd.DataFrame({"region": cities, "parent": provinces}).drop_duplicates("region")
    top = pd.DataFrame({"region": pd.unique(provinces), "parent": ""})
    population = rng.integers(50_000, 1_200_000, len(codes))
    own = pd.DataFrame(
        {
            "region": codes,
            "parent": cities,
            "area": land.round(4),
            "area_unit": "km2",
            "population": population.astype(str),
        }
    )
    table = pd.concat([own, above, top], ignore_index=True)
    table.insert(1, "name", "区域" + table["region"])
    return table
