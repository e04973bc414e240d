"""The time of a workbook beside that of its account: at most 3 times as long, plus 2 seconds.

Run as ``python benchmarks/workbook.py [PROJECT]``; the project is ``examples/jiangxi-counties``
by default. Account and workbook are timed in turn in one process, and the best of each counts. The
last line is the verdict; the exit status is 1 if the workbook takes longer.
"""

import sys
import tempfile
import time
from pathlib import Path

from gep.project.project import check_project
from gep.report.account_workbook import save_account_workbook
from gep.workflows.run import compute_run, tables_of

ROOT = Path(__file__).parents[1]
TIMES = 3  # of the account
EXTRA = 2.0  # seconds
ROUNDS = 3


def time_account(folder: Path) -> float:
    """Return the seconds that a project takes from its files to the tables of its results."""
    start = time.perf_counter()
    project, plans = check_project(folder, allow_code=True)
    result = compute_run(project, plans, folder / "out")
    tables_of(result.accounts)
    return time.perf_counter() - start


def time_workbook(folder: Path, path: Path) -> float:
    """Return the seconds that the workbook of a computed account takes."""
    project, plans = check_project(folder, allow_code=True)
    result = compute_run(project, plans, folder / "out")
    start = time.perf_counter()
    save_account_workbook(path, project, result.accounts, result.warnings)
    return time.perf_counter() - start


def main() -> int:
    """Time both, and print what they took."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "examples" / "jiangxi-counties"
    accounts = []
    workbooks = []
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(ROUNDS):
            accounts.append(time_account(folder))
            workbooks.append(time_workbook(folder, Path(scratch) / f"{number}.xlsx"))
            print(
                f"round {number + 1}: account {accounts[-1]:.2f} s, workbook {workbooks[-1]:.2f} s"
            )
        size = (Path(scratch) / "0.xlsx").stat().st_size
    account, workbook = min(accounts), min(workbooks)
    limit = TIMES * account + EXTRA
    is_met = workbook <= limit
    print(
        f"workbook of {folder.name}: {size / 1e6:.2f} MB, {workbook / account:.2f} times the account"
    )
    verdict = "met" if is_met else "MISSED"
    print(
        f"{verdict}: {workbook:.2f} s of at most {TIMES} x {account:.2f} s + {EXTRA:.0f} s = {limit:.2f} s"
    )
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
