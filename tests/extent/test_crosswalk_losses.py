"""What a crosswalk cannot tell any more, or takes on trust."""

import pandas as pd
import pytest

from gep.errors import ProblemLog
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.extent.crosswalk import losses, read_crosswalk

PRODUCTS = (
    "third-survey",
    "cnlucd",
    "clcd",
    "globeland30",
    "worldcover",
    "igbp",
    "from-glc",
    "dynamic-world",
)
TARGETS = {"hj1166": "hj1166-2021", "xie-2003": "xie-2003", "xie-2015": "xie-2015"}


def scheme_of(target: str) -> ClassScheme:
    problems = ProblemLog()
    scheme = load_class_scheme(TARGETS[target], None, target, problems)
    assert scheme is not None
    assert not problems.errors
    return scheme


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("target", TARGETS)
def test_every_product_leads_to_every_scheme(product: str, target: str) -> None:
    """All classes of a product are in all its crosswalks, with the same codes."""
    scheme = scheme_of(target)
    crosswalk = read_crosswalk(f"{product}-to-{target}", scheme)
    first = read_crosswalk(f"{product}-to-hj1166", scheme_of("hj1166"))
    codes = crosswalk.frame[["class", "code"]].drop_duplicates()
    expected = first.frame[["class", "code"]].drop_duplicates()
    assert sorted(map(tuple, codes.to_numpy())) == sorted(map(tuple, expected.to_numpy()))
    assert codes["code"].is_unique
    assert set(crosswalk.frame["grade"])
    assert (crosswalk.frame["locator"] != "").all()


def test_each_kind_of_loss_is_named() -> None:
    """Two classes in one type, shares, a type above others, a class left out; nothing else."""
    rows = pd.DataFrame(
        [
            ("gravel", "bare_land", 1.0),
            ("rock", "bare_land", 1.0),
            ("mosaic", "paddy", 0.25),
            ("mosaic", "tea_plantation", 0.75),
            ("shrub", "sparse_grassland", 1.0),
            ("fruit", "fruit_orchard", 1.0),
            ("sea", "na", 1.0),
        ],
        columns=["class", "ecosystem", "share"],
    )
    table = losses(rows, scheme_of("hj1166"))
    assert table.to_numpy().tolist() == [
        ["merged", "gravel, rock", "bare_land"],
        ["shared", "mosaic", "paddy 0.25, tea_plantation 0.75"],
        ["undivided", "fruit", "fruit_orchard: navel_orange_orchard, other_fruit_orchard"],
        ["left-out", "sea", "na"],
    ]


def test_a_crosswalk_that_loses_nothing_has_no_row() -> None:
    rows = pd.DataFrame([("a", "tea_plantation", 1.0)], columns=["class", "ecosystem", "share"])
    assert losses(rows, scheme_of("hj1166")).empty
