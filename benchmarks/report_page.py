"""The report page: its time beside that of the account, and its size for 100 counties and five years.

``python benchmarks/report_page.py``: exit status 1 where the page of jiangxi-counties takes more
than the account (check, plan and results) and two seconds, or the page of five years of it is too large.
"""

import csv
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import gep
from gep.project.project import check_project
from gep.report.figures.hexagon_grid import place
from gep.report.pages.account_page import AccountEdition, account_page
from gep.report.pages.page import render_page
from gep.workflows.run import ProjectRun, compute_run

EXAMPLE = Path(__file__).parents[1] / "examples" / "jiangxi-counties"
YEARS = (2015, 2016, 2017, 2018, 2019)
SPARE = 2.0  # seconds beyond the time of the account
MOST_BYTES = 3_000_000
RUNS = 3
GROWTH = 0.01  # of areas from year to year, up or down by region


def main() -> int:
    """Both measurements; the exit status."""
    account, page, size = measured(EXAMPLE)
    is_fast = page <= account + SPARE
    print(f"jiangxi-counties: account {account:.2f} s, page {page:.2f} s, {size / 1e6:.2f} MB")
    with tempfile.TemporaryDirectory() as folder:
        project = of_five_years(Path(folder) / "five-years")
        account, page, size = measured(project)
    is_small = size < MOST_BYTES
    print(f"five years of it: account {account:.2f} s, page {page:.2f} s, {size / 1e6:.2f} MB")
    verdict = "pass" if is_fast and is_small else "FAIL"
    print(f"limits: account + {SPARE:.0f} s, {MOST_BYTES / 1e6:.0f} MB: {verdict}")
    return int(verdict == "FAIL")


def measured(project: Path) -> tuple[float, float, int]:
    """Seconds of the processor for the account and for its page, and the bytes of the page."""
    account_times, page_times = [], []
    size = 0
    for _ in range(RUNS):
        place.cache_clear()
        start = time.process_time()
        run = computed(project)
        middle = time.process_time()
        size = len(rendered(run).encode("utf-8"))
        account_times.append(middle - start)
        page_times.append(time.process_time() - middle)
    return median(account_times), median(page_times), size


def computed(folder: Path) -> ProjectRun:
    """The accounts of a project, as ``gep run`` computes them before it writes."""
    project, plans = check_project(folder)
    run = compute_run(project, plans, folder / "out")
    for account in run.accounts:
        assert account.sums.has_values
    return run


def rendered(run: ProjectRun) -> str:
    """The page of a run."""
    edition = AccountEdition(run.warnings, run.uncertainty)
    return render_page(account_page(run.project, run.accounts, edition, ["summary.csv"]))


def of_five_years(folder: Path) -> Path:
    """A copy of the example with areas of five years, made up by growth."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("out"))
    areas = folder / "areas.csv"
    with areas.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with areas.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for year in YEARS:
            for number, row in enumerate(rows):
                change = GROWTH * (year - YEARS[-1]) * (number % 7 - 3) / 3
                area = f"{float(row['area']) * (1 + change):.3f}"
                writer.writerow({**row, "year": str(year), "area": area})
    settings = folder / "project.toml"
    text = settings.read_text(encoding="utf-8")
    assert "years = [2019]" in text
    years = ", ".join(map(str, YEARS))
    settings.write_text(text.replace("years = [2019]", f"years = [{years}]"), encoding="utf-8")
    return folder


if __name__ == "__main__":
    gep.read_standard("xie-2015")  # what is loaded once counts for neither
    sys.exit(main())
