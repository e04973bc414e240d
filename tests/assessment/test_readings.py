"""Where a reading comes from, in words."""

import pytest

from gep.assessment.readings import reading_place
from gep.texts.catalogue import Label, Language, text


@pytest.mark.parametrize(
    ("where", "language", "words"),
    [
        ("readings.csv row 4", "en", "readings.csv row 4"),
        ("readings.csv row 4", "zh", "readings.csv 第 4 行"),
        ("book.xlsx#a row b row 12", "zh", "book.xlsx#a row b 第 12 行"),
        ("account 2020 constant:2015 total", "zh", "2020 年账户，口径 constant:2015，total"),
        ("scheme yearly/total 2020", "zh", "方案 yearly/total，2020 年"),
        ("a.csv row 3 against a.csv row 2", "zh", "a.csv 第 3 行，与 a.csv 第 2 行 相比"),
        ("a.csv row 3 against a.csv row 2", "en", "a.csv row 3 against a.csv row 2"),
        (
            "mean of 2 years: a.csv row 2; a.csv row 3",
            "zh",
            "2 年的平均：a.csv 第 2 行、a.csv 第 3 行",
        ),
    ],
)
def test_places_of_readings_are_worded(where: str, language: Language, words: str) -> None:
    place = reading_place(where)
    assert not isinstance(place, str)
    assert place.say(language) == words


@pytest.mark.parametrize("where", ["", "regions", "row 3"])
def test_other_places_stay_as_they_are(where: str) -> None:
    assert reading_place(where) == where
    label = text("problem.in-file", file="a", column="")
    assert reading_place(label) is label
    assert reading_place(Label("a")) == Label("a")
