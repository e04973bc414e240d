"""The map of an account: the total per km2, a hexagon per region, or polygons where the project brings boundaries."""

from pathlib import Path
from typing import Any

import numpy as np

from gep.account.account import Account
from gep.account.caption import measure
from gep.comparison.comparison_table import ranks
from gep.errors import Problem, make_problem
from gep.extent.regions import read_boundaries
from gep.io.toml_documents import Title
from gep.project.project import Project
from gep.report.figures.page import spoken
from gep.texts.catalogue import LANGUAGES, Language
from gep.uncertainty.interval_tables import Uncertainty
from gep.units import canonical

_FEWEST, _MOST = (
    3,
    5000,
)  # regions with a place: fewer show nothing, more cannot be told apart (nor placed in memory)


def can_map(account: Account, boundaries: Path | None) -> bool:
    """Whether the regions' table gives areas, and places (or the project boundaries), for a map."""
    if account.plan.regions is None:
        return False
    shown = np.isfinite(account.plan.land_area)
    if boundaries is None:
        frame = account.plan.regions.frame.reindex(account.plan.extent.regions)
        shown &= np.isfinite(frame[["lon", "lat"]].to_numpy(dtype=float)).all(axis=1)
    return bool(_FEWEST <= shown.sum() <= _MOST)


def account_map(
    account: Account,
    path: Path,
    title: Title,
    language: Language,
    boundaries: Path | None = None,
    key: str = "code",
    approval: str = "",
) -> Path:
    """Draw ``path`` (png, svg or pdf): hexagons placed by lon and lat, or the polygons of a GeoJSON file.

    Raises ``ModuleNotFoundError`` without the report extra.
    """
    from gep.report.figures.maps import choropleth, hexagon_map

    plan, regions = account.plan, account.plan.regions
    assert regions is not None
    codes = [str(code) for code in plan.extent.regions]
    total = np.array([account.total(code) for code in codes]) / plan.land_area
    values = {code: float(one) for code, one in zip(codes, total, strict=True)}
    lines = {language: account.caption(language) for language in LANGUAGES}
    texts: dict[str, Any] = {
        "title": {
            one: f"{title.say(one)}\n{measure(plan)[one != 'zh']} · {plan.year}" for one in lines
        },
        "unit": {one: spoken(f"{canonical(plan.standard.spec.unit)} km-2", one) for one in lines},
        "status": {one: lines[one][1] for one in lines},
        "caption": {one: "\n".join([lines[one][0], *lines[one][2:]]) for one in lines},
    }
    if boundaries is not None:
        return choropleth(
            values,
            read_boundaries(boundaries),
            key,
            approval=approval or None,
            language=language,
            path=path,
            **texts,
        )
    frame = regions.frame.reindex(codes)
    lon, lat = (dict(zip(codes, frame[name].astype(float), strict=True)) for name in ("lon", "lat"))
    names = {code: {one: regions.name(code, one) for one in lines} for code in codes}
    return hexagon_map(values, lon, lat, names, language=language, path=path, **texts)


_RANK_FEWEST, _RANK_MOST = 2, 60


def draw_ranks(sure: Uncertainty, account: Account, project: Project, path: Path) -> list[Problem]:
    """Draw ranks with intervals where there are regions to rank; without matplotlib a warning says so."""
    table = sure.table()
    mine = (
        (table["year"] == account.year) & (table["level"] == "region") & (table["rank_p025"] != "")
    )
    rows = table[(mine & (table["from"] == "")).to_numpy()]
    if not _RANK_FEWEST <= len(rows) <= _RANK_MOST:
        return []
    values = np.array([[account.total(str(code))] for code in rows["region"]])
    own = ranks(values, np.isfinite(values), np.zeros(len(rows)))[:, 0]
    regions = account.plan.regions
    drawn = [
        (
            {
                one: regions.name(str(code), one) if regions is not None else str(code)
                for one in LANGUAGES
            },
            float(rank),
            float(low),
            float(high),
        )
        for code, rank, low, high in zip(
            rows["region"], own, rows["rank_p025"], rows["rank_p975"], strict=True
        )
    ]
    title, said = project.spec.project.title, measure(account.plan)
    lines = {one: account.caption(one) for one in LANGUAGES}
    count = {
        "zh": f"{sure.draws} 次抽样，种子 {sure.seed}，95 % 区间",
        "en": f"{sure.draws} draws, seed {sure.seed}, 95 % intervals",
    }
    head = {"zh": f"{account.year} 年{said[0]}的位次", "en": f"Ranks by {said[1]}, {account.year}"}
    try:
        from gep.report.figures.charts import rank_intervals

        rank_intervals(
            drawn,
            title={one: f"{title.say(one)}\n{head[one]}" for one in lines},
            unit={"zh": "位次（1 为最高）", "en": "rank (1 is the highest)"},
            caption={one: "\n".join([count[one], lines[one][0], *lines[one][2:]]) for one in lines},
            language=project.language,
            path=path,
            status={one: lines[one][1] for one in lines},
        )
    except ModuleNotFoundError as error:
        what = f"ranks.png is not drawn: {error.name} is not installed"
        return [
            make_problem("missing-extra", "ranks.png", what, 'pip install "gep-accounting[report]"')
        ]
    return []
