"""Statistics of migration: disclosure control that is proved, and estimates of populations no list covers.

Plain Python on NumPy and SciPy: no framework, file, network, clock or unseeded dice. The sub-packages are imported by
name (``migstat.model``, ``migstat.disclosure``, ``migstat.estimation`` ...) so that ``import migstat`` stays instant.
"""

__version__ = "0.1.0"
