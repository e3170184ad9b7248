"""The diagnostics of a network by a category: the place of reception, or an answer of the last snapshot of the interviews."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from marsad.audit.rules import Actor
from marsad.collection.fieldwork import queries_networks
from marsad.collection.fieldwork.diagnostics import NetworkDiagnostics, diagnose
from marsad.collection.fieldwork.models import Coupon, Network
from marsad.collection.pseudonyms import PSEUDONYM
from marsad.collection.queries_snapshots import frozen_snapshots
from marsad.collection.snapshots import read_table
from migstat.model.refusals import Refused

SITE: Final = "site of reception"
_PURPOSE: Final = "estimation"


def diagnostics_of(
    *, actor: Actor, at: datetime, network: Network, column: str, degree_for_unknown: float | None = None
) -> NetworkDiagnostics:
    """Diagnose a network. Raises ``Refused``: ``fieldwork.no_snapshot``, ``access.role``, ``collection.purpose``, ``rds.*``."""
    recruitment, people = queries_networks.recruitment_of(network.pk, degree_for_unknown=degree_for_unknown)
    if column == SITE:
        return diagnose(recruitment, [one.site or None for one in people])
    known = {name for name, _ in queries_networks.columns_to_compare(network.dataflow)}
    last = frozen_snapshots(network.dataflow).first()
    if last is None or column not in known or column not in last.columns:
        raise Refused("fieldwork.no_snapshot", found="no snapshot with this answer", remedy="freeze interviews first")
    columns = ["coupon" + PSEUDONYM, column]
    table = read_table(last.pk, actor=actor, at=at, purpose=_PURPOSE, columns=columns)
    said = queries_networks.categories_by_coupon(table, column)
    coupons = dict(Coupon.objects.filter(network=network, holder__isnull=False).values_list("holder_id", "pseudonym"))
    return diagnose(recruitment, [said.get(coupons.get(one.pk, "")) for one in people])
