"""Bringing the database in step with a pack: what is new is added, what differs is changed, what is gone is removed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import ProtectedError

from marsad.actors.models import Mandate, Organisation, Relation, Service
from marsad.actors.queries import standing_codes
from marsad.catalogue.models import Area, Code, Codelist, Indicator, SeriesBreak, Source, Theme, Unit
from marsad.dissemination.models import Dataflow, Edition, Observation, Publication
from marsad.dissemination.publications import released_to_keep
from marsad.dissemination.rules import publication_number
from marsad.figures.models import Case, Figure
from marsad.figures.rules import CaseState
from marsad.observatory.citypack import load_directory
from marsad.observatory.citypack.pack import CityPack, checksum
from marsad.observatory.citypack.problems import PackHasProblems, Problem
from marsad.observatory.citypack.read_dataflows import DataflowRecord
from marsad.observatory.citypack.read_indicators import UNIT_FORMS
from marsad.observatory.search import Document, reindex
from marsad.planning.models import IndicatorTag, PlanTag
from migstat.model import Origin, Period

_BATCH = 2000

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Change:
    """What a load did to one kind of record: the codes added, changed and removed, and how many stayed as they were."""

    kind: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0

    @property
    def is_change(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True)
class LoadReport:
    """What a load did: one change per kind of record, and the publication the public pages now carry."""

    changes: tuple[Change, ...]
    publication: str
    observations_added: int = 0
    is_new_publication: bool = field(default=False)


def load(pack: CityPack, *, at: datetime, progress: Progress) -> LoadReport:
    """Load a checked pack, inside the caller's transaction. Raises PackHasProblems when a published edition would change."""
    steps = _steps(pack)
    changes = []
    for number, (name, step) in enumerate(steps):
        progress(name, number, len(steps) + 1)
        changes.append(step())
    progress("observations", len(steps), len(steps) + 1)
    editions, added = _editions(pack)
    changes.append(added)
    digest = checksum(pack.root)
    latest = Publication.objects.order_by("-published_at", "-id").first()
    is_new = latest is None or latest.pack != digest
    if is_new:
        numbers = list(Publication.objects.values_list("number", flat=True))
        kept = released_to_keep(latest, editions)
        latest = Publication.objects.create(
            number=publication_number(numbers, year=at.year),
            published_at=at,
            checksum=_together(digest, kept),
            pack=digest,
        )
        latest.editions.set([*editions, *kept])
        reindex(_documents(pack))
    progress("observations", len(steps) + 1, len(steps) + 1)
    assert latest is not None
    count = sum(edition.observation_count for edition in editions if str(edition) in added.added)
    return LoadReport(tuple(changes), latest.number, count, is_new)


def _together(digest: str, released: Sequence[Edition]) -> str:
    """What a publication rests on: the pack, and the released editions beside it."""
    if not released:
        return digest
    return hashlib.sha256("\n".join([digest, *sorted(edition.checksum for edition in released)]).encode()).hexdigest()


def _steps(pack: CityPack) -> list[tuple[str, Callable[[], Change]]]:
    return [
        ("actors", lambda: sync("actors", Organisation, _numbered(pack.actors), mine={"from_pack": True})),
        (
            "services",
            lambda: sync("services", Service, _of_organisation(pack.directory.services), mine={"from_pack": True}),
        ),
        (
            "mandates",
            lambda: sync("mandates", Mandate, _of_organisation(pack.directory.mandates), mine={"from_pack": True}),
        ),
        (
            "relations",
            lambda: sync("relations", Relation, load_directory.relations(pack.directory), mine={"from_pack": True}),
        ),
        ("other names", lambda: Change("other names", *_added_and_gone(pack))),
        ("areas", lambda: sync("areas", Area, _areas(pack))),
        ("code lists", lambda: _codelists(pack)),
        ("themes", lambda: sync("themes", Theme, {code: dict(row.values) for code, row in pack.themes.items()})),
        ("units", lambda: sync("units", Unit, _units(pack))),
        ("sources", lambda: sync("sources", Source, _with_ids(pack.sources, "publisher"))),
        ("indicators", lambda: sync("indicators", Indicator, _with_ids(pack.indicators, "theme", "unit"))),
        ("breaks", lambda: _breaks(pack)),
        ("dataflows", lambda: sync("dataflows", Dataflow, _dataflows(pack), mine={"from_pack": True})),
        ("cases", lambda: sync("cases", Case, _cases(pack), mine={"from_pack": True})),
        ("figures", lambda: sync("figures", Figure, _figures(pack), mine={"from_pack": True})),
        ("recommended figures", lambda: _recommended(pack)),
        ("plan tags", lambda: sync("plan tags", PlanTag, _with_ids(_numbered(pack.tags), "parent"))),
        ("indicator tags", lambda: _indicator_tags(pack)),
    ]


def sync(
    kind: str,
    model: type[models.Model],
    wanted: Mapping[str, Mapping[str, Any]],
    *,
    mine: Mapping[str, Any] | None = None,
) -> Change:
    """Make the rows of ``model`` those of ``wanted`` (columns by code); of existing rows, only those with ``mine`` go."""
    rows = {str(row.pk): row for row in model._default_manager.all()}
    added = [model(**{**values, **(mine or {})}) for code, values in wanted.items() if code not in rows]
    changed = []
    for code in wanted.keys() & rows.keys():
        row, values = rows[code], wanted[code]
        if mine and any(getattr(row, name) != value for name, value in mine.items()):
            continue
        if any(not _same(getattr(row, name), value) for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    model._default_manager.bulk_create(added, batch_size=_BATCH)
    for row in changed:
        row.save()
    gone = [
        row
        for code, row in rows.items()
        if code not in wanted and all(getattr(row, name) == value for name, value in (mine or {}).items())
    ]
    _remove(kind, model, gone)
    return Change(
        kind,
        added=tuple(str(row.pk) for row in added),
        changed=tuple(sorted(str(row.pk) for row in changed)),
        removed=tuple(str(row.pk) for row in gone),
        unchanged=len(wanted) - len(added) - len(changed),
    )


def _same(stored: Any, wanted: Any) -> bool:
    if isinstance(stored, float) and wanted is not None:
        return stored == float(wanted)
    if isinstance(stored, Decimal) and wanted is not None:
        return stored == Decimal(wanted)
    return bool(stored == wanted)


def _remove(kind: str, model: type[models.Model], gone: Sequence[models.Model]) -> None:
    try:
        model._default_manager.filter(pk__in=[row.pk for row in gone]).delete()
    except ProtectedError:
        codes = ", ".join(str(row.pk) for row in gone)
        raise PackHasProblems([Problem(kind, 0, "removal.in_use", codes)]) from None


def _numbered(records: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {code: {**record.values, "sort": number} for number, (code, record) in enumerate(records.items())}


def _added_and_gone(pack: CityPack) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    added, gone = load_directory.load_aliases(pack.directory)
    return added, (), gone


def _of_organisation(records: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The columns of what belongs to an organisation; where entries were made one, to the one that stands."""
    found, standing = {}, standing_codes()
    for code, values in _with_ids(records, "organisation").items():
        plain = {name: float(value) if isinstance(value, Decimal) else value for name, value in values.items()}
        owner = str(values["organisation_id"])
        found[code] = plain | {"organisation_id": standing.get(owner, owner)}
    return found


def _with_ids(records: Mapping[str, Any], *references: str) -> dict[str, dict[str, Any]]:
    """The columns of records whose ``references`` are codes of other records."""
    found = {}
    for code, record in records.items():
        values = dict(record if isinstance(record, dict) else record.values)
        for name in references:
            values[f"{name}_id"] = values.pop(name) or None
        found[code] = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    for values in found.values():
        if "example" in values:
            values["example"] = {name: str(v) if isinstance(v, Decimal) else v for name, v in values["example"].items()}
    return found


def _areas(pack: CityPack) -> dict[str, dict[str, Any]]:
    areas = _with_ids(_numbered(pack.areas), "parent")
    for code, values in areas.items():
        values["geometry"] = pack.geometries.get(code)
        for name in ("label_lon", "label_lat"):
            values[name] = None if values[name] is None else float(values[name])
    return areas


def _units(pack: CityPack) -> dict[str, dict[str, Any]]:
    units = {}
    for code, record in pack.units.items():
        values = dict(record.values)
        forms: dict[str, dict[str, str]] = {}
        for name in UNIT_FORMS:
            form, language = name.rsplit("_", 1)
            forms.setdefault(language, {})[form] = values.pop(name)
        units[code] = {**values, "forms": forms}
    return units


def _codelists(pack: CityPack) -> Change:
    for name in pack.codelists:
        Codelist.objects.get_or_create(code=name)
    wanted = {
        (name, code): {**record.values, "sort": number}
        for name, codes in pack.codelists.items()
        for number, (code, record) in enumerate(codes.items())
    }
    rows = {(row.codelist_id, row.code): row for row in Code.objects.all()}
    change = _sync_pairs(
        "code lists",
        Code,
        rows,
        {(name, code): {**values, "codelist_id": name} for (name, code), values in wanted.items()},
    )
    Codelist.objects.exclude(code__in=pack.codelists).delete()
    return change


def _sync_pairs(
    kind: str, model: type[models.Model], rows: Mapping[Any, models.Model], wanted: Mapping[Any, Mapping[str, Any]]
) -> Change:
    """As ``sync``, for rows whose identity is several columns."""
    added = {key: model(**values) for key, values in wanted.items() if key not in rows}
    changed = []
    for key in wanted.keys() & rows.keys():
        if any(not _same(getattr(rows[key], name), value) for name, value in wanted[key].items()):
            for name, value in wanted[key].items():
                setattr(rows[key], name, value)
            rows[key].save()
            changed.append(key)
    model._default_manager.bulk_create(added.values(), batch_size=_BATCH)
    gone = [key for key in rows if key not in wanted]
    model._default_manager.filter(pk__in=[rows[key].pk for key in gone]).delete()
    return Change(
        kind,
        added=_spelled(added),
        changed=_spelled(changed),
        removed=_spelled(gone),
        unchanged=len(wanted) - len(added) - len(changed),
    )


def _spelled(keys: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted(":".join(str(part) for part in key if part) for key in keys))


def _breaks(pack: CityPack) -> Change:
    rows = {(row.indicator_id, row.area_id or "", row.period): row for row in SeriesBreak.objects.all()}
    wanted = {}
    for record in pack.breaks:
        values = dict(record.values)
        indicator, area = values.pop("indicator"), values.pop("area")
        wanted[(indicator, area, values["period"])] = {**values, "indicator_id": indicator, "area_id": area or None}
    return _sync_pairs("breaks", SeriesBreak, rows, wanted)


def _indicator_tags(pack: CityPack) -> Change:
    rows = {(row.tag_id, row.indicator_id): row for row in IndicatorTag.objects.all()}
    wanted = {
        (record["tag"], record["indicator"]): {"tag_id": record["tag"], "indicator_id": record["indicator"]}
        for record in pack.indicator_tags
    }
    return _sync_pairs("indicator tags", IndicatorTag, rows, wanted)


def _dataflows(pack: CityPack) -> dict[str, dict[str, Any]]:
    kept = ("code", "title_fr", "title_ar", "title_en", "description_fr", "description_ar", "description_en")
    return {
        code: {
            **{name: dataflow.record[name] for name in kept},
            "source_id": dataflow.record["source"],
            "sort": number,
        }
        for number, (code, dataflow) in enumerate(pack.dataflows.items())
    }


def _cases(pack: CityPack) -> dict[str, dict[str, Any]]:
    cases = _with_ids(_numbered(pack.cases), "indicator")
    for values in cases.values():
        recommended = values.pop("recommended")
        values["state"] = CaseState.SETTLED if recommended else CaseState.UNSETTLED
    return cases


def _figures(pack: CityPack) -> dict[str, dict[str, Any]]:
    figures = _with_ids(_numbered(pack.figures), "indicator", "area", "unit", "case")
    for values in figures.values():
        values["period_end"] = Period.parse(values["period"]).end
    return figures


def _recommended(pack: CityPack) -> Change:
    changed = []
    for case in Case.objects.filter(from_pack=True, code__in=pack.cases):
        recommended = pack.cases[case.code]["recommended"] or None
        if case.recommended_id != recommended:
            case.recommended_id = recommended
            case.save(update_fields=["recommended"])
            changed.append(case.code)
    return Change("recommended figures", changed=tuple(changed), unchanged=len(pack.cases) - len(changed))


def _editions(pack: CityPack) -> tuple[list[Edition], Change]:
    editions, added = [], []
    for code, dataflow in pack.dataflows.items():
        number = dataflow.record["edition"]
        known = Edition.objects.filter(dataflow=code, number=number).first()
        if known is None:
            known = _publish(pack, code, dataflow)
            added.append(str(known))
        elif known.checksum != dataflow.checksum:
            found = f"{known}: {known.checksum[:12]} published, {dataflow.checksum[:12]} in the pack"
            raise PackHasProblems([Problem(dataflow.record.file, dataflow.record.line, "edition.changed", found)])
        editions.append(known)
    return editions, Change("editions", added=tuple(added), unchanged=len(editions) - len(added))


def _publish(pack: CityPack, code: str, dataflow: DataflowRecord) -> Edition:
    record = dataflow.record
    edition = Edition.objects.create(
        dataflow_id=code,
        number=record["edition"],
        published_on=record["published_on"],
        reason_fr=record["reason_fr"],
        reason_ar=record["reason_ar"],
        reason_en=record["reason_en"],
        vintage=pack.sources[record["source"]]["vintage"],
        checksum=dataflow.checksum,
        observation_count=len(dataflow.rows),
        origin=Origin.REAL,
    )
    periods = {text: Period.parse(text) for text in {row.period for row in dataflow.rows}}
    Observation.objects.bulk_create(
        (
            Observation(
                edition=edition,
                indicator_id=row.indicator,
                area_id=row.area,
                period=row.period,
                period_start=periods[row.period].start,
                period_end=periods[row.period].end,
                breakdown=dict(row.breakdown),
                breakdown_key=row.key,
                state=row.state,
                value=row.value,
                withheld_for=row.withheld_for,
                status=row.status,
                base=row.base,
                heading=row.heading,
                note_fr=row.notes[0],
                note_ar=row.notes[1],
                note_en=row.notes[2],
            )
            for row in dataflow.rows
        ),
        batch_size=_BATCH,
    )
    return edition


def _documents(pack: CityPack) -> Iterator[Document]:
    """What the search finds: indicators, places, themes, cases, figures, sources, datasets, targets, organisations, pages."""
    for code, row in pack.indicators.items():
        yield Document("indicator", code, row.values, "name", ("definition", "method", "producer"))
    for code, row in pack.areas.items():
        yield Document("area", code, row.values, "name", ("note",), keywords=f"{row['hcp_2014']} {row['hcp_2024']}")
    for code, row in pack.themes.items():
        yield Document("theme", code, row.values, "name", ("summary",))
    for code, row in pack.cases.items():
        yield Document("case", code, row.values, "title", ("explanation", "why"))
    for code, row in pack.figures.items():
        keywords = f"{row['publisher']} {row['area_text']} {row['period']} {row['value']}"
        yield Document("figure", code, row.values, "concept", ("note", "group"), keywords=keywords)
    for code, row in pack.sources.items():
        yield Document("source", code, row.values, "title", ("note",), keywords=row["vintage"])
    for code, dataflow in pack.dataflows.items():
        yield Document("dataset", code, dataflow.record.values, "title", ("description",))
    for code, row in pack.tags.items():
        yield Document("tag", code, row.values, "title", ("note",))
    others: dict[str, list[str]] = defaultdict(list)
    for alias in pack.directory.aliases:
        others[alias["organisation"]].append(alias["name"])
    for code, row in pack.actors.items():
        keywords = " ".join([row["acronym"], *others[code]])
        yield Document("actor", code, row.values, "name", ("produces", "needs"), keywords=keywords)
