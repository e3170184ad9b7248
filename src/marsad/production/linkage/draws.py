"""Linkages handed to the estimates: pairs with what reviewers decided, capture tables drawn from them, the model in rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np

from marsad.production.linkage.frozen_model import LinkageModel
from marsad.production.linkage.kept_pairs import KeptPairs
from marsad.production.linkage.models import Linkage, LinkedPairs
from marsad.production.linkage.queries import decided, linkage_of
from marsad.production.linkage.rules import DECIDED_LOG_ODDS, LinkageState, Verdict
from migstat.estimation.mse_linkage_draws import LinkagePairs, balanced, draw_capture_tables
from migstat.estimation.mse_tables import CaptureTable
from migstat.model.refusals import Refused

_STANDING = (LinkageState.LINKED, LinkageState.CLOSED)


def pairs_of(linkage: Linkage) -> LinkagePairs:
    """The pairs of a linkage with what reviewers decided, for drawing linkages.

    Raises ``Refused("linkage.not_linked")`` for one that has no pairs (yet, or any more).
    """
    kept = LinkedPairs.objects.filter(linkage=linkage).first() if linkage.state in _STANDING else None
    if kept is None:
        raise Refused("linkage.not_linked", found="a linkage without pairs", remedy="wait for it, or ask for it anew")
    read = KeptPairs.from_bytes(bytes(kept.content))
    names = tuple(one["name"] for one in linkage.lists)
    found = LinkagePairs(names, read.list_of, read.left, read.right, read.log_odds, frozenset(linkage.one_record_each))
    odds = np.array(found.log_odds)
    for place, verdict in decided(linkage).items():
        odds[place] = DECIDED_LOG_ODDS if verdict is Verdict.MATCH else -DECIDED_LOG_ODDS
    return replace(found, log_odds=odds)


def capture_draws(linkage_id: UUID, *, draws: int = 20, seed: int = 1) -> tuple[CaptureTable, ...]:
    """Capture tables of linkages drawn from the chances of pairs and the verdicts, for ``mse_linkage``.

    The same linkage, verdicts and seed give the same tables. Raises ``Refused``: ``linkage.not_linked``, ``mse.*``.
    """
    linkage = linkage_of(linkage_id)
    if linkage is None:
        raise Refused("linkage.not_linked", found="no linkage of that number", remedy="choose one of the list")
    dice = np.random.default_rng(seed)
    return tuple(draw_capture_tables(balanced(pairs_of(linkage), dice), draws, dice))


def model_rows(linkage: Linkage) -> list[dict[str, Any]]:
    """The model of a linkage for showing: each field, each level, m, u and the weight in bits."""
    if not linkage.model:
        return []
    model = LinkageModel.from_mapping(linkage.model)
    rows = []
    for field in model.plan.fields:
        shares = list(zip(reversed(model.m[field.name]), reversed(model.u[field.name]), strict=True))
        for sign, (m, u) in zip(field.levels, shares, strict=True):
            rows.append({"field": field.name, "sign": sign.value, "m": m, "u": u, "weight": float(np.log2(m / u))})
    return rows
