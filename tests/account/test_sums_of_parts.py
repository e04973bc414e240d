"""A step that is not additive marks every step, category and total above it, and nothing else."""

from pathlib import Path

from support.small import Small


def test_the_mark_of_a_step_is_passed_on(tmp_path: Path) -> None:
    account = Small().account(tmp_path)
    assert account.plan.sums_of_parts == {"air.purified", "air.value"}
    assert account.sums.sums_of_parts == {"regulating", "total", "total:without_visit"}


def test_without_such_a_step_nothing_is_marked(tmp_path: Path) -> None:
    standard = Small().standard.replace("additive = false\n", "")
    account = Small(standard=standard).account(tmp_path)
    assert account.plan.sums_of_parts == frozenset()
    assert account.sums.sums_of_parts == frozenset()


def test_a_total_without_the_step_has_no_mark(tmp_path: Path) -> None:
    before = 'indicators = ["farm", "water", "air", "soil"]'
    standard = Small().standard.replace(before, 'indicators = ["farm", "water", "soil"]')
    account = Small(standard=standard).account(tmp_path)
    assert account.sums.sums_of_parts == {"regulating", "total"}
