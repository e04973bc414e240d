"""The quantities of HJ 1173-2021, annex A: every equation has a step, and numbers worked out here.

Inputs are the made-up ones of ``support.family``: the first town has 1,000 ha of forest, 100 of grass, 300 of dry
fields, 50 of lake, 10 of marsh and 40 of settlement.
"""

import datetime
import math
import re
from pathlib import Path

import pytest
from support.family import TOWN, account_under, figure

import gep
from gep.account.caption import evidence_title
from gep.texts.catalogue import LANGUAGES
from gep.workflows.check import check_folder

NAME = "hj1173-2021"
HECTARES = {"forest": 1000, "grass": 100, "dry": 300, "wetland": 60, "town": 40}
FROM_FACTORS = {
    "erodibility": "from_texture",
    "slope_factors": "from_slope",
    "vegetation_cover": "from_ndvi",
    "wind_weather": "by_month",
    "wind_soil": "from_soil",
    "surface_roughness": "from_relief",
}


def test_it_is_of_quantities_read_in_the_text_and_says_so() -> None:
    spec = gep.read_standard(NAME).spec
    assert (spec.measure, spec.evidence, spec.legal) == ("quantity", "published", "in_force")
    assert spec.in_force == datetime.date(2021, 8, 1)
    assert {step.kind for _, _, step in gep.read_standard(NAME).steps()} == {
        "quantity",
        "auxiliary",
    }
    account = account_under(NAME)
    for language in LANGUAGES:
        lines = account.caption(language)
        assert any(evidence_title("published", language) in line for line in lines)
        assert any(spec.to_check[0].item.say(language) in line for line in lines)


def test_every_equation_of_the_annex_is_the_clause_of_a_step() -> None:
    cited: set[int] = set()
    for name, _, step in gep.read_standard(NAME).steps():
        assert "HJ 1173-2021" in step.clause, name
        for first, last in re.findall(r"A\.(\d+)(?: to A\.(\d+))?", step.clause):
            cited.update(range(int(first), int(last or first) + 1))
    assert cited == set(range(1, 23))


def _lost(cover: float) -> float:
    """Hectares of the town times their cover factor, by Table A.1 and A.13 at a cover of 0.8."""
    assert 0.7 <= cover < 0.9
    dry = 0.221 - 0.595 * math.log10(cover)
    by_type = {"forest": 0.004, "grass": 0.043, "dry": dry, "wetland": 0, "town": 0.01}
    return sum(HECTARES[name] * factor for name, factor in by_type.items())


def _wind_erosion(factors: float, distance: float) -> float:
    """A.15 and A.16, in t/ha: 1 kg/m2 is 10 t/ha."""
    scale: float = 150.71 * factors**-0.3711
    most = 109.8 * factors
    return 10 * 2 * distance / scale**2 * most * math.exp(-((distance / scale) ** 2))


def _sand(weather: float, erodible: float, crust: float, roughness: float) -> float:
    """A.14 on forest, grass and dry fields with a cover of 80 %."""
    bare = weather * erodible * crust * roughness
    kept = 0.0
    for name, coefficient in (("forest", 0.1535), ("grass", 0.1151), ("dry", 0.0438)):
        covered = bare * math.exp(-coefficient * 80)
        kept += HECTARES[name] * (_wind_erosion(bare, 50) - _wind_erosion(covered, 50))
    return kept


def test_given_factors_make_what_is_worked_out_by_hand() -> None:
    account = account_under(NAME)
    # (1800 - 200 - 800) mm on 1,500 ha
    assert figure(account, "water_retention.retained") == pytest.approx(1.2e7)
    # 7000 x 0.02 x 2 x 3 = 840 t/ha
    assert figure(account, "soil_retention.potential") == pytest.approx(840 * 1500)
    assert figure(account, "soil_retention.retained") == pytest.approx(840 * (1500 - _lost(0.8)))
    sand = _sand(5, 0.4, 0.5, 0.9)
    assert figure(account, "sand_fixation.fixed") == pytest.approx(sand)
    bare = 1400 * _wind_erosion(5 * 0.4 * 0.5 * 0.9, 50)
    assert figure(account, "sand_fixation.eroded") == pytest.approx(bare - sand)


def test_factors_come_from_soil_slopes_ndvi_and_months() -> None:
    account = account_under(NAME, FROM_FACTORS)
    # K of sand 30, silt 40, clay 30, carbon 1.5 %: the test point of the ground, 0.016327
    # L is 1 at 22.13 m; S = 16.8 sin 10 - 0.5; cover is (0.77 - 0.05) / (0.95 - 0.05) = 0.8
    rate = 7000 * 0.016327 * (16.8 * math.sin(math.radians(10)) - 0.5)
    retained = figure(account, "soil_retention.retained")
    assert retained == pytest.approx(rate * (1500 - _lost(0.8)), rel=5e-5)
    # 12 months of 98 x 1.2 / 9.8 x 0.5; A.18, A.19 and A.21 with K_r = 0.2 x 10^2 / 20 = 1
    erodible = (29.09 + 0.31 * 25 + 0.17 * 40 + 0.33 * 25 / 30 - 2.59 * 1.2) / 100
    crust = 1 / (1 + 0.0066 * 30**2 + 0.021 * 1.2**2)
    sand = _sand(12 * 6.0, erodible, crust, math.exp(1.86 - 2.41))
    assert figure(account, "sand_fixation.fixed") == pytest.approx(sand)


def test_erosivity_comes_from_rain_by_day() -> None:
    """20 mm on each day: A.6 with the warm season of 153 days, of the 366 of 2020."""
    account = account_under(NAME, {"rainfall_erosivity": "daily"})
    erosivity = (153 * 0.3937 + 213 * 0.3101) * 20**1.7265
    bare = erosivity * 0.02 * 2 * 3 * 1500
    assert figure(account, "soil_retention.potential") == pytest.approx(bare)


def test_a_deficit_and_sand_are_choices() -> None:
    account = account_under(NAME, {"water_deficit": "floored", "sand_fixation": "none"})
    frame = account.frame(region=TOWN)
    assert "sand_fixation" not in set(frame["indicator"])
    assert figure(account, "water_retention.retained") == pytest.approx(1.2e7)


def test_a_county_that_lacks_a_factor_is_told_which(tmp_path: Path) -> None:
    (tmp_path / "project.toml").write_text(
        '[project]\nid = "p"\ntitle = { zh = "例", en = "p" }\nstandard = "hj1173-2021"\n'
        'years = [2020]\nlanguage = "en"\n[inputs]\nareas = "areas.csv"\ndata = ["data.csv"]\n',
        encoding="utf-8",
    )
    (tmp_path / "areas.csv").write_text(
        "region,year,class,area,unit\n361130,2020,forest,10,ha\n", encoding="utf-8"
    )
    (tmp_path / "data.csv").write_text(
        "region,year,name,value,unit,source\n361130,2020,rainfall,1800,mm,made up\n",
        encoding="utf-8",
    )
    problems = check_folder(tmp_path, language="en").problems
    words = " ".join(f"{problem.where} {problem}" for problem in problems)
    assert all(name in words for name in ("surface_runoff", "soil_erodibility"))
