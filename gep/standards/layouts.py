"""What a standard states for its readers: what is still to be checked, and tables in its layout.

The module owns the model of ``[[to_check]]`` and ``[[table]]``. Whether the steps and indicators
that a table names exist is checked in ``gep.standards.standard``; tables are made in
``gep.report.layout_tables``.
"""

from typing import Literal

from pydantic import Field, model_validator

from gep.io.toml_documents import Frozen, TitleField, invalid_value

# How a table is laid out: rows that the standard names, services with their quantities and prices,
# values by ecosystem type, the list of indicators, or areas.
Layout = Literal["rows", "services", "ecosystems", "indicators", "extent"]


class OpenPoint(Frozen):
    """Something that is not known of a text, or was not held against it (待核对事项).

    Attributes
    ----------
    item : Title
        What it is about.
    unknown : Title
        What is unknown, and what is done in the meantime.
    where : Title
        Where to look: a chapter or annex, as it is known.
    """

    item: TitleField
    unknown: TitleField
    where: TitleField


class LayoutRow(Frozen):
    """A row of a table with rows that the standard names.

    Attributes
    ----------
    name : Title
    quantity, value : str
        Full names of steps, whose results it shows.
    at : dict
        Members at which keys of these are fixed, such as ``substance = "COD"``.
    indicators : tuple of str
        Indicators whose values it sums.
    sum : str
        A category, or the id of a total.
    """

    name: TitleField
    quantity: str = ""
    value: str = ""
    at: dict[str, str] = Field(default_factory=dict)
    indicators: tuple[str, ...] = ()
    sum: str = ""

    @model_validator(mode="after")
    def _check_value(self) -> "LayoutRow":
        """Refuse a row without a value, or with several."""
        values = [name for name in ("value", "indicators", "sum") if getattr(self, name)]
        if len(values) != 1:
            raise invalid_value("standards.row-of-values", count=len(values))
        return self


class TableLayout(Frozen):
    """A table for people (附表), beside those that every account has.

    Attributes
    ----------
    id : str
    name : Title
    layout : str
        One of ``Layout``.
    clause : str
        Where the layout is printed.
    row : tuple of LayoutRow
        Rows of the layout ``rows``, in their order.
    """

    id: str
    name: TitleField
    layout: Layout
    clause: str = ""
    row: tuple[LayoutRow, ...] = ()

    @model_validator(mode="after")
    def _check_rows(self) -> "TableLayout":
        """Refuse rows where the layout has its own, and a layout of rows without any."""
        if bool(self.row) != (self.layout == "rows"):
            raise invalid_value("standards.rows-of-layout", layout=self.layout)
        return self
