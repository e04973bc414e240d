"""Natural-resource balance sheets (自然资源资产负债表), kind ``balance``: opening, changes, closing.

Stocks, causes of change and prices become entries by region, period and class; identities between
them are checked and their gaps shown, never spread.
Reading order: ``scheme`` (specification), ``entries`` (opening, changes, closing), ``identities``
(what must hold), ``valuation`` (in money), ``checks``, ``tables`` (balance.csv, the sheets, change
matrices), ``explain``, ``kind``.
"""
