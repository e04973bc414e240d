"""Ecological compensation (生态补偿资金分配), kind ``allocation``: pools of money shared out to the fen.

Money goes by factor scores within floors and caps, or horizontally between regions; events deduct,
and what is deducted joins the next pool.
Reading order: ``scheme`` (specification), ``largest_remainder`` (exact shares), ``shares`` (a year
computed), ``checks``, ``tables`` (allocation.csv, allocation_pools.csv), ``explain``, ``kind``.
Pools are read by ``gep.assessment.pools``.
"""
