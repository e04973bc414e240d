"""Accounts of several years compared (对比分析): how much each value changed, and why.

The package owns in which aspects accounts must be alike (``comparability``), accounts side by side
on the boundary of the last year (``panel``), the tables made of them (``comparison_table``,
``decomposition``, ``land_change``) and the methods behind the reasons (``shapley_effects``,
``lmdi``, ``lmdi_effects``, ``normal_climate``). It leaves computing an account to ``account``,
intervals to ``uncertainty``, reading projects and writing files to ``workflows``, pictures to
``report`` and screens to ``terminal``.

Begin with ``panel``, then ``comparison_table`` and ``decomposition``, and below it
``shapley_effects`` and ``lmdi_effects``. ``comparison`` is the public face on top of all of them.
"""
