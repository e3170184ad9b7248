"""Forms of deliveries: sending a file, correcting how it is read, saying what its columns and spellings mean, deciding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from marsad.collection.deliveries.labels import MARK_LABELS, MOVE_LABELS, SYSTEM_LABELS
from marsad.collection.deliveries.layout import Layout
from marsad.collection.deliveries.mapping import ColumnMapping
from marsad.collection.deliveries.reading_csv import ENCODINGS, SEPARATORS
from marsad.collection.deliveries.rules import Move
from marsad.coordination.agreements.terms import Terms
from migstat.model.structure import DataStructure, Kind, Role
from migstat.quality.codes import CodeSystem
from migstat.quality.marks import Mark

SEPARATOR_NAMES = {";": _("semicolon ;"), ",": _("comma ,"), "\t": _("tabulator"), "|": _("bar |")}
ENCODING_NAMES = {
    "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE", "cp1252": "Windows-1252",
    "cp1256": "Windows-1256", "iso8859_6": "ISO 8859-6", "cp850": "MS-DOS 850", "mac_roman": "Mac Roman",
}  # fmt: skip


class SendForm(forms.Form):
    agreement = forms.ChoiceField(label=_("Agreement"))
    period = forms.CharField(
        label=_("Period that the file covers"),
        help_text=_("A year, a quarter such as 2026-Q1, a month such as 2026-01; empty if the file covers several."),
        max_length=30,
        required=False,
    )
    hours = forms.FloatField(
        label=_("Hours of work it took you (optional)"), min_value=0, max_value=2000, required=False
    )
    again = forms.BooleanField(label=_("I know that this file was delivered before, and mean it"), required=False)
    corrects = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, terms: Sequence[Terms], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreement: Any = self.fields["agreement"]
        agreement.choices = [(one.code, f"{one.code} ({one.structure.code})") for one in terms]


class ReadingForm(forms.Form):
    """What can be corrected of the reading of one file; fields of columns and marks are made from its layout."""

    def __init__(self, *args: Any, layout: Layout | None, file_format: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.layout = layout
        if file_format == "csv" or layout is None:
            self.fields["encoding"] = forms.ChoiceField(
                label=_("Encoding"),
                required=False,
                choices=[("", _("as recognised")), *((one, ENCODING_NAMES[one]) for one in ENCODINGS)],
            )
            self.fields["separator"] = forms.ChoiceField(
                label=_("Separator"),
                required=False,
                choices=[("", _("as recognised")), *((one, SEPARATOR_NAMES[one]) for one in SEPARATORS)],
            )
        if layout is not None and len(layout.sheets) > 1:
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Sheet"), choices=[(one, one) for one in layout.sheets], initial=layout.sheet
            )
        self.fields["heading_first"] = forms.IntegerField(
            label=_("First row of titles"), min_value=1, max_value=400, required=False
        )
        self.fields["heading_last"] = forms.IntegerField(
            label=_("Last row of titles"), min_value=1, max_value=400, required=False
        )
        if layout is not None:
            self.fields["heading_first"].initial, self.fields["heading_last"].initial = (
                layout.heading_first,
                layout.heading_last,
            )
            self._add_conventions(layout)

    def _add_conventions(self, layout: Layout) -> None:
        for column in layout.columns:
            if column.order and column.order != "day_first":
                self.fields[f"order_{column.position}"] = forms.ChoiceField(
                    label=_("“%(title)s”: which comes first?") % {"title": column.title}, required=False, initial=column.order,
                    choices=[("ask", _("choose")), ("day_first", _("the day")), ("month_first", _("the month"))],
                )  # fmt: skip
            if column.numeric and (not column.number_certain or column.decimal == ","):
                self.fields[f"decimal_{column.position}"] = forms.ChoiceField(
                    label=_("“%(title)s”: decimal mark") % {"title": column.title}, required=False,
                    initial="" if not column.number_certain else column.decimal,
                    choices=[("", _("choose")), (".", _("point: 1.5")), (",", _("comma: 1,5"))],
                )  # fmt: skip
        for number, (text, mark) in enumerate(layout.marks.items()):
            self.fields[f"mark_{number}"] = forms.ChoiceField(
                label=_("The mark “%(mark)s” means") % {"mark": text}, initial=mark,
                choices=[(one.value, MARK_LABELS[one]) for one in Mark if one is not Mark.VALUE],
            )  # fmt: skip

    def choices(self) -> dict[str, Any]:
        """What was said, as it is kept with the delivery."""
        said = self.cleaned_data
        by_column = {
            kind: {
                name.split("_")[1]: value
                for name, value in said.items()
                if name.startswith(start) and value not in ("", "ask")
            }
            for kind, start in (("decimals", "decimal_"), ("orders", "order_"))
        }
        marks = {
            text: said[f"mark_{number}"]
            for number, text in enumerate(self.layout.marks if self.layout is not None else {})
            if said.get(f"mark_{number}")
        }
        first, last = said.get("heading_first") or 0, said.get("heading_last") or 0
        moved = self.layout is None or (first, last) != (self.layout.heading_first, self.layout.heading_last)
        rows = {"heading_first": first or last, "heading_last": last or first} if moved else {}
        reading = {name: said[name] for name in ("encoding", "separator", "sheet") if said.get(name)}
        return {"reading": reading, "layout": {**rows, **by_column, "marks": marks}}


class MappingForm(forms.Form):
    """One choice per column of the structure: the column of the file that holds it."""

    def __init__(
        self, *args: Any, structure: DataStructure, layout: Layout, mapping: ColumnMapping, language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.structure, self.mapping = structure, mapping
        crossed = {one.measure for one in mapping.spread} | {one.dimension for one in mapping.spread}
        offered = [("", _("no column"))] + [(str(column.position), column.title) for column in layout.columns]
        for column in structure.columns:
            label = column.label.in_language(language) if column.label is not None else column.name
            if column.name in crossed:
                continue
            self.fields[f"column_{column.name}"] = forms.ChoiceField(
                label=label, choices=offered, required=column.required and column.name not in mapping.constants,
                initial=str(mapping.sources.get(column.name, "")),
            )  # fmt: skip
            if column.role is Role.PERIOD and column.kind is Kind.TEXT:
                self.fields[f"constant_{column.name}"] = forms.CharField(
                    label=_("“%(title)s”, the same for every row") % {"title": label}, required=False, max_length=30,
                    initial=mapping.constants.get(column.name, ""),
                )  # fmt: skip
            if column.kind is Kind.CODE:
                self.fields[f"system_{column.name}"] = forms.ChoiceField(
                    label=_("“%(title)s” is written as") % {"title": label}, initial=mapping.systems.get(column.name, "code"),
                    choices=[(one.value, SYSTEM_LABELS[one]) for one in CodeSystem],
                )  # fmt: skip

    def chosen(self) -> ColumnMapping:
        said = self.cleaned_data
        sources = {
            column.name: int(said[f"column_{column.name}"])
            for column in self.structure.columns
            if said.get(f"column_{column.name}")
        }
        constants = {
            column.name: said[f"constant_{column.name}"].strip()
            for column in self.structure.columns
            if column.name not in sources and said.get(f"constant_{column.name}", "").strip()
        }
        systems = {
            column.name: said[f"system_{column.name}"]
            for column in self.structure.columns
            if said.get(f"system_{column.name}")
        }
        return ColumnMapping(sources, constants, self.mapping.spread, systems, self.mapping.answers)


class LongSelect(forms.Select):
    """A choice written in one piece: through a template for each option, a hundred long lists take many seconds."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = "" if value is None else str(value)
        lines = []
        for code, said in self.choices:
            inner = _options(said, chosen) if isinstance(said, list | tuple) else ""
            group = format_html('<optgroup label="{}">{}</optgroup>', code, inner)
            lines.append(group if inner else _options([(code, said)], chosen))
        given = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<select{}>{}</select>", given, format_html_join("", "{}", ((line,) for line in lines)))


def _options(choices: Any, chosen: str) -> SafeString:
    said = ((code, flatatt({"selected": str(code) == chosen}), words) for code, words in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', said)


class AnswersForm(forms.Form):
    """One choice per spelling that is asked: which code it means. Those left open stay open."""

    def __init__(
        self, *args: Any, questions: Sequence[Mapping[str, Any]], codes: Mapping[str, Mapping[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        for number, one in enumerate(self.questions):
            names = codes.get(one["column"], {})
            near = [(code, f"{names.get(code, code)} ({code})") for code in one["proposals"] if code in names]
            rest = [(code, f"{name} ({code})") for code, name in names.items() if code not in one["proposals"]]
            choices: list[Any] = [("", _("not decided")), *near]
            if rest:
                choices.append((_("All codes"), rest))
            self.fields[f"answer_{number}"] = forms.ChoiceField(
                label=_("“%(found)s”, %(rows)s rows") % {"found": one["found"], "rows": one["rows"]},
                choices=choices,
                required=False,
                widget=LongSelect,
            )

    def answers(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for number, one in enumerate(self.questions):
            if code := self.cleaned_data.get(f"answer_{number}"):
                found.setdefault(one["column"], {})[one["found"]] = code
        return found


class DecisionForm(forms.Form):
    move = forms.TypedChoiceField(label=_("Decision"), coerce=Move)
    reason = forms.CharField(
        label=_("Reason, as the partner reads it"),
        help_text=_("Needed to return, to refuse, and for reservations. Name no person."),
        widget=forms.Textarea(attrs={"rows": 4}), max_length=4000, required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, moves: Sequence[Move], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        move: Any = self.fields["move"]
        move.choices = [(one.value, MOVE_LABELS[one]) for one in moves]


class TokenForm(forms.Form):
    agreement = forms.ChoiceField(label=_("Agreement"))
    label = forms.CharField(
        label=_("What sends with it"), help_text=_("Such as: the server of the registry."), max_length=80
    )

    def __init__(self, *args: Any, terms: Sequence[Terms], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreement: Any = self.fields["agreement"]
        agreement.choices = [(one.code, one.code) for one in terms]
