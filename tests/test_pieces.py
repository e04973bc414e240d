"""Results of many regions are written in pieces, so that memory does not grow with the tables."""

from pathlib import Path

import pandas as pd
import pytest

import gep
from gep import project, results


def test_pieces_are_the_whole(villages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gep.run(villages, tmp_path / "whole", allow_code=True)
    monkeypatch.setattr(results, "_CELLS_AT_ONCE", 1)
    _, plans = project.check(villages, allow_code=True)
    accounts = [project.account_of(plan) for plan in plans]
    assert sum(name == "by_ecosystem.csv" for name, _ in project.pieces_of(accounts)) > 1
    gep.run(villages, tmp_path / "pieces", allow_code=True)
    for name in ("account.csv", "by_ecosystem.csv", "summary.csv", "plan.csv"):
        assert (tmp_path / "pieces" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    whole = pd.concat([one.by_ecosystem() for one in accounts], ignore_index=True)
    pd.testing.assert_frame_equal(project.tables_of(accounts)["by_ecosystem.csv"], whole)
