"""A county of 36 land-survey classes under rcees-2017: its defaults, and what either route asks for."""

import csv
from pathlib import Path

import pytest

import gep
from gep.io.catalog import shipped
from gep.plan.blank_form import PASSED, blank_form
from gep.plan.routes import route_costs
from gep.project.project import Project, build_plans, read_project

SURVEY = [
    "水田",
    "水浇地",
    "旱地",
    "果园",
    "茶园",
    "其他园地",
    "乔木林地",
    "竹林地",
    "灌木林地",
    "其他林地",
    "天然牧草地",
    "其他草地",
    "商业服务业设施用地",
    "工业用地",
    "采矿用地",
    "城镇住宅用地",
    "农村宅基地",
    "机关团体新闻出版用地",
    "科教文卫用地",
    "公园与绿地",
    "铁路用地",
    "公路用地",
    "城镇村道路用地",
    "交通服务场站用地",
    "农村道路",
    "河流水面",
    "湖泊水面",
    "水库水面",
    "坑塘水面",
    "内陆滩涂",
    "沟渠",
    "沼泽地",
    "水工建筑用地",
    "设施农用地",
    "田坎",
    "裸土地",
]
FIRST_LEVEL = {"forest", "shrub", "grassland", "wetland", "cropland", "urban", "desert", "other"}


def county(folder: Path, route: str, switches: str = "") -> Path:
    """Write a county that has its areas only."""
    folder.mkdir()
    lines = ["region,year,class,area,unit"]
    lines += [f"361126,2020,{name},{10 + number},km2" for number, name in enumerate(SURVEY)]
    (folder / "areas.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "project.toml").write_text(
        '[project]\nid = "county"\ntitle = "county"\nstandard = "rcees-2017"\nyears = [2020]\n'
        f'language = "en"\nroute = "{route}"\n[switches]\n{switches}\n'
        '[inputs]\nareas = "areas.csv"\ncrosswalk = "third-survey-to-hj1166"\n',
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return read_project(county(tmp_path_factory.mktemp("full") / "county", "full"))


def test_no_coefficient_blocks_that_a_set_can_hold(full: Project) -> None:
    """What is left has no readable source: it is asked for, never invented."""
    assert len(SURVEY) == 36
    (plan,) = build_plans(full, PASSED)
    form = blank_form([plan])
    assert set(form.coefficient_rows["coefficient"]) == {"lake_exchanges", "nature_visit_share"}
    assert not [warning for warning in plan.warnings if warning.code == "price-year"]


def test_defaults_are_listed_as_replaceable(full: Project) -> None:
    (plan,) = build_plans(full, PASSED)
    (warning,) = [warning for warning in plan.warnings if warning.code == "default-used"]
    named = warning.say_what("en")
    for name in ("soil_bulk_density", "runoff_coefficient", "cover_factor_90_up", "price_index"):
        assert name in named
    table = plan.table()
    assert (table["set@version"] == warning.say_where("en")).any()


def test_every_default_says_where_it_is_from() -> None:
    defaults = gep.read_coefficient_set("rcees-defaults")
    assert defaults.header.defaults
    assert (defaults.rows["locator"] != "").all()
    for table in sorted(shipped("coefficients")["rcees-defaults"].glob("*.csv")):
        for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
            if row["source"] == "general":
                assert row["grade"] in ("recalled", "expert"), row


def test_the_default_prices_agree_with_a_printed_ratio() -> None:
    """The consumer prices of 2014 over 2008 that a paper uses: 606.70 / 522.70 (Gaotianyan, Table 1)."""
    rows = gep.read_coefficient_set("rcees-defaults").named("price_index")
    rows = rows[(rows["index"] == "cpi") & rows["price_year"].astype(int).between(2009, 2014)]
    assert (rows["value"] / 100).prod() == pytest.approx(606.70 / 522.70, rel=5e-4)


def test_each_route_says_what_it_costs(full: Project) -> None:
    costs = {cost.route: cost for cost in route_costs(full.parts, full.spec.switches)}
    assert costs["short"].rows < costs["full"].rows / 4
    assert not costs["full"].switches
    assert "carbon_base" in {label.id for label in costs["short"].switches}


def test_the_short_route_asks_for_first_level_types_and_reported_quantities(tmp_path: Path) -> None:
    project = read_project(county(tmp_path / "short", "short", 'carbon_base = "nep"'))
    plans = build_plans(project, PASSED)
    form = blank_form(plans, first_level=True).data
    declared = plans[0].standard.spec.data
    for row in form.itertuples():
        if "ecosystem" in declared[row.name].inherit:
            assert row.ecosystem in FIRST_LEVEL, "a row of it serves all types below"
    names = set(form["name"])
    assert {"water_retention_reported", "soil_retention_reported"} <= names
    assert "net_ecosystem_production" in names, "what the project chooses goes before the route"
    assert "carbon_dioxide_reported" not in names
    assert form.duplicated(["name", "ecosystem", "substance", "product", "use"]).sum() == 0
    net = form[form["name"] == "net_ecosystem_production"]
    assert len(net) < 9


def test_the_form_of_the_short_route_filled_in_is_complete(tmp_path: Path) -> None:
    folder = county(tmp_path / "short", "short")
    project = read_project(folder)
    form = blank_form(build_plans(project, PASSED), first_level=True).data
    filled = form.assign(value="1", source="a letter").drop(columns="note")
    filled.loc[filled["name"] == "lake_storage_reported", "value"] = "na"
    filled.to_csv(folder / "data.csv", index=False)
    text = (folder / "project.toml").read_text(encoding="utf-8")
    text = text.replace("[inputs]", '[inputs]\ndata = ["data.csv"]')
    (folder / "project.toml").write_text(text, encoding="utf-8")
    plans = build_plans(read_project(folder))
    assert blank_form(plans, first_level=True).data.empty


def test_an_unknown_route_is_refused(tmp_path: Path) -> None:
    with pytest.raises(gep.ProblemsFound, match="route"):
        read_project(county(tmp_path / "odd", "quick"))


def with_data(folder: Path, *rows: str) -> Path:
    """Give a county data rows of soil erodibility and healed areas."""
    lines = ["region,year,name,ecosystem,value,unit,source", *rows]
    (folder / "data.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = (folder / "project.toml").read_text(encoding="utf-8")
    text = text.replace("[inputs]", '[inputs]\ndata = ["data.csv"]')
    (folder / "project.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_rate_of_all_types_of_a_region_has_no_type(tmp_path: Path) -> None:
    row = "361126,2020,soil_erodibility,,0.03,t h MJ-1 mm-1,soil survey"
    folder = with_data(county(tmp_path / "county", "full"), row)
    (plan,) = build_plans(read_project(folder), PASSED)
    assert "soil_erodibility" not in set(blank_form([plan]).data["name"])
    (bound,) = [
        step.inputs[argument]
        for step in plan.steps
        for argument, binding in step.bindings.items()
        if binding.data == "soil_erodibility"
    ]
    assert bound.values == pytest.approx(0.03)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (
            [
                "361126,2020,soil_erodibility,,0.03,t h MJ-1 mm-1,survey",
                "361126,2020,soil_erodibility,forest,0.02,t h MJ-1 mm-1,survey",
            ],
            "mixed-keys",
        ),
        (["361126,2020,self_healed_area,,300,ha,forestry"], "wrong-keys"),
    ],
)
def test_a_number_of_all_types_is_no_amount_and_stands_alone(
    rows: list[str], code: str, tmp_path: Path
) -> None:
    folder = with_data(county(tmp_path / "county", "full"), *rows)
    with pytest.raises(gep.ProblemsFound) as raised:
        build_plans(read_project(folder), PASSED)
    assert code in {problem.code for problem in raised.value.problems}
