"""Natural-resource balance sheets (自然资源资产负债表), kind ``balance``: stocks and changes.

The package makes entries by region, period and class from stocks, causes of change and prices, and
checks the identities between them; their gaps are shown, never spread. Reading the three tables is
left to ``gep.assessment.stocks``, areas and their transitions to ``gep.extent``.
Reading order: ``scheme`` (specification), ``entries`` (opening, changes, closing, sums),
``valuation`` (in money), ``checks`` (schemes, inputs, identities), ``tables`` (balance.csv, the
sheets, change matrices), ``explain``, ``kind``.
"""
