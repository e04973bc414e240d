"""What must be said above every table and picture of a comparison (对比表头说明): basis, boundary, differences."""

from gep.account.caption import EVIDENCE, LEGAL, measure
from gep.comparison.comparability import FLAGS
from gep.comparison.comparison import Comparison
from gep.inputs.value_rows import GRADES
from gep.plan.plan import TRIAL

EFFECTS = {
    "areas": ("面积", "areas"),
    "data": ("数据", "data"),
    "coefficients": ("参数", "coefficients"),
    "prices": ("价格", "prices"),
    "weather": ("气象", "weather"),
    "fluctuation": ("年际波动", "fluctuation"),
    "boundary": ("合并拆分（未分解）", "merged or split, not taken apart"),
}
CLIMATE = {
    "actual": ("各年实际气象", "the actual weather of each year"),
    "normal_climate": (
        "另按多年参照气象计算（常年气候）",
        "also under reference years' weather (normal climate)",
    ),
    "moving_mean": ("另取滑动平均", "moving means beside"),
}
CLIMATE_KINDS = {"normal_climate": ("常年气候", "normal climate"), "moving_mean": ("滑动平均", "moving mean")}


def comparison_caption(found: Comparison, language: str) -> list[str]:
    """The lines in ``zh`` or ``en``."""
    pick = 0 if language == "zh" else 1
    years = ("、", ", ")[pick].join(str(account.year) for account in found.accounts)
    last = found.accounts[-1].plan
    text, state = last.standard.text, {account.plan.state for account in found.accounts}
    approved = TRIAL not in state
    lines = [
        f"{measure(last)[pick]} · {years} · {price_basis(found.basis)[pick]}",
        ("状态: ", "state: ")[pick]
        + ("; ".join(sorted(state)) if approved else ("试算，未经审批", "trial calculation, not approved")[pick]),
        ("规范: ", "standard: ")[pick]
        + f"{text.title.language(language)} ({text.id}); {LEGAL[text.legal][pick]}; {EVIDENCE[text.evidence][pick]}",
        ("气象: ", "climate: ")[pick] + CLIMATE[found.climate if found.normal else "actual"][pick],
        (f"区划: {found.boundary} 年", f"boundary: {found.boundary}")[pick],
        ("价值的依据等级: ", "value by worst grade behind it: ")[pick] + _grades(found),
    ]
    if found.flags:
        told = [FLAGS[flag][pick] for flag in found.flags]
        lines.append(("可比性: ", "comparability: ")[pick] + ("；", "; ")[pick].join(told))
    return lines


def price_basis(basis: str) -> tuple[str, str]:
    """``current`` and ``constant:2016`` as they are said."""
    said = [one.partition(":") for one in basis.split(";")]
    zh = [f"{year} 年不变价" if year else "当年价" for _, _, year in said]
    en = [f"constant prices of {year}" if year else "current prices" for _, _, year in said]
    return "；".join(zh), "; ".join(en)


def _grades(found: Comparison) -> str:
    """The largest share of each grade among the years."""
    most = {grade: max(float(account.shares()["grade"][grade]) for account in found.accounts) for grade in GRADES}
    return "  ".join(f"{grade} ≤ {share:.1%}" for grade, share in most.items() if share) or "-"
