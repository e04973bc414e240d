"""Many small county projects for tests of collections: one standard, each county its areas, data and choices.

Nothing here is a reference: the numbers are made up and what they must give is worked out in the tests. A county of
code ``c`` sells ``crops`` t of rice at 3 CNY kg-1 (0.3 x 10^4 CNY t-1) and has ``hectares`` of field, worth 2000 CNY
each where the switch is ``full`` and half of it where it is ``half``; sums are in 10^4 CNY.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.small import HEAD, Row, area, coefficient, datum, write_set, write_table
from support.years import CROP, LAND, PRODUCTS_METHODS, total

HALF = '''

def half(*, value: Annotated[Array, "CNY ha-1"], share: Annotated[Array, "1"]) -> Annotated[Array, "CNY ha-1"]:
    """Half of a value per area."""
    return value * share / 2
'''
SWITCH = """
[switch.land]
name = { zh = "土地计法", en = "How land counts" }
options = ["full", "half"]
default = "full"
"""
_FULL = LAND.replace('per = "area"', 'per = "area"\nwhen = { land = "full" }')
_HALF = "[[indicator.step]]" + _FULL.split("[[indicator.step]]")[1].replace(
    ":land", ":half"
).replace('"full"', '"half"')
STANDARD = (
    HEAD.replace('id = "small"', 'id = "county-standard"').replace(
        'unit = "10^4 CNY"', 'unit = "10^4 CNY"\ncoefficients = ["./province"]'
    )
    + SWITCH + CROP + _FULL + _HALF + total("crop", "land")
)  # fmt: skip
PROVINCE = (
    coefficient("product_price", 3, "CNY kg-1", product="rice"),
    coefficient("land_value", 2000, "CNY ha-1", ecosystem="field"),
    coefficient("land_share", 1, "1"),
)
CLASSES = (
    {"class": "field", "zh": "农田", "en": "Field"},
    {"class": "forest", "zh": "森林", "en": "Forest"},
)


@dataclass(frozen=True)
class CountyProject:
    """A county to be written: outputs and hectares by year, own rows and switches, files beside."""

    crops: Mapping[int, object] = field(default_factory=lambda: {2020: 1000.0})
    hectares: Mapping[int, float] = field(default_factory=lambda: {2020: 500.0})
    own: Sequence[Row] = ()
    switches: Mapping[str, str] = field(default_factory=dict)
    region: str = ""  # default: the folder's name
    people: object = 100
    explanations: Sequence[Row] = ()
    standard: str = STANDARD
    methods: str = PRODUCTS_METHODS + HALF
    heading: str = "price_year = 2020"  # more lines of [project]


def write_county(folder: Path, county: CountyProject) -> Path:
    """Write a county's project; it needs ``allow_code``."""
    folder.mkdir(parents=True)
    code = county.region or folder.name
    (folder / "own.py").write_text(county.methods, encoding="utf-8")
    (folder / "standard.toml").write_text(county.standard, encoding="utf-8")
    blank = {"code": "", "parent": "", "source": "", "locator": ""}
    write_table(folder / "classes.csv", [{**row, **blank} for row in CLASSES])
    write_set(folder / "province", PROVINCE)
    if county.own:
        write_set(folder / "mine", county.own)
    write_table(
        folder / "areas.csv",
        [area(code, "field", size, year=year) for year, size in county.hectares.items()],
    )
    rows = [
        datum(code, "output", tonnes, "t", year=year, product="rice")
        for year, tonnes in county.crops.items()
        if tonnes is not None
    ]
    if rows:
        write_table(folder / "data.csv", rows)
    place = {"area": 10, "area_unit": "km2", "population": county.people, "parent": "top"}
    write_table(
        folder / "regions.csv",
        [{"region": code, **place}, {"region": "top", "area": "", "area_unit": ""}],
    )
    if county.explanations:
        write_table(folder / "explanations.csv", county.explanations)
    lines = [
        "[project]", f'id = "{folder.name}"', f'title = "{folder.name}"', 'standard = "./standard.toml"',
        f"coefficients = {['./mine'] if county.own else []}", f"years = {list(county.hectares)}", "allow_code = true",
        county.heading, "[switches]", *(f'{name} = "{option}"' for name, option in county.switches.items()), "[inputs]",
        'areas = "areas.csv"', 'coverage = "part"', 'regions = "regions.csv"', 'data = ["data.csv"]' if rows else "",
    ]  # fmt: skip
    (folder / "project.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_counties(folder: Path, counties: Mapping[str, CountyProject]) -> Path:
    """Write a county project for each name."""
    for name, county in counties.items():
        write_county(folder / name, county)
    return folder
