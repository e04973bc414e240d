"""Figures with matplotlib: plain data and texts in, a picture file out.

The package owns all drawing, and knows nothing of accounts. Begin with ``page``, which every figure
shares; then ``charts`` with ``chart_layout``, and ``maps`` with ``map_shapes``.
"""
