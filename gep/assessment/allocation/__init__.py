"""Ecological compensation (生态补偿资金分配), kind ``allocation``: money shared out to the fen.

Owns the two methods of sharing: by factor scores within floors and caps, and horizontally between
regions. Events deduct, and what is deducted joins the next pool. Pools are read by
``gep.assessment.pools``. Reading order: ``scheme`` (specification), ``shares`` (exact shares, the
years computed), ``checks``, ``tables`` (allocation.csv, allocation_pools.csv), ``explain``,
``kind``.
"""
