"""Money by scores: a factor of an allocation reads the score of a scheme that the project names earlier."""

from decimal import Decimal
from pathlib import Path

from support.schemes import Whole, one, reading
from support.small import write_table

import gep
from gep.workflows.explain import explain_score

MONEY = """id = "money"
title = "按分"
kind = "allocation"
method = "factors"
pool = "p"
source = "made-up"
evidence = "placeholder"
legal = "research"

[[factor]]
id = "score"
name = { zh = "考核得分", en = "Score" }
weight = 60
reading = { scheme = "demo" }
grade = "placeholder"

[[factor]]
id = "forest"
name = { zh = "森林", en = "Forest" }
weight = 40
reading = { data = "forest" }
grade = "placeholder"

[sources.made-up]
title = "编造"
"""


def project(folder: Path, order: tuple[str, str]) -> Path:
    """Two counties with scores of 60 and 40, and forest scores of 10 and 30."""
    rows = [reading("a", "air", 60), reading("b", "air", 40)]
    for region, value in (("a", 10), ("b", 30)):
        rows.append(reading(region, "forest", value))
    whole = Whole([([one("air", 100)], {"id": "demo"})], readings=rows, more='pools = "pools.csv"')
    whole.write(folder)
    (folder / "money.toml").write_text(MONEY, encoding="utf-8")
    pool = {"year": 2020, "pool": "p", "amount": 1000, "unit": "CNY", "source": "编造"}
    write_table(folder / "pools.csv", [{**pool, "grade": "placeholder"}])
    text = (folder / "project.toml").read_text(encoding="utf-8")
    (folder / "project.toml").write_text(
        text.replace(
            '"./scheme-0/demo.toml"', ", ".join(f'"{name}"' for name in order)
        ).replace("[project]\n", "[project]\nallow_placeholder = true\n"),
        encoding="utf-8",
    )  # fmt: skip
    return folder


def test_a_factor_reads_a_score(tmp_path: Path) -> None:
    """a: 60 x 60/100 + 40 x 10/40 = 46 of 100; b: 60 x 40/100 + 40 x 30/40 = 54."""
    folder = project(tmp_path, ("./scheme-0/demo.toml", "./money.toml"))
    result = gep.assess_project(folder, allow_code=True, language="en")
    table = result.assessments[1].tables["allocation.csv"]
    of_year = table[(table["year"] == 2020).to_numpy()]
    amounts = dict(zip(of_year["region"], of_year["amount"], strict=True))
    assert {region: Decimal(str(amount)) for region, amount in amounts.items()} == {
        "a": Decimal("460.00"),
        "b": Decimal("540.00"),
    }
    lines = explain_score(folder, "a", 2020, "money:score", allow_code=True, language="en")
    assert "scheme demo/total, 2020" in lines


def test_the_order_of_schemes_in_the_project_is_free(tmp_path: Path) -> None:
    folder = project(tmp_path, ("./money.toml", "./scheme-0/demo.toml"))
    result = gep.assess_project(folder, allow_code=True, language="en")
    table = result.assessments[0].tables["allocation.csv"]
    of_year = table[(table["year"] == 2020).to_numpy()]
    amounts = dict(zip(of_year["region"], of_year["amount"], strict=True))
    assert {region: Decimal(str(amount)) for region, amount in amounts.items()} == {
        "a": Decimal("460.00"),
        "b": Decimal("540.00"),
    }
