"""The account (核算账户): a plan and its results, with the tables and explanations people read.

Sits on top of ``EvaluatedPlan`` and only presents what it holds. Also here: ``compute``, which
makes an account from inputs in one call.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from gep.account.caption import caption, category_title
from gep.account.columns import ParentRegions, columns_of
from gep.account.evaluation import EvaluatedPlan, evaluate, settled
from gep.account.explanation import Explanation, explain
from gep.account.frames import (
    Wide,
    account_dataset,
    region_codes,
    select_year,
    step_title,
    wide_frame,
    with_names,
    with_status,
)
from gep.account.lines import TOTAL, suggest_label
from gep.account.result_tables import (
    ACCOUNT_COLUMNS,
    ECOSYSTEM_COLUMNS,
    QUANTITY,
    long_table,
    summary_table,
)
from gep.errors import ProblemsFound, make_problem
from gep.extent.areas import Areas
from gep.extent.blocks import ProgressShare
from gep.extent.crosswalk import Crosswalk
from gep.extent.regions import Regions
from gep.extent.table_extent import Coverage
from gep.inputs.data import Data
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument
from gep.io.notebook import html_table
from gep.plan.build import SetArgument, make_plan
from gep.plan.plan import Plan
from gep.standards.standard import CATEGORIES, Standard
from gep.texts.catalogue import Label, Language, counted, locale_language, say, text

if TYPE_CHECKING:
    import xarray as xr


_ROWS_SHOWN = 12  # regions that a notebook shows


class Quantity(NamedTuple):
    """A physical quantity (功能量) of a region or parent.

    Attributes
    ----------
    title : str
        Indicator and step, in one language.
    member : str
        Such as ``substance=SO2``; blank if there is one quantity only.
    value : float or str
        In ``unit``; ``na`` or ``not_compiled``.
    unit : str
    additive : bool
        False: the figure of a parent is a sum of parts.
    """

    title: str
    member: str
    value: float | str
    unit: str
    additive: bool


class Account(EvaluatedPlan):
    """An account: one standard, one year, many regions.

    ``gep.compute`` makes one from inputs, ``account_from_plan`` from a plan. Figures are in
    ``block``, ``sums`` and ``marks`` (see ``EvaluatedPlan``); the methods here present them.

    Examples
    --------
    >>> import gep
    >>> gep.read_project("examples/beibu-gulf").compute(2014)[0]
    <Account of xie-2015 (esv), 2014, 1 region, 12 steps, 10^4 CNY>
    """

    def __repr__(self) -> str:
        """Return a line: standard, year, size, what it measures."""
        spec = self.plan.standard.spec
        regions = counted(len(self.plan.extent.regions), "region")
        size = f"{regions}, {counted(len(self.plan.steps), 'step')}"
        return f"<Account of {spec.id} ({spec.measure}), {self.year}, {size}, {spec.unit}>"

    def _repr_html_(self) -> str:
        """Return the caption, and the totals of the topmost regions, as a notebook shows them."""
        language = locale_language()
        wide: Wide = "category" if self.sums.has_values else "step"
        table = self.frame(wide=wide, names=True, language=language)
        whole = f'.frame(wide="{wide}")'
        return html_table(
            self.caption(language),
            table.iloc[::-1],
            name=repr(self),
            whole=whole,
            language=language,
        )

    @checked_arguments
    def frame(
        self,
        *,
        year: int | str | None = None,
        region: str | int | Sequence[str | int] | None = None,
        names: bool = False,
        wide: Wide | None = None,
        language: Language | None = None,
    ) -> pd.DataFrame:
        """Return the results as numbers, a row for each region and parent, step and item.

        The rows are those of ``account.csv``; a file says ``na`` and ``not_compiled`` where this
        table has NaN and a ``status``.

        Parameters
        ----------
        year : int or str, optional
            The account's year; for scripts that pass it along.
        region : str, int or sequence of these, optional
            Codes or names of regions and parents; all by default.
        names : bool, default False
            Whether each column of ids is followed by one of names (``region_name`` ...).
        wide : {'indicator', 'category', 'step'}, optional
            A wide table instead: index ``region``, a column for each indicator, category or step.
        language : {'zh', 'en'}, optional
            Language of the names; by default the project's.

        Returns
        -------
        DataFrame
            ``year``, ``region``, ``level`` (region or parent), ``category``, ``indicator``,
            ``step``, ``item``, ``kind`` (value, quantity, auxiliary), ``value`` (float, in
            ``unit``), ``status`` (number, none, not_compiled), ``unit``. Wide: floats; values are
            in the standard's unit (``attrs["units"]``), steps in the unit of their column.

        Raises
        ------
        ProblemsFound
            ``wrong-argument``, ``missing-year``, ``unknown-region``, and ``unknown-option`` for
            categories or indicators of an account that values nothing.

        Examples
        --------
        >>> import gep
        >>> (account,) = gep.read_project("examples/beibu-gulf").compute(2014)
        >>> named = account.frame(region="广西北部湾沿岸地区", names=True)
        >>> named["indicator_name"].head(3).to_list()
        ['食物生产', '原料生产', '水资源供给']
        >>> account.frame(wide="indicator")["food_production"].round(1)  # in 10^4 CNY
        region
        beibu-gulf    174297.1
        Name: food_production, dtype: float64
        """
        select_year(self, year)
        codes = region_codes(self, region)
        spoken = language or self.plan.language
        if wide is not None:
            frame = wide_frame(self, wide, codes)
            if names and self.plan.regions is not None:
                titles = [self.plan.regions.name(str(code), spoken) for code in frame.index]
                frame = frame.set_index(pd.Index(titles, name="region_name"), append=True)
            return frame
        table = long_table(self.plan, self.block, self.parents, ACCOUNT_COLUMNS)
        frame = with_status(table, "value")
        if codes is not None:
            frame = frame[frame["region"].isin(codes).to_numpy()].reset_index(drop=True)
        return with_names(frame, self, spoken) if names else frame

    def by_ecosystem(self) -> pd.DataFrame:
        """Return the results by ecosystem type: the rows of ``by_ecosystem.csv``, regions only.

        Returns
        -------
        DataFrame
            As ``frame``, and ``ecosystem``: ``unallocated`` where a step has none, so that the rows
            sum to the account.
        """
        block = columns_of(self.plan, self.results, by_ecosystem=True)
        table = long_table(self.plan, block, ParentRegions((), ()), ECOSYSTEM_COLUMNS)
        return with_status(table, "value")

    def summary(self) -> pd.DataFrame:
        """Return categories and totals, per km2 and per person: the rows of ``summary.csv``.

        An account that values nothing has its physical quantities in the place of categories.

        Returns
        -------
        DataFrame
            ``year``, ``region``, ``level``, ``category``, ``value`` (float, in ``unit``),
            ``status``, ``unit``, ``per_km2``, ``per_capita`` (in ``unit`` per km2 and per person;
            NaN where area or population is not known), ``share`` (0 to 1, of the headline).
        """
        table = summary_table(self.plan, self.sums, self.block)
        return with_status(
            table,
            "value",
            "per_km2",
            "per_capita",
            "share",
        )

    @checked_arguments
    def total(self, region: str | int, name: str = TOTAL) -> float:
        """Return a total or category of a region or parent.

        Parameters
        ----------
        region : str or int
            Code or name of a region or parent.
        name : str, default 'total'
            ``total`` for the headline, a category, or ``total:<id>``; see ``sums.names``.

        Returns
        -------
        float
            In the standard's unit; NaN if the sum is ``na`` or not compiled.

        Raises
        ------
        ProblemsFound
            ``unknown-region`` or ``unknown-id`` if the account does not have the region or the sum.
        """
        row = self.region_row(region)
        if name not in self.sums.names:
            raise self._unknown_total(name)
        column = self.sums.names.index(name)
        if not self.sums.valid[row, column]:
            return float("nan")
        if self.sums.gap[row, column]:
            return float("nan")
        return float(self.sums.values[row, column])

    def _unknown_total(self, name: str) -> ProblemsFound:
        """Make the error for a total or category that the account does not have."""
        labels: dict[str, Label] = {}
        for category in (*CATEGORIES, TOTAL):
            labels[category] = Label(category, text(f"account.category.{category}"))
        for total in self.plan.standard.spec.total:
            labels[f"{TOTAL}:{total.id}"] = Label(f"{TOTAL}:{total.id}", total.name)
        known = {label: labels[label] for label in self.sums.names}
        problem = make_problem(
            "unknown-id",
            "name",
            "account.unknown-total",
            asked=name,
            suggestion=suggest_label(name, known),
        )
        return ProblemsFound([problem])

    @checked_arguments
    def table(self, region: str | int | None = None, language: Language = "zh") -> pd.DataFrame:
        """Return the standard's own table of a region, rounded to six figures for people.

        Parameters
        ----------
        region : str or int, optional
            Code or name of a region or parent; by default the topmost parent, else the last region.
        language : {'zh', 'en'}, default 'zh'

        Returns
        -------
        DataFrame
            A row for each step and item that is not auxiliary: category, item of account, member,
            value, unit, share of the headline (0 to 1, NaN for quantities). ``value`` holds
            numbers, ``na`` or ``not_compiled``. ``attrs["caption"]`` says what the table is. A
            title with * marks a parent's figure that is a sum of parts, because its step is not
            additive.

        Raises
        ------
        ProblemsFound
            ``unknown-region`` if the account does not have the region.
        """
        row = len(self.sums.codes) - 1 if region is None else self.region_row(region)
        code = str(self.sums.codes[row])
        is_parent = code not in self.plan.extent.regions
        cells = self.block.cells()[row]
        total = self.total(code)
        has_sum_of_parts = False
        lines = []
        for position, column in enumerate(self.block.columns.itertuples()):
            if column.kind == "auxiliary":
                continue
            if not self.block.present[row, position]:
                continue
            title = self.column_title(column, language)
            if is_parent and not column.additive:
                title += " *"
                has_sum_of_parts = True
            cell = cells[position]
            value = cell
            share = np.nan
            if not isinstance(cell, str):
                value = _rounded(cell)
                if column.kind == "value" and total:
                    share = cell * column.scale / total
            category = ""
            if column.category:
                category = category_title(column.category, language)
            lines.append(
                (
                    category,
                    title,
                    column.item,
                    value,
                    column.unit,
                    _rounded(share),
                )
            )
        names = ("category", "item", "member", "value", "unit", "share")
        headings = [say(language, f"account.table.{name}") for name in names]
        frame = pd.DataFrame(lines, columns=headings)
        frame.attrs["caption"] = self.caption(language)
        if has_sum_of_parts:
            frame.attrs["caption"].append(say(language, "account.table.sum-of-parts"))
        return frame

    @checked_arguments
    def quantities(self, region: str | int, language: Language = "zh") -> list[Quantity]:
        """Return the physical quantities of a region, in the order of the standard.

        Parameters
        ----------
        region : str or int
            Code or name of a region or parent.
        language : {'zh', 'en'}, default 'zh'

        Returns
        -------
        list of Quantity

        Raises
        ------
        ProblemsFound
            ``unknown-region`` if the account does not have the region.
        """
        row = self.region_row(region)
        cells = self.block.cells()[row]
        quantities = []
        for position, column in enumerate(self.block.columns.itertuples()):
            if column.kind != QUANTITY or not self.block.present[row, position]:
                continue
            quantity = Quantity(
                title=self.column_title(column, language),
                member=str(column.item),
                value=cells[position],
                unit=str(column.unit),
                additive=bool(column.additive),
            )
            quantities.append(quantity)
        return quantities

    def column_title(self, column: Any, language: Language) -> str:
        """Return the title of a column of ``block``: indicator and step.

        Parameters
        ----------
        column : Series or namedtuple
            A row of ``block.columns``.
        language : {'zh', 'en'}

        Returns
        -------
        str
        """
        name = column.step
        if column.indicator:
            name = f"{column.indicator}.{column.step}"
        return step_title(self.plan.step(name), language)

    @checked_arguments
    def caption(self, language: Language = "zh") -> list[str]:
        """Return what must be said above every table, a line each; see ``gep.account.caption``."""
        warnings = [*self.plan.warnings, *self.warnings]
        return caption(self.plan, self.shares(), language, warnings)

    @checked_arguments
    def explain(self, indicator: str, region: str | int, language: Language = "en") -> Explanation:
        """Take the value of an indicator apart: formula, inputs, cells, rows, sources.

        Parameters
        ----------
        indicator : str
            Id or name of an indicator of the standard.
        region : str or int
            Code or name of a region or parent.
        language : {'zh', 'en'}, default 'en'

        Returns
        -------
        Explanation
            ``str()`` of it is the text that ``gep explain`` prints.

        Raises
        ------
        ProblemsFound
            ``unknown-indicator`` or ``unknown-region``.
        """
        return explain(self, indicator, region, language)

    @checked_arguments
    def to_xarray(self, language: Language | None = None) -> "xr.Dataset":
        """Return the results as a Dataset that keeps what the numbers are.

        Parameters
        ----------
        language : {'zh', 'en'}, optional
            Language of names; by default the project's.

        Returns
        -------
        Dataset
            A variable for each step (``indicator__step``) over its dims (``region``, ``ecosystem``
            and keys), in its own unit, and for each category and total over ``region``; NaN where
            there is no number. Attributes of a variable: ``units``, ``long_name``, ``kind``,
            ``measure``, ``standard``, ``price_basis``, ``state``, and ``not_compiled`` (codes of
            regions). Coordinates: ``year``, ``region_name``, ``parent`` (``parent_2`` above it),
            ``ecosystem_name``; sums of parents are sums over their regions. Attributes of the
            Dataset: ``measure``, ``standard``, ``price_basis``, ``price_year``, ``state``, the
            caption and others.

        See Also
        --------
        gep.to_xarray : Several years.

        Examples
        --------
        >>> import gep
        >>> (account,) = gep.read_project("examples/beibu-gulf").compute(2014)
        >>> total = account.to_xarray()["total"]
        >>> float(total.sel(region="beibu-gulf").round(1))
        5398465.5
        >>> total.attrs["units"], total.attrs["measure"]  # not a GEP
        ('10^4 CNY', 'esv')
        """
        return account_dataset(self, language or self.plan.language)


def _rounded(value: float) -> float:
    """Round to six figures."""
    return float(f"{value:.6g}")


@checked_arguments
def compute(
    *,
    standard: Standard | str | Path,
    areas: Areas | TableArgument,
    year: int | None = None,
    data: Data | TableArgument | Sequence[TableArgument] = (),
    coefficients: SetArgument | Sequence[SetArgument] = (),
    crosswalk: Crosswalk | TableArgument | None = None,
    regions: Regions | TableArgument | None = None,
    switches: Mapping[str, str] | None = None,
    price_year: int | None = None,
    coverage: Coverage = "whole",
    allow_placeholder: bool = False,
    allow_transfer: bool = False,
    allow_code: bool = False,
    partial: bool = False,
    base: str | Path | None = None,
) -> Account:
    """Compute an account: bind a standard to areas, data and coefficients, and evaluate it.

    All arguments are those of ``gep.make_plan``.

    Parameters
    ----------
    standard : Standard, str or Path
        A standard, or its id or path.
    areas : Areas, str, Path, DataFrame or xarray object
        Areas by region, year and class, of one or more years, each in its own unit: what
        ``gep.read_areas`` returned, the path of a table, or a table in the columns of
        ``areas.csv`` or with named axes (docs/zh/how-to/python.md). Codes of regions may be whole
        numbers, where no zero was lost.
    year : int, optional
        The year of the account; may be left out if the areas are of one year. Tables without a
        year are of this one.
    data : Data, str, Path, DataFrame, xarray object or sequence of these, optional
        Data by region, year and name, each in its own unit, in the same ways.
    coefficients : CoefficientSet, str, Path, DataFrame or sequence of these, optional
        Coefficient sets, or their ids or paths, or tables in the columns of a set. The standard's
        own sets follow them; the first set that has a row supplies the number.
    crosswalk : Crosswalk, str, Path, DataFrame or xarray object, optional
        The crosswalk from the classes of the areas to ecosystem types: its id, path or table.
    regions : Regions, str, Path, DataFrame or xarray object, optional
        Table of regions, or its path; gives names, parents, land area (km2) and population
        (persons).
    switches : mapping of str to str, optional
        Options of the standard's switches; the others keep their defaults.
    price_year : int, optional
        Constant prices of that year; by default prices are those of the account's year.
    coverage : {'whole', 'part'}, default 'whole'
        Whether the areas cover the regions, or a part of them only, such as forests.
    allow_placeholder : bool, default False
        Whether made-up numbers may be used.
    allow_transfer : bool, default False
        Whether numbers may be used outside the scope of their set (value transfer).
    allow_code : bool, default False
        Whether methods that do not ship with gep may run.
    partial : bool, default False
        Whether to compute what can be computed if data or coefficients are missing. What they
        would be needed for is ``not_compiled``, and totals over it are withheld.
    base : str or Path, optional
        The folder that relative paths start from and must not leave; by default the user's own
        working folder.

    Returns
    -------
    Account

    Raises
    ------
    ProblemsFound
        All problems of the inputs at once, before anything is computed: ``missing-data``,
        ``missing-coefficient``, ``bad-year``, ``missing-year``, ``unknown-region``,
        ``unknown-class``, ``unknown-switch``, ``unknown-option``, ``placeholder``,
        ``value-transfer``, ``code-not-allowed``, those of units and prices, and others of
        docs/zh/reference/problems.md. When methods run: ``method-failed``, ``not-finite-result``.

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> folder = "examples/beibu-gulf"
    >>> areas = pd.read_csv(f"{folder}/areas.csv", dtype={"region": str})
    >>> account = gep.compute(
    ...     standard="xie-2015",
    ...     areas=areas,
    ...     year=2014,
    ...     price_year=2010,
    ...     crosswalk=f"{folder}/crosswalk.csv",
    ... )
    >>> account.year
    2014
    """
    plan = make_plan(
        standard=standard,
        areas=areas,
        year=year,
        data=data,
        coefficients=coefficients,
        crosswalk=crosswalk,
        regions=regions,
        switches=switches,
        price_year=price_year,
        coverage=coverage,
        allow_placeholder=allow_placeholder,
        allow_transfer=allow_transfer,
        allow_code=allow_code,
        partial=partial,
        base=base,
    )
    return account_from_plan(plan)


def account_from_plan(plan: Plan, progress: ProgressShare | None = None) -> Account:
    """Evaluate a plan.

    Parameters
    ----------
    plan : Plan
    progress : callable, optional
        Is called with the share of the rasters that is done.

    Returns
    -------
    Account

    Raises
    ------
    ProblemsFound
        ``method-failed`` or ``not-finite-result``; see ``gep.account.evaluation.evaluate``.
    """
    plan = settled(plan, progress)
    return Account(plan, evaluate(plan))
