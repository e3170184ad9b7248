"""What changed between two versions of a questionnaire, one difference a line, ready to be put into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from marsad.collection.instruments.definition import Definition
from marsad.collection.instruments.questions import Question

_SHORTEST = 80


@dataclass(frozen=True)
class Difference:
    """``kind`` tells the sentence; ``name`` is the question, choice or column; ``before`` and ``after`` are short."""

    kind: str
    name: str
    language: str = ""
    before: str = ""
    after: str = ""

    def values(self) -> dict[str, str]:
        return {"name": self.name, "language": self.language, "before": self.before, "after": self.after}


def _short(text: str) -> str:
    return text if len(text) <= _SHORTEST else f"{text[: _SHORTEST - 1]}…"


def differences(before: Sequence[Question], after: Sequence[Question]) -> tuple[Difference, ...]:
    """Questions added, removed, moved; and what changed within those that stayed."""
    old, new = {one.name: one for one in before}, {one.name: one for one in after}
    found = [Difference("question_added", name) for name in new if name not in old]
    found += [Difference("question_removed", name) for name in old if name not in new]
    stayed_before = [name for name in old if name in new]
    stayed_after = [name for name in new if name in old]
    if stayed_before != stayed_after:
        moved = next(name for name, other in zip(stayed_after, stayed_before, strict=True) if name != other)
        found.append(Difference("order_changed", moved))
    for name in stayed_after:
        found += _within(old[name], new[name])
    return tuple(found)


def _within(old: Question, new: Question) -> Iterator[Difference]:
    name = new.name
    if old.type != new.type:
        yield Difference("type_changed", name, before=old.type, after=new.type)
    if (old.groups, old.repeats) != (new.groups, new.repeats):
        yield Difference("group_changed", name, before="/".join(old.groups), after="/".join(new.groups))
    for kind in ("label", "hint", "message"):
        yield from _words(f"{kind}_changed", name, getattr(old, kind), getattr(new, kind))
    for kind in ("required", "relevant", "constraint", "calculation"):
        said, says = getattr(old, kind), getattr(new, kind)
        if said != says:
            yield Difference(f"{kind}_changed", name, before=_short(said), after=_short(says))
    yield from _choices(old, new)


def _words(kind: str, name: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for language in sorted(old.keys() | new.keys()):
        said, says = old.get(language, ""), new.get(language, "")
        if said != says:
            yield Difference(kind, name, language, _short(said), _short(says))


def _choices(old: Question, new: Question) -> Iterator[Difference]:
    said, says = {one.name: one for one in old.choices}, {one.name: one for one in new.choices}
    for choice in says.keys() - said.keys():
        yield Difference("choice_added", new.name, after=choice)
    for choice in said.keys() - says.keys():
        yield Difference("choice_removed", new.name, before=choice)
    for choice in [one for one in says if one in said]:
        yield from _words("choice_changed", f"{new.name}/{choice}", said[choice].label, says[choice].label)


def destinations(before: Definition, after: Definition) -> tuple[Difference, ...]:
    """Columns that are filled from elsewhere, and questions whose privacy class changed."""
    old, new = _columns(before), _columns(after)
    found = [
        Difference("column_changed", column, before=old.get(column, ""), after=new.get(column, ""))
        for column in sorted(old.keys() | new.keys())
        if old.get(column) != new.get(column)
    ]
    found += [
        Difference("class_changed", name, before=before.privacy[name], after=after.privacy[name])
        for name in sorted(before.privacy.keys() | after.privacy.keys())
        # A question that was added or removed is told already.
        if name in before.privacy and name in after.privacy and before.privacy[name] != after.privacy[name]
    ]
    if (before.board, before.consent) != (after.board, after.consent):
        found.append(Difference("settings_changed", after.code))
    return tuple(found)


def _columns(definition: Definition) -> dict[str, str]:
    return {
        f"{one.dataflow}.{column}": f"{source} ({one.repeat})" if one.repeat else source
        for one in definition.records
        for column, source in one.columns.items()
    }
