"""How private each column of each model is, and how it is erased. Checked when the process starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class PrivacyClass(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


@dataclass(frozen=True)
class Column:
    """The class of one column; ``erased`` says by what a personal or sensitive one is erased."""

    privacy: PrivacyClass
    erased: str = ""


Privacy = Mapping[str, Column]


def classed(
    *,
    public: str = "",
    internal: str = "",
    personal: Mapping[str, str] | None = None,
    sensitive: Mapping[str, str] | None = None,
) -> Privacy:
    """The class of every column of a model: names separated by spaces, and for persons' columns how each is erased.

    >>> classed(public="code name", personal={"email": "with the account"})["email"].erased
    'with the account'
    """
    columns = {name: Column(PrivacyClass.PUBLIC) for name in public.split()}
    columns |= {name: Column(PrivacyClass.INTERNAL) for name in internal.split()}
    columns |= {name: Column(PrivacyClass.PERSONAL, how) for name, how in (personal or {}).items()}
    columns |= {name: Column(PrivacyClass.SENSITIVE, how) for name, how in (sensitive or {}).items()}
    return columns
