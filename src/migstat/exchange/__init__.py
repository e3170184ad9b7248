"""Open formats in which published observations leave: plain values in, text out; no file, no network, no clock.

SDMX 3.0 messages (``sdmx_*``), JSON-stat 2.0, CSV on the Web, Data Package descriptors and citations. A message is an iterator
of texts, so that a whole edition is written without being held in memory.
"""
