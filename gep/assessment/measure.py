"""What values of the accounts are called (核算口径的名称): ecosystem service value is never GEP.

A scheme names its indicators as its author did. Where they read accounts by unit values, such as
equivalent factors (当量因子法), the words for GEP and its ratio to GDP (GGI, 绿金指数) in these
names give way to words for what the accounts measure. GEEP tells its items apart itself.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

from gep.account.caption import spec_measure_title
from gep.assessment.context import AssessmentContext
from gep.assessment.readings import Reading
from gep.assessment.scheme import Assessment, Scheme
from gep.io.toml_documents import Source, Title
from gep.texts.catalogue import LANGUAGES, Language, say, text

_NAMED_BY_ITSELF = ("geep", "balance")  # kinds whose items are not named by the scheme alone
_CHINESE = re.compile("[\u4e00-\u9fff]")

Part = TypeVar("Part")


def named_by_measure(scheme: Scheme, context: AssessmentContext) -> Scheme:
    """Name what a scheme reads from the accounts by what they measure.

    Parameters
    ----------
    scheme : Scheme
    context : AssessmentContext

    Returns
    -------
    Scheme
        The scheme itself if the accounts are of GEP, or if it reads none of them. Else titles say
        ecosystem service value in place of GEP, but for parts that read no account: GEP of a table
        of readings keeps its name.
    """
    if not _is_misnamed(scheme, context):
        return scheme
    renamed: Scheme = _renamed(scheme)
    return renamed


def with_measure(assessment: Assessment, context: AssessmentContext) -> Assessment:
    """Say in the caption what the accounts measure, where it is not GEP and was read.

    Parameters
    ----------
    assessment : Assessment
    context : AssessmentContext

    Returns
    -------
    Assessment
    """
    standard = context.account_standard
    if standard is None or not _is_misnamed(assessment.scheme, context):
        return assessment
    measure = Title(zh=spec_measure_title(standard, "zh"), en=spec_measure_title(standard, "en"))
    line = text("assessment.not-gep.caption", measure=measure)
    return dataclasses.replace(assessment, caption=(line, *assessment.caption))


def _is_misnamed(scheme: Scheme, context: AssessmentContext) -> bool:
    """Return whether a scheme reads accounts that are not of GEP, and names what it reads."""
    standard = context.account_standard
    if standard is None or standard.measure == "gep" or scheme.spec.kind in _NAMED_BY_ITSELF:
        return False
    return any(reading.account for reading in _readings(scheme))


def _fields(part: object) -> dict[str, Any]:
    """Return the fields of a part of a scheme by name; none where it has no parts itself."""
    if isinstance(part, BaseModel):
        return {name: getattr(part, name) for name in type(part).model_fields}
    if is_dataclass(part) and not isinstance(part, type):
        return {
            item.name: getattr(part, item.name) for item in dataclasses.fields(part) if item.init
        }
    return {}


def _readings(part: object) -> Iterator[Reading]:
    """Yield all readings of a scheme or a part of it."""
    if isinstance(part, Reading):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _readings(item)
    elif isinstance(part, Mapping):
        yield from _readings(tuple(part.values()))
    else:
        yield from _readings(tuple(_fields(part).values()))


def _renamed(part: Part) -> Part:
    """Return a part of a scheme with its titles renamed, and those of all that it holds."""
    renamed: Any = part
    if isinstance(part, Title):
        renamed = Title(zh=_reworded(part.zh), en=_reworded(part.en))
    elif isinstance(part, tuple) and type(part) is tuple:
        renamed = tuple(_renamed(item) for item in part)
    elif isinstance(part, dict):
        renamed = {key: _renamed(item) for key, item in part.items()}
    elif not isinstance(part, Source) and not _reads_other(part):
        changes = {}
        for name, value in _fields(part).items():
            new = _renamed(value)
            if new is not value:
                changes[name] = new
        if changes and isinstance(part, BaseModel):
            renamed = part.model_copy(update=changes)
        elif changes:
            renamed = dataclasses.replace(renamed, **changes)
    result: Part = renamed
    return result


def _reads_other(part: object) -> bool:
    """Return whether a part of a scheme reads something that is no account."""
    reading = getattr(part, "reading", None)
    return isinstance(reading, Reading) and not reading.account


@cache
def _pattern(names: str, short: str) -> re.Pattern[str]:
    """Return what finds names of a value in both languages, each with a short form or by itself.

    Letters around the short form make another word of it, such as GEEP; Chinese characters do not.
    """
    words = "|".join(say(language, names) for language in LANGUAGES)
    with_short = rf"(?:{words})\s*[（(]\s*{short}\s*[)）]"
    alone = rf"(?<![A-Za-z]){short}(?![A-Za-z])"
    return re.compile(f"{with_short}|{words}|{alone}", re.IGNORECASE)


def _reworded(words: str) -> str:
    """Return words with those for GGI and GEP replaced, in the language that they are in."""
    # a title in one language stands for both
    language: Language = "zh" if _CHINESE.search(words) else "en"
    for name, short in (("ratio", "GGI"), ("value", "GEP")):
        new = say(language, f"assessment.not-gep.{name}")
        words = _pattern(f"assessment.not-gep.{name}-names", short).sub(new, words)
        if words.startswith(new):
            words = new[0].upper() + words[1:]
    return words
