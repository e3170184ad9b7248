"""JSON-stat 2.0: one indicator as a cube. A cell without a number is in the statuses and not among the values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from migstat.model import Refused

GEO: Final = "geo"
TIME: Final = "time"


@dataclass(frozen=True)
class Axis:
    """A dimension with its codes in order, each with its label; ``role`` is geo, time or nothing."""

    id: str
    label: str
    codes: Mapping[str, str]
    role: str = ""


@dataclass(frozen=True, slots=True)
class CubeCell:
    """A cell at one code per axis. ``value`` is None for what is withheld, missing or not applicable; ``status`` says which."""

    codes: tuple[str, ...]
    value: float | None
    status: str = ""


def json_stat(label: str, axes: Sequence[Axis], cells: Iterable[CubeCell], **more: Any) -> dict[str, Any]:
    """The cube as a ``dataset``, values by position in row-major order; ``more`` are further members (source, updated, note).

    Raises Refused for a code that its axis does not have, or two cells in one place.
    """
    places = [{code: n for n, code in enumerate(axis.codes)} for axis in axes]
    values: dict[str, float | int] = {}
    statuses: dict[str, str] = {}
    met = set()
    for cell in cells:
        at = 0
        for axis, place, code in zip(axes, places, cell.codes, strict=True):
            if code not in place:
                raise Refused("json_stat.code", found=f"{code!r} in {axis.id}", remedy="name every code of the axis")
            at = at * len(place) + place[code]
        if at in met:
            raise Refused("json_stat.twice", found=" ".join(cell.codes), remedy="give each cell once")
        met.add(at)
        if cell.value is not None:
            values[str(at)] = int(cell.value) if cell.value == int(cell.value) else cell.value
        if cell.status:
            statuses[str(at)] = cell.status
    roles = {role: [axis.id for axis in axes if axis.role == role] for role in (GEO, TIME)}
    return {
        "version": "2.0",
        "class": "dataset",
        "label": label,
        **more,
        "id": [axis.id for axis in axes],
        "size": [len(axis.codes) for axis in axes],
        "role": {role: ids for role, ids in roles.items() if ids},
        "dimension": {axis.id: _dimension(axis) for axis in axes},
        "value": values,
        "status": statuses,
    }


def _dimension(axis: Axis) -> dict[str, Any]:
    return {"label": axis.label, "category": {"index": list(axis.codes), "label": dict(axis.codes)}}


def collection(label: str, items: Iterable[tuple[str, str]], **more: Any) -> dict[str, Any]:
    """Datasets that stand elsewhere, as (label, address), under one label."""
    linked = [{"class": "dataset", "label": name, "href": address} for name, address in items]
    return {"version": "2.0", "class": "collection", "label": label, **more, "link": {"item": linked}}


def read_json_stat(dataset: Mapping[str, Any]) -> dict[tuple[str, ...], tuple[float | None, str]]:
    """The cells of a dataset by their codes: value (None where there is none) and status. Raises Refused for another class."""
    if dataset.get("class") != "dataset":
        raise Refused("json_stat.class", found=repr(dataset.get("class")), remedy="give a dataset")
    axes = [list(dataset["dimension"][name]["category"]["index"]) for name in dataset["id"]]
    found: dict[tuple[str, ...], tuple[float | None, str]] = {}
    for text in {**dataset["value"], **dataset["status"]}:
        at, codes = int(text), []
        for axis in reversed(axes):
            at, place = divmod(at, len(axis))
            codes.append(axis[place])
        found[tuple(reversed(codes))] = (dataset["value"].get(text), dataset["status"].get(text, ""))
    return found
