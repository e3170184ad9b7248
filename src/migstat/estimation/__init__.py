"""Estimators of populations, flows, small areas, surveys and composite indices: one file per method, each registered.

Import a method by its module (``from migstat.estimation.rds_ii import rds_ii``); ``registry.methods()`` lists them all.
"""
