"""Which engine computes: DuckDB inside this process, or a cluster of Apache Spark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from migstat.model import Refused

if TYPE_CHECKING:
    from marsad.production.ibis_engine import Source
    from migstat.indicators import Evaluation, Indicator

_SPARK = re.compile(r"spark://[^/\s:]+:\d{1,5}")


class EngineName(StrEnum):
    DUCKDB = "duckdb"
    SPARK = "spark"


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine. ``address`` is the master of a cluster; ``scratch`` the folder in which rows given in memory are laid
    down for its workers while they compute (all of them must see it; empty: a temporary folder of this machine)."""

    name: EngineName = EngineName.DUCKDB
    address: str = ""
    scratch: str = ""


def engine_of(written: str, *, scratch: str = "") -> Engine:
    """The engine that ``MARSAD_ENGINE`` names: nothing or ``duckdb``, or ``spark://host:port``.

    >>> engine_of("").name, engine_of("spark://10.0.0.7:7077").address
    (<EngineName.DUCKDB: 'duckdb'>, 'spark://10.0.0.7:7077')
    """
    if written in ("", EngineName.DUCKDB.value):
        return Engine()
    if _SPARK.fullmatch(written):
        return Engine(EngineName.SPARK, written, scratch)
    raise Refused("engine.address", found="another engine", remedy="write duckdb, or spark://host:port")


def installed_engine() -> Engine:
    """The engine of this installation, from its environment."""
    from django.conf import settings

    return engine_of(settings.ENVIRONMENT.engine, scratch=settings.ENVIRONMENT.engine_scratch)


def evaluate_installed(indicator: Indicator, sources: Mapping[str, Source]) -> Evaluation:
    """The evaluation of an indicator on the engine of this installation."""
    from marsad.production.ibis_engine import evaluation

    return evaluation(indicator, sources, installed_engine())
