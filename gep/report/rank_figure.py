"""The picture of how sure ranks are (位次区间图): the headline's ranks in the last year, with their intervals."""

from pathlib import Path

import numpy as np

from gep.account.account import Account
from gep.account.caption import measure
from gep.comparison.comparison_table import ranks
from gep.errors import Problem
from gep.project.project import Project
from gep.uncertainty.interval_tables import Uncertainty

_FEWEST, _MOST = 2, 60


def draw_ranks(sure: Uncertainty, account: Account, project: Project, path: Path) -> list[Problem]:
    """Draw ranks with intervals where there are regions to rank; without matplotlib a warning says so."""
    table = sure.table()
    mine = (table["year"] == account.year) & (table["level"] == "region") & (table["rank_p025"] != "")
    rows = table[(mine & (table["from"] == "")).to_numpy()]
    if not _FEWEST <= len(rows) <= _MOST:
        return []
    values = np.array([[account.total(str(code))] for code in rows["region"]])
    own = ranks(values, np.isfinite(values), np.zeros(len(rows)))[:, 0]
    regions = account.plan.regions
    drawn = [
        (
            {one: regions.name(str(code), one) if regions is not None else str(code) for one in ("zh", "en")},
            float(rank), float(low), float(high),
        )
        for code, rank, low, high in zip(rows["region"], own, rows["rank_p025"], rows["rank_p975"], strict=True)
    ]  # fmt: skip
    title, said = project.text.project.title, measure(account.plan)
    lines = {one: account.caption(one) for one in ("zh", "en")}
    count = {
        "zh": f"{sure.draws} 次抽样，种子 {sure.seed}，95 % 区间",
        "en": f"{sure.draws} draws, seed {sure.seed}, 95 % intervals",
    }
    head = {"zh": f"{account.year} 年{said[0]}的位次", "en": f"Ranks by {said[1]}, {account.year}"}
    try:
        from gep.report.figures.charts import rank_intervals

        rank_intervals(
            drawn, title={one: f"{title.language(one)}\n{head[one]}" for one in lines},
            unit={"zh": "位次（1 为最高）", "en": "rank (1 is the highest)"},
            caption={one: "\n".join([count[one], lines[one][0], *lines[one][2:]]) for one in lines},
            language=project.language, path=path, status={one: lines[one][1] for one in lines},
        )  # fmt: skip
    except ModuleNotFoundError as error:
        what = f"ranks.png is not drawn: {error.name} is not installed"
        return [Problem("missing-extra", "ranks.png", what, 'pip install "gep[report]"')]
    return []
