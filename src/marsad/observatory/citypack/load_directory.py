"""Bringing services, mandates, relations and other names in step with a pack; what an organisation validated stays."""

from __future__ import annotations

from typing import Any

from marsad.actors.models import Alias
from marsad.actors.queries import standing_codes
from marsad.observatory.citypack.read_directory import Directory


def relations(directory: Directory) -> dict[str, dict[str, Any]]:
    """The columns of the relations by their code, between the entries that stand; none twice, none of an entry to itself."""
    found: dict[str, dict[str, Any]] = {}
    standing, tied = standing_codes(), set()
    for row in directory.relations:
        code = f"{row['organisation']}|{row['kind']}|{row['other']}"
        one, other = (standing.get(row[end], row[end]) for end in ("organisation", "other"))
        if one == other or (one, row["kind"], other) in tied:
            continue
        tied.add((one, row["kind"], other))
        found[code] = {
            "code": code,
            "organisation_id": one,
            "kind": row["kind"],
            "other_id": other,
            "source_url": row["source_url"],
            "confirmed": row["confirmed"],
        }
    return found


def load_aliases(directory: Directory) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Add the names that are new and remove those that the pack no longer gives; returns both."""
    standing = standing_codes()
    wanted = {
        (standing.get(row["organisation"], row["organisation"]), row["name"]): row["language"]
        for row in directory.aliases
    }
    held = {(row.organisation_id, row.name): row for row in Alias.objects.all()}
    new = [
        Alias(organisation_id=code, name=name, language=language, from_pack=True)
        for (code, name), language in wanted.items()
        if (code, name) not in held
    ]
    gone = [row for key, row in held.items() if row.from_pack and key not in wanted]
    Alias.objects.bulk_create(new)
    Alias.objects.filter(pk__in=[row.pk for row in gone]).delete()
    return tuple(sorted({row.organisation_id for row in new})), tuple(sorted({row.organisation_id for row in gone}))
