"""Figures with matplotlib: plain data in, a picture out."""
