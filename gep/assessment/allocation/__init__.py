"""Ecological compensation (生态补偿): money shared out, to the fen."""
