"""Reading the directory of organisations."""

from __future__ import annotations

from django.db.models import QuerySet

from marsad.actors.models import Organisation


def organisations() -> QuerySet[Organisation]:
    return Organisation.objects.all()


def organisation(code: str) -> Organisation | None:
    return Organisation.objects.filter(code=code).first()
