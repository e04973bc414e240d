"""Index schemes of HJ 1171, 1172, 1174 and 1175-2021, each against a calculation by hand.

The readings are made up; what they must give is worked out in the test.
"""

from pathlib import Path

import pytest
from test_index import Readings, assessed, cell, ground, value

from gep.assessment.kinds import read_scheme

TYPES = ("forest", "shrub", "grassland", "wetland", "cropland", "urban", "desert", "other")


@pytest.mark.parametrize(
    ("lai", "fvc", "gpp", "grade"),
    [
        (0.75, 0.75, 0.75, "优"),
        (0.6, 0.75, 0.81, "良"),
        (0.55, 0.55, 0.55, "良"),
        (0.3, 0.35, 0.4, "中"),
        (0.2, 0.2, 0.2, "低"),
        (0.1, 0.2, 0.29, "差"),
    ],
)
def test_quality_is_the_mean_of_three_relative_densities(
    tmp_path: Path, lai: float, fvc: float, gpp: float, grade: str
) -> None:
    """HJ 1172-2021, equation 3 and Table 1: (LAI + FVC + GPP)/3 x 100, cut at 75, 55, 35 and 20."""
    scheme = read_scheme("hj1172-2021")
    names = ("relative_density_lai", "relative_density_fvc", "relative_density_gpp")
    readings: Readings = {("a", 2020): dict(zip(names, (lai, fvc, gpp), strict=True))}
    found = assessed(scheme, ground(tmp_path, scheme, readings))
    assert value(found) == pytest.approx((lai + fvc + gpp) / 3 * 100)
    assert cell(found, "grade") == grade


@pytest.mark.parametrize(
    ("name", "reading", "reference", "cases"),
    [
        (
            "hj1174-2021-forest",
            "forest_biomass",
            "forest_biomass_reference",
            {90: "未退化", 75: "轻度", 60: "中度", 30: "重度", 29.9: "极重度"},
        ),
        (
            "hj1174-2021-grassland",
            "grassland_cover",
            "grassland_cover_reference",
            {90: "未退化", 80: "轻度", 70: "中度", 50: "重度", 49.9: "极重度"},
        ),
        (
            "hj1174-2021-wetland",
            "wetland_area_lost",
            "wetland_area_base",
            {4.9: "未退化", 5: "轻度", 15: "中度", 30: "重度", 50: "极重度"},
        ),
    ],
)
def test_degradation_is_a_share_of_a_reference(
    tmp_path: Path, name: str, reading: str, reference: str, cases: dict[float, str]
) -> None:
    """HJ 1174-2021, equations A.3 and A.4 and Tables A.4 to A.6: half of it over half of it."""
    scheme = read_scheme(name)
    readings: Readings = {
        (f"region-{percent}", 2020): {reading: percent / 2, reference: 50} for percent in cases
    }
    found = assessed(scheme, ground(tmp_path, scheme, readings))
    for percent, grade in cases.items():
        assert value(found, region=f"region-{percent}") == pytest.approx(percent)
        assert cell(found, "grade", f"region-{percent}") == grade


@pytest.mark.parametrize(
    ("name", "reading", "cases"),
    [
        (
            "hj1174-2021-erosion",
            "soil_erosion_modulus",
            {499: "微度", 501: "轻度", 2501: "中度", 5001: "强度", 8001: "极强度", 15001: "剧烈"},
        ),
        (
            "hj1174-2021-trophic",
            "trophic_state_index",
            {29: "未退化", 31: "轻度", 51: "中度", 61: "重度", 71: "极重度"},
        ),
    ],
)
def test_a_reading_has_its_class(
    tmp_path: Path, name: str, reading: str, cases: dict[int, str]
) -> None:
    """HJ 1174-2021, Table A.1 (red soil of the south) and Table A.6."""
    scheme = read_scheme(name)
    readings: Readings = {(f"region-{number}", 2020): {reading: number} for number in cases}
    found = assessed(scheme, ground(tmp_path, scheme, readings))
    for number, grade in cases.items():
        assert cell(found, "grade", f"region-{number}") == grade


def test_pattern_indices_are_ratios_of_areas_patches_and_edges(tmp_path: Path) -> None:
    """HJ 1171-2021: 400 of 1 000 km2 are forest in 8 patches with 200 km of edge; 50 km2 changed."""
    scheme = read_scheme("hj1171-2021")
    areas = dict.fromkeys(TYPES, "na") | {"forest": 400, "cropland": 600}
    patches = dict.fromkeys(TYPES, "na") | {"forest": 8, "cropland": 3}
    edges = dict.fromkeys(TYPES, "na") | {"forest": 200, "cropland": 150}
    row: dict[str, object] = {"land_area": 1000, "landscape_contagion": 61.5, "area_changed": 50}
    row |= {f"{name}_area": area for name, area in areas.items()}
    row |= {f"{name}_patches": count for name, count in patches.items()}
    row |= {f"{name}_edge": length for name, length in edges.items()}
    found = assessed(scheme, ground(tmp_path, scheme, {("a", 2020): row}))
    assert value(found) == pytest.approx(5.0)  # 50 / 1 000
    assert value(found, "forest_share") == pytest.approx(40.0)
    assert value(found, "forest_mean_patch") == pytest.approx(50.0)  # 400 / 8
    assert value(found, "forest_edge_density") == pytest.approx(0.5)  # 200 / 400
    assert value(found, "cropland_mean_patch") == pytest.approx(200.0)  # 600 / 3


def test_change_of_types_in_a_project(tmp_path: Path) -> None:
    """HJ 1175-2021, A.1 and A.2, over 5 years.

    Forest 200 -> 170 km2: (170 - 200)/200/5 = -3 % a year. 40 of its 200 km2 became other types,
    20 %; of all 1 000 km2 50 did, 5 %; so the intensity is 4.
    """
    scheme = read_scheme("hj1175-2021")
    row: dict[str, object] = {"land_area": 1000, "area_changed": 50, "period_years": 5}
    for name in TYPES:
        row |= dict.fromkeys(
            (f"{name}_area_before", f"{name}_area_change", f"{name}_area_lost"), "na"
        )
    row |= {"forest_area_before": 200, "forest_area_change": -30, "forest_area_lost": 40}
    found = assessed(scheme, ground(tmp_path, scheme, {("a", 2020): row}))
    assert value(found) == pytest.approx(5.0)
    assert value(found, "forest_dynamic") == pytest.approx(-3.0)
    assert value(found, "forest_intensity") == pytest.approx(4.0)
