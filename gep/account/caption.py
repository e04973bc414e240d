"""The caption (表头说明): what must be said above every table of an account.

Owns the titles of measures, categories, legal forces and evidence, and the lines that name them:
measure, state, standard, evidence, shares of value, official texts that were not compared.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple, TypedDict

import numpy as np

from gep.account.lines import TOTAL
from gep.errors import Problem
from gep.inputs.value_rows import grade_title
from gep.io.catalog import shipped_folder
from gep.io.toml_documents import Title
from gep.plan.plan import Plan
from gep.standards.standard import StandardSpec
from gep.texts.catalogue import Label, Language, Listed, Text, say, text

_M2_PER_KM2 = 1e6
_OUT_OF_RANGE = ("implausible", "index-form")
_CLIPPED = "deficit-clipped"
_NAMED_PLACES = 3
_NAMED_POINTS = 4
_NAMED_EDITS = 12
_TENTHS = 1000  # tenths of a percent in a whole
_WHOLE = 1e-6  # of the last decimal: numbers so close to a whole one are whole
_ROUNDING = 1e-9  # of sums that should be whole
_NOTHING = "0.0%"
_ALMOST_NOTHING = "<0.1%"
_ALL = "100.0%"
_ALMOST_ALL = ">99.9%"


class EvidenceShares(TypedDict):
    """Shares (0 to 1) of an account's value, which is the sum of absolute values.

    Attributes
    ----------
    grade : dict of str to float
        The share of each grade; a value has the worst grade behind it.
    transfer : float
        The share that rests on value transfer.
    nominal : float
        The share that rests on prices without a year.
    typical : float
        The share that rests on typical values of the region in place of data or local numbers.
    """

    grade: dict[str, float]
    transfer: float
    nominal: float
    typical: float


def percent(share: float) -> str:
    """Write a share (0 to 1) in percent with one decimal; what is not nothing is never 0.0%.

    Parameters
    ----------
    share : float

    Returns
    -------
    str
        Such as ``33.3%``; ``<0.1%`` for less that is not 0, ``>99.9%`` for more that is not all.
    """
    words = f"{share:.1%}"
    if words == _NOTHING and share > 0:
        return _ALMOST_NOTHING
    if words == _ALL and share < 1 - _ROUNDING:
        return _ALMOST_ALL
    return words


def percents(shares: Mapping[str, float]) -> dict[str, str]:
    """Write shares of one whole in percent, so that what is printed adds up to the whole.

    Parameters
    ----------
    shares : mapping of str to float
        Shares (0 to 1) by name.

    Returns
    -------
    dict of str to str
        Those above 0. Tenths of a percent are given to the largest remainders; what would be 0.0%
        is written ``<0.1%``.
    """
    named = {name: share for name, share in shares.items() if share > 0}
    tenths = np.array(list(named.values())) * _TENTHS
    whole = np.floor(tenths + _ROUNDING)
    left = round(float(tenths.sum())) - int(whole.sum())
    largest_first = np.argsort(-(tenths - whole), kind="stable")
    whole[largest_first[:left]] += 1
    words = {}
    for name, count in zip(named, whole, strict=True):
        words[name] = f"{count / _TENTHS:.1%}" if count else _ALMOST_NOTHING
        if words[name] == _ALL and len(named) > 1:
            words[name] = _ALMOST_ALL
    return words


def rounded_parts(parts: np.ndarray, total: int) -> np.ndarray:
    """Round parts up or down to whole numbers that sum to a total.

    Parameters
    ----------
    parts : ndarray
        Numbers whose sum is less than 1 off ``total``.
    total : int

    Returns
    -------
    ndarray of float
        Whole numbers: the largest remainders are rounded up, whole parts stay.
    """
    whole = np.floor(parts + _WHOLE)
    remainders = parts - whole
    left = total - int(whole.sum())
    largest_first = np.argsort(-remainders, kind="stable")
    whole[largest_first[:left]] += 1
    return np.asarray(whole)


def percent_up(share: float) -> str:
    """Write a share that is an upper bound in percent, rounded up to one decimal.

    Parameters
    ----------
    share : float
        From 0 to 1.

    Returns
    -------
    str
        Such as ``33.4%``.
    """
    tenths = np.ceil(share * _TENTHS - _ROUNDING)
    return f"{tenths / _TENTHS:.1%}"


def category_title(category: str, language: Language) -> str:
    """Return the title of a category, or of the headline.

    Parameters
    ----------
    category : str
        One of ``gep.standards.standard.CATEGORIES``, or ``total``.
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return say(language, f"account.category.{category}")


def sum_title(name: str, spec: StandardSpec, language: Language) -> str:
    """Return the title of a category, of the headline, or of another total of a standard.

    Parameters
    ----------
    name : str
        A category, ``total``, or ``total:`` and the id of another total.
    spec : StandardSpec
        The standard, which names its other totals.
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    for total in spec.total:
        if name == f"{TOTAL}:{total.id}":
            return total.name.say(language)
    return category_title(name, language)


def legal_title(legal: str, language: Language) -> str:
    """Return in words the legal force of a standard or scheme (``in_force``, ``draft`` ...).

    Parameters
    ----------
    legal : str
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return say(language, f"account.legal.{legal}")


def standing_title(spec: StandardSpec, language: Language) -> str:
    """Return in words the legal force of a standard, and what has taken its place.

    Parameters
    ----------
    spec : StandardSpec
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    legal = legal_title(spec.legal, language)
    if not spec.replaced_by:
        return legal
    return say(language, "account.caption.replaced", legal=legal, successor=spec.replaced_by)


def evidence_title(evidence: str, language: Language) -> str:
    """Return in words how the text of a standard was read (``verified``, ``recalled`` ...).

    Parameters
    ----------
    evidence : str
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return say(language, f"account.evidence.{evidence}")


def measure_title(plan: Plan, language: Language) -> str:
    """Return the title of what an account measures.

    Parameters
    ----------
    plan : Plan
    language : {'zh', 'en'}

    Returns
    -------
    str
        The title of the standard's ``measure``. A standard of ecosystem service values whose
        ``approach`` is ``equivalent_factors`` is called so (当量因子法).
    """
    return spec_measure_title(plan.standard.spec, language)


def spec_measure_title(spec: StandardSpec, language: Language) -> str:
    """Return the title of what a standard measures; see :func:`measure_title`.

    Parameters
    ----------
    spec : StandardSpec
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    if spec.measure == "esv" and spec.approach is not None:
        return say(language, f"account.measure.{spec.approach}")
    return say(language, f"account.measure.{spec.measure}")


def caption(
    plan: Plan,
    shares: EvidenceShares,
    language: Language,
    warnings: Sequence[Problem] = (),
) -> list[str]:
    """Word the caption of an account, a line each.

    Parameters
    ----------
    plan : Plan
        The plan of the account.
    shares : EvidenceShares
        Shares of the account's value; see ``EvaluatedPlan.shares``.
    language : {'zh', 'en'}
    warnings : sequence of Problem, optional
        Warnings of the plan and of the account; those of numbers out of range are named.

    Returns
    -------
    list of str
        Measure, year and prices; state; standard, legal force and evidence; grades. Then, where
        they apply: points of the standard that are to be checked, official texts, typical values,
        value transfer, prices without a year, area not accounted for, numbers out of range.
    """
    spec = plan.standard.spec
    grades = []
    for name, share in percents(shares["grade"]).items():
        grades.append(f"{grade_title(name, language)} {share}")
    has_values = any(step.step.kind == "value" for step in plan.steps)
    grades_of = "grades" if has_values else "grades-of-quantities"
    if plan.indicator:
        grades_of = "grades-of-part"
    lines = [
        say(
            language,
            "account.caption.heading" if has_values else "account.caption.heading-of-quantities",
            measure=measure_title(plan, language),
            year=plan.year,
            prices=_prices(plan, language),
        ),
        say(language, "account.caption.state", state=state_text(plan.approval)),
        say(
            language,
            "account.caption.standard",
            title=spec.title,
            id=spec.id,
            legal=standing_title(spec, language),
            evidence=evidence_title(spec.evidence, language),
        ),
        say(language, f"account.caption.{grades_of}", grades="  ".join(grades) or "-"),
    ]
    if plan.edits:
        edits = []
        for edit in plan.edits:
            line = text("account.caption.edit", **edit._asdict())
            edits.append(line)
        listed = Listed(tuple(edits), _NAMED_EDITS)
        lines.insert(1, say(language, "account.caption.edited", edits=listed))
    lines += to_check_lines(spec, language)
    lines += signed_lines(plan, language)
    texts = official_texts(plan, language)
    if texts:
        listed = Listed(tuple(texts), len(texts))
        lines.append(say(language, "account.caption.official-texts", texts=listed))
    if shares["typical"]:
        share = percent(shares["typical"])
        lines.append(say(language, "account.caption.typical", share=share))
    if shares["transfer"]:
        share = percent(shares["transfer"])
        lines.append(say(language, "account.caption.transfer", share=share))
    if shares["nominal"]:
        share = percent(shares["nominal"])
        lines.append(say(language, "account.caption.nominal", share=share))
    unaccounted = float(plan.extent.unaccounted.sum())
    if unaccounted:
        share = percent(unaccounted / (unaccounted + float(plan.extent.area_of().sum())))
        area = unaccounted / _M2_PER_KM2
        lines.append(say(language, "account.caption.unaccounted", area=area, share=share))
    lines += out_of_range_lines(warnings, language)
    lines += [problem.say_what(language) for problem in warnings if problem.code == _CLIPPED]
    return lines


def to_check_lines(spec: StandardSpec, language: Language) -> list[str]:
    """Word that points of a standard are to be checked against its text, and name the first.

    Parameters
    ----------
    spec : StandardSpec
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        A line; none if the standard states no such points.
    """
    if not spec.to_check:
        return []
    items = tuple(point.item for point in spec.to_check)
    listed = Listed(items, _NAMED_POINTS)
    return [say(language, "account.caption.to-check", count=len(items), items=listed)]


def state_text(approval: Text | None) -> Text:
    """Return the state of an account in words: who approved it, or that it is a trial.

    Parameters
    ----------
    approval : Text or None
        See ``Plan.approval``.

    Returns
    -------
    Text
    """
    return approval or text("account.caption.trial")


def out_of_range_lines(warnings: Iterable[Problem], language: Language) -> list[str]:
    """Word that numbers are outside their plausible range, and where they are.

    Parameters
    ----------
    warnings : iterable of Problem
        Those that are of numbers out of range are counted.
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        A line; none if there are no such warnings.
    """
    places = [problem.place for problem in warnings if problem.code in _OUT_OF_RANGE]
    if not places:
        return []
    listed = Listed(tuple(dict.fromkeys(places)), _NAMED_PLACES)
    count = len(places)
    return [say(language, "account.caption.out-of-range", count=count, places=listed)]


def _prices(plan: Plan, language: Language) -> str:
    """Return in words whether an account is at current or at constant prices."""
    if plan.price_year is None:
        return say(language, "account.caption.current-prices")
    return say(language, "account.caption.constant-prices", year=plan.price_year)


class _OfficialText(NamedTuple):
    """An official text for accounts of a region (the beginning of its code) or of the country."""

    number: Title
    region: str


@cache
def _all_official_texts() -> tuple[_OfficialText, ...]:
    """Read the list of official texts that ships beside the standards."""
    path = shipped_folder("standards") / "official_texts.csv"
    texts = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number = Title(zh=row["number"], en=row["number_en"])
            texts.append(_OfficialText(number, row["region"]))
    return tuple(texts)


def official_texts(plan: Plan, language: Language = "zh") -> list[str]:
    """List the official texts for a plan's regions that its standard was not compared with.

    Parameters
    ----------
    plan : Plan
    language : {'zh', 'en'}, default 'zh'

    Returns
    -------
    list of str
        Their numbers: national texts, and those for the codes of the plan's regions.
    """
    spec = plan.standard.spec
    verified = ""
    if spec.evidence == "verified":
        verified = spec.sources[spec.source].number
    codes = [str(code) for code in plan.extent.regions]
    numbers = []
    for official in _all_official_texts():
        if official.number.zh == verified:
            continue
        if any(code.startswith(official.region) for code in codes):
            numbers.append(official.number.say(language))
    return numbers


def signed_lines(plan: Plan, language: Language) -> list[str]:
    """Word how much of a standard two readers have confirmed in the official text.

    Parameters
    ----------
    plan : Plan
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        A line; none if nothing was confirmed.
    """
    sign_off = plan.standard.sign_off
    if not sign_off.signed:
        return []
    return [
        say(
            language,
            "account.caption.signed",
            verified=sign_off.verified,
            required=sign_off.required,
            rows=sum(each.signed for each in plan.sets),
        )
    ]


def switch_labels(options: Mapping[str, str], spec: StandardSpec) -> Listed:
    """List the switches of a standard, with their titles and chosen options.

    Parameters
    ----------
    options : mapping of str to str
        The chosen options, by switch.
    spec : StandardSpec

    Returns
    -------
    Listed
    """
    switches = []
    for name, option in options.items():
        title = spec.switch[name].name
        switch = Label(name, title)
        line = text("account.caption.switch", switch=switch, option=option)
        switches.append(line)
    return Listed(tuple(switches), len(switches))
