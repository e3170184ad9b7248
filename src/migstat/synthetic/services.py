"""Use of services in a synthetic city: visits of people month by month, likelier for those in need, rarer for those in fear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from migstat.model import Origin, Refused
from migstat.synthetic.people import Ints, People


@dataclass(frozen=True, slots=True)
class Service:
    """A service and the yearly visits expected of a person; need multiplies them, an irregular situation cuts them."""

    name: str
    visits_a_year: float
    need: float = 3.0
    irregular: float = 0.5


USUAL_SERVICES = (Service("health centre", 1.5), Service("civil status", 0.2, 1.0), Service("legal aid", 0.1, 1.5, 2.0))


@dataclass(frozen=True, slots=True)
class SyntheticVisit:
    """One made-up visit."""

    person: str
    service: str
    month: int
    origin: Origin = Origin.SYNTHETIC


@dataclass(frozen=True, eq=False)
class ServiceUse:
    """Visits in columns: place of the person, code of the service, month 1 to 12."""

    services: tuple[str, ...]
    person: Ints
    service: Ints
    month: Ints
    origin: Origin = Origin.SYNTHETIC

    def records(self) -> Iterator[SyntheticVisit]:
        """Every visit as a record of its own, marked synthetic."""
        for person, service, month in zip(self.person, self.service, self.month, strict=True):
            yield SyntheticVisit(f"SYN-P-{person:07d}", self.services[service], int(month))


def make_service_use(people: People, services: Sequence[Service], rng: np.random.Generator) -> ServiceUse:
    """Poisson visits of a year for every person and service.

    Raises Refused for no service, a name used twice, or rates below 0.
    """
    names = tuple(service.name for service in services)
    if (
        not names
        or len(set(names)) < len(names)
        or min(min(s.visits_a_year, s.need, s.irregular) for s in services) < 0
    ):
        raise Refused(
            "services.shape", found=f"{len(names)} services", remedy="name each once, with rates of 0 or more"
        )
    person, kind = [], []
    for place, service in enumerate(services):
        rate = service.visits_a_year * np.where(people.health_need, service.need, 1.0)
        visits = rng.poisson(np.where(people.irregular, service.irregular, 1.0) * rate)
        person.append(np.repeat(np.arange(people.count), visits))
        kind.append(np.full(person[-1].size, place))
    who = np.concatenate(person)
    return ServiceUse(names, who, np.concatenate(kind), rng.integers(1, 13, who.size))
