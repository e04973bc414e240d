"""The lines of an explanation that tell what was computed at pixels (逐像元核算的文字).

What they tell is found by ``gep.account.pixel_explanation``.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gep.account.pixel_explanation import PixelExplanation
from gep.texts.catalogue import Language, Listed, Text, say, text

_SHOWN_BLOCKS = 10
_NAMED_LAYERS = 4
_OF_EVERY_BLOCK = ("row", "column", "pixels", "area", "amount")
_SAME = 1e-9  # of the area of pixels that are alike


def pixel_step_lines(
    pixels: PixelExplanation, unit: str, language: Language, *, summed: bool
) -> list[str]:
    """Word what was computed at pixels: how many there are, sums of blocks, a sample pixel.

    Parameters
    ----------
    pixels : PixelExplanation
    unit : str
        The unit of the step.
    language : {'zh', 'en'}
    summed : bool
        Whether the amounts of blocks are summed, and not means.

    Returns
    -------
    list of str
    """
    evaluated = say(
        language,
        "account.pixels.evaluated-at",
        pixel_count=pixels.pixels,
        area=_area(pixels),
        land_cover=pixels.land_cover,
        layers=Listed(pixels.layers, _NAMED_LAYERS),
    )
    lines = [evaluated]
    if pixels.without:
        lines.append(say(language, "account.pixels.without", without=pixels.without))
    if len(pixels.blocks):
        lines.append(say(language, "account.pixels.blocks"))
        for line in _block_lines(pixels.blocks, unit, language, summed=summed):
            lines.append(f"  {line}")
    sample = pixels.sample
    if sample is not None:
        lines.append(
            say(
                language,
                "account.pixels.sample",
                row=sample.row,
                column=sample.column,
                x=sample.x,
                y=sample.y,
                crs=sample.crs or text("account.pixels.of-grid"),
            )
        )
        lines += [f"  {calculation}" for calculation in sample.calculations]
    return lines


def _area(pixels: PixelExplanation) -> Text:
    """Word the area of the pixels, which may differ from row to row."""
    smallest, largest = pixels.smallest, pixels.largest
    if not largest or largest - smallest <= _SAME * largest:
        return text("account.pixels.square-metres", area=largest)
    return text("account.pixels.square-metres-between", smallest=smallest, largest=largest)


def _block_lines(blocks: pd.DataFrame, unit: str, language: Language, *, summed: bool) -> list[str]:
    """Word the largest blocks, the rest as one, and the sum where the blocks are of one thing."""
    keys = [name for name in blocks.columns if name not in _OF_EVERY_BLOCK]
    by_size = blocks["amount" if summed else "pixels"].abs()
    order = by_size.sort_values(ascending=False, kind="stable").index
    lines = []
    for block in blocks.loc[order[:_SHOWN_BLOCKS]].to_dict("records"):
        values = {"row": block["row"], "column": block["column"]}
        values["pixel_count"] = block["pixels"]
        values["amount"] = f"{block['amount']:,.10g}"
        message = "account.pixels.block"
        if keys:
            values["member"] = " ".join(f"{key}={block[key]}" for key in keys)
            message = "account.pixels.block-of-member"
        lines.append(say(language, message, unit=unit, **values))
    rest = blocks.loc[order[_SHOWN_BLOCKS:]]
    if len(rest):
        lines.append(
            _rest_line(
                rest,
                keys,
                unit,
                language,
                summed=summed,
            )
        )
    if summed and not keys:
        amount = f"{float(np.sum(blocks['amount'])):,.10g}"
        lines.append(say(language, "account.pixels.sum-of-blocks", amount=amount, unit=unit))
    return lines


def _rest_line(
    rest: pd.DataFrame, keys: Sequence[str], unit: str, language: Language, *, summed: bool
) -> str:
    """Word the smaller blocks; amounts of several things have no sum, nor have means."""
    values = {"count": len(rest), "pixel_count": int(rest["pixels"].sum())}
    if keys or not summed:
        return say(language, "account.pixels.smaller-blocks-of-mean", **values)
    amount = f"{float(rest['amount'].sum()):,.10g}"
    return say(
        language,
        "account.pixels.smaller-blocks",
        amount=amount,
        unit=unit,
        **values,
    )
