"""What is said about limits that do not fit, in both languages; the codes are in ``test_distributions``."""

import numpy as np
import pandas as pd
import pytest

from gep.errors import make_problem
from gep.inputs.value_rows import DISTRIBUTIONS, distribution_faults

NONE = np.nan

SAID = [
    (
        (1, 2, 3, "gauss"),
        "'gauss' is not a distribution",
        "没有“gauss”这种分布",
    ),
    (
        (3, 2, 4, ""),
        "value 2, low 3 and high 4 are not in order",
        "value 2、low 3、high 4 的大小次序不对",
    ),
    (
        (3, NONE, 2, ""),
        "value na, low 3 and high 2 are not in order",
        "value na、low 3、high 2 的大小次序不对",
    ),
    (
        (NONE, 2, 3, ""),
        "low is '' and high is '3': one of the two is missing",
        "low 为“”，high 为“3”，缺其中之一",
    ),
    (
        (NONE, 2, NONE, "normal"),
        "distribution normal has neither low nor high",
        "填了分布 normal，却没有 low 和 high",
    ),
    (
        (1, NONE, 3, "uniform"),
        "value is na, and yet low is '1', high is '3' and distribution is 'uniform'",
        "value 为 na，却填了 low“1”、high“3”、distribution“uniform”",
    ),
    (
        (0, 2, 3, "lognormal"),
        "distribution lognormal with low 0, which is not above 0",
        "分布为 lognormal，而 low 为 0，不大于 0",
    ),
    (
        (1, 1.1, 9, "normal"),
        "value 1.1 is far from the middle of low 1 and high 9",
        "value 1.1 偏离 low 1 与 high 9 的中点过多",
    ),
    (
        (1, 1.1, 9, "lognormal"),
        "on the logarithmic scale value 1.1 is far from the middle of low 1 and high 9",
        "取对数后，value 1.1 偏离 low 1 与 high 9 的中点过多",
    ),
]


@pytest.mark.parametrize(("row", "english", "chinese"), SAID, ids=lambda part: str(part)[:40])
def test_a_fault_shows_the_numbers_found(
    row: tuple[float, float, float, str], english: str, chinese: str
) -> None:
    frame = pd.DataFrame([row], columns=["low", "value", "high", "distribution"])
    frame["na"] = frame["value"].isna()
    (fault,) = distribution_faults(frame)
    known = DISTRIBUTIONS[1:]
    problem = make_problem(fault.code, "numbers.csv", fault.message, known=known, **fault.values)
    assert problem.say_what("en") == english
    assert problem.say_what("zh") == chinese
    assert problem.say_fix("en")
    assert problem.say_fix("zh")


def test_rows_of_one_fault_are_told_together_and_sound_rows_are_not() -> None:
    rows = [
        (1, 2, 3, "normal"),
        (5, 2, 3, ""),
        (NONE, 2, NONE, ""),
        (7, 2, 3, "triangular"),
        (1, 10, 100, "lognormal"),
    ]
    frame = pd.DataFrame(rows, columns=["low", "value", "high", "distribution"])
    (fault,) = distribution_faults(frame)
    assert fault.code == "low-high"
    assert fault.rows.tolist() == [1, 3]
    assert fault.values["low"] == "5", "the first of the rows is shown"
