"""Several years as one Dataset (多年数据集): accounts of one kind along an axis of years."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gep.account.account import Account
from gep.comparison.comparability import check_comparable, differences
from gep.errors import ProblemLog
from gep.io.argument_types import checked_arguments
from gep.io.arguments import several, wrong_argument
from gep.texts.catalogue import Language

if TYPE_CHECKING:
    import xarray as xr

_MAY_DIFFER = ("boundary", "indicators")  # cells that a year does not have are NaN


@checked_arguments
def to_xarray(
    accounts: Account | Sequence[Account], language: Language | None = None
) -> "xr.Dataset":
    """Return the results of several years as one Dataset.

    Parameters
    ----------
    accounts : Account or sequence of Account
        One for each year, of one standard, at prices of one basis; in any order.
    language : {'zh', 'en'}, optional
        Language of names; by default the project's.

    Returns
    -------
    Dataset
        As ``Account.to_xarray``, every variable with the axis ``year`` first. Regions and classes
        are those of all years, NaN where a year does not have them. Attributes that differ between
        years, such as the caption, are listed year by year.

    Raises
    ------
    ProblemsFound
        ``wrong-argument`` for what is no account, ``same-year`` for two accounts of a year,
        ``not-comparable`` where standard, switches, prices or classes differ.

    Examples
    --------
    >>> import gep
    >>> dataset = gep.to_xarray(gep.read_project("examples/beibu-gulf").compute())
    >>> dataset.attrs["measure"]
    'esv'
    """
    import xarray as xr

    listed = several(accounts)
    for account in listed:
        if not isinstance(account, Account):
            raise wrong_argument(account, "accounts", "comparison.not-an-account")
    listed.sort(key=lambda account: account.year)
    problems = ProblemLog()
    years = [account.year for account in listed]
    if not years:
        problems.add("missing-year", "accounts", "comparison.no-account")
        problems.raise_errors()
    for year in sorted({year for year in years if years.count(year) > 1}):
        problems.add("same-year", str(year), "comparison.same-year", year=year)
    problems.raise_errors()
    codes = [[str(code) for code in account.plan.extent.regions] for account in listed]
    differing = differences(listed, codes)
    check_comparable(differing, _MAY_DIFFER, problems)
    problems.raise_errors()
    datasets = [account.to_xarray(language) for account in listed]
    combined: xr.Dataset = xr.concat(
        [dataset.drop_vars(_label_names(dataset)) for dataset in datasets],
        dim="year",
        data_vars="all",
        coords="minimal",
        join="outer",
        combine_attrs="drop_conflicts",
    )
    labels: dict[str, tuple[str, dict[str, str]]] = {}
    for dataset in datasets:  # the latest year names a region
        for name in _label_names(dataset):
            dim = str(dataset.coords[name].dims[0])
            pairs = zip(dataset.coords[dim].values, dataset.coords[name].values, strict=True)
            _, known = labels.setdefault(name, (dim, {}))
            known.update((str(member), str(label)) for member, label in pairs)
    for name, (dim, known) in labels.items():
        words = [known.get(str(member), "") for member in combined.coords[dim].values]
        combined = combined.assign_coords({name: (dim, words)})
    for name in datasets[0].attrs:
        if name not in combined.attrs:
            pairs = zip(years, datasets, strict=True)
            lines = [f"{year}: {dataset.attrs.get(name, '')}" for year, dataset in pairs]
            combined.attrs[name] = "\n".join(lines)
    return combined


def _label_names(dataset: "xr.Dataset") -> list[str]:
    """Return the coordinates that name the members of a dim."""
    names = []
    for name, coordinate in dataset.coords.items():
        if coordinate.ndim == 1 and name not in dataset.dims:
            names.append(str(name))
    return names
