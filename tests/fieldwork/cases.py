"""A small frame of dwellings, its dataflow, a sample drawn from it; a network with its coupons."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from marsad.audit.rules import System
from marsad.collection.fieldwork.drawing import Method, Plan
from marsad.collection.fieldwork.frame_files import read_frame
from marsad.collection.fieldwork.models import Agent, Frame, Network, Sample
from marsad.collection.fieldwork.operations_coupons import NetworkDetails, make_network, move_network
from marsad.collection.fieldwork.operations_frames import FrameDetails, enter_agent, load_frame
from marsad.collection.fieldwork.operations_samples import SampleDetails, draw_sample, move_sample
from marsad.collection.fieldwork.rules import NetworkMove, SampleMove, UnitKind
from marsad.collection.models import CollectedDataflow

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(days=3)
TEST = System("test")
AREAS = ("agdal", "hassan")
HOMES = {
    "code": "dwellings", "version": "1", "unit": "household",
    "columns": [
        {"name": "dwelling_number", "role": "direct_identifier", "kind": "text"},
        {"name": "area", "role": "area", "kind": "code", "codelist": "areas"},
        {"name": "weight", "role": "weight", "kind": "number"},
    ],
}  # fmt: skip
CHAINS = {
    "code": "chains", "version": "1", "unit": "person",
    "columns": [
        {"name": "coupon", "role": "direct_identifier", "kind": "text", "required": True},
        {"name": "network_size", "role": "measure", "kind": "integer"},
        {"name": "sex", "role": "quasi_identifier", "kind": "code", "codelist": "sex"},
    ],
}  # fmt: skip


def dataflow(structure: dict[str, Any], **more: Any) -> CollectedDataflow:
    words = {f"{n}_{one}": n for n in ("title", "purpose", "legal_basis") for one in ("fr", "ar", "en")}
    values = words | {
        "purpose": "survey", "authorisation_number": "A-1/2026", "authorised_on": date(2026, 1, 2),
        "retention_days": 365, "sensitivity": "sensitive", "structure": structure, "loaded_at": AT,
        "identified_by": [structure["columns"][0]["name"]],
    }  # fmt: skip
    return CollectedDataflow.objects.create(code=structure["code"], **(values | more))


def frame_csv(dwellings: int = 120, *, blocks: int = 10) -> bytes:
    """Two thirds of the dwellings in Agdal, in blocks of ``blocks``."""
    lines = ["code;area;block;locator"]
    for number in range(dwellings):
        area = AREAS[number >= dwellings * 2 // 3]
        lines.append(f"D-{number:04d};{area};B{number // blocks:02d};door {number}, second floor")
    return "\n".join(lines).encode()


def frame(content: bytes | None = None, *, code: str = "homes", is_synthetic: bool = False) -> Frame:
    rows = read_frame(content or frame_csv(), UnitKind.DWELLING, AREAS)
    details = FrameDetails(code, "Dwellings", UnitKind.DWELLING, is_synthetic)
    return load_frame(actor=TEST, at=AT, details=details, rows=rows)


STRATIFIED = Plan(Method.STRATIFIED, 30, reserve=0.2)
TWO_STAGE = Plan(Method.TWO_STAGE, 6, take=5, reserve=0.2)


def sample(plan: Plan = STRATIFIED, *, opened: bool = True, code: str = "wave-1", on: Frame | None = None) -> Sample:
    if not CollectedDataflow.objects.filter(pk="dwellings").exists():
        dataflow(HOMES)
    details = SampleDetails(code, "First wave", (on or frame()).pk, "seed 1", "dwellings", most_visits=3)
    drawn = draw_sample(actor=TEST, at=AT, details=details, plan=plan)
    if opened:
        move_sample(actor=TEST, at=AT, sample_code=code, move=SampleMove.OPEN)
    drawn.refresh_from_db()
    return drawn


def agent(code: str = "a-01", person: UUID | None = None) -> Agent:
    return enter_agent(actor=TEST, at=AT, code=code, person=person, since=AT.date())


def network(*, opened: bool = True, **more: Any) -> Network:
    if not CollectedDataflow.objects.filter(pk="chains").exists():
        dataflow(CHAINS)
    details = NetworkDetails("spring", "Spring", "chains", "Maison de quartier", "دار الحي", **more)
    made = make_network(actor=TEST, at=AT, details=details)
    return move_network(actor=TEST, at=AT, network_code="spring", move=NetworkMove.OPEN) if opened else made


def dice() -> Any:
    """Numbers by a chance that comes out the same each time."""
    return random.Random(7).randrange
