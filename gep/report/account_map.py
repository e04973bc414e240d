"""The map of an account: the total per km2, a hexagon per region, or polygons where the project brings boundaries."""

from pathlib import Path
from typing import Any

import numpy as np

from gep.account.account import Account
from gep.account.caption import measure
from gep.extent.boundaries import read_boundaries
from gep.report.figures.labels import spoken
from gep.standards.standard import Names
from gep.units import canonical

_FEWEST, _MOST = 3, 5000  # regions with a place: fewer show nothing, more cannot be told apart (nor placed in memory)


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
    title: Names,
    language: str,
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
    lines = {language: account.caption(language) for language in ("zh", "en")}
    texts: dict[str, Any] = {
        "title": {one: f"{title.language(one)}\n{measure(plan)[one != 'zh']} · {plan.year}" for one in lines},
        "unit": {one: spoken(f"{canonical(plan.standard.text.unit)} km-2", one) for one in lines},
        "status": {one: lines[one][1] for one in lines},
        "caption": {one: "\n".join([lines[one][0], *lines[one][2:]]) for one in lines},
    }
    if boundaries is not None:
        return choropleth(
            values, read_boundaries(boundaries), key, approval=approval or None, language=language, path=path, **texts
        )
    frame = regions.frame.reindex(codes)
    lon, lat = (dict(zip(codes, frame[name].astype(float), strict=True)) for name in ("lon", "lat"))
    names = {code: {one: regions.name(code, one) for one in lines} for code in codes}
    return hexagon_map(values, lon, lat, names, language=language, path=path, **texts)
