"""Questionnaires: the list, an instrument with its versions, a version with its questions and its differences."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.accounts.rules import may
from marsad.collection.instruments import queries, xlsform
from marsad.collection.instruments.definition import Definition
from marsad.collection.instruments.form_files import LARGEST_FILE, MOST_FILES, files_read, with_choices
from marsad.collection.instruments.forms import UploadForm
from marsad.collection.instruments.labels import refusal_words
from marsad.collection.instruments.operations_versions import add_version, close_version, publish_version
from marsad.collection.instruments.rules import VersionState
from marsad.web.access import access
from migstat.model.refusals import Refused

manages = may("instruments.manage")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@never_cache
@access(manages)
def list_instruments(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _entered(request, form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal_words(refusal))
            if refusal.rule == "instruments.changed_published":
                return _with_differences(request, form)
        else:
            messages.success(request, _("The version was entered."))
            return redirect("instruments:version", made.instrument_id, made.code)
    return render(request, "instruments/list.html", {"instruments": queries.instruments(), "form": form})


def _read(cleaned: dict[str, Any]) -> tuple[Definition, xlsform.CompiledForm]:
    sheets = xlsform.sheets_of_workbook(cleaned["workbook"].read(5_000_001))
    form = xlsform.compile_form(sheets)
    return _definition(cleaned["definition"], form.code), form


def _definition(file: Any, code: str) -> Definition:
    if file:
        try:
            return Definition.from_mapping(tomllib.loads(file.read(500_000).decode()))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Refused(
                "instruments.definition", found=f"{type(error).__name__}", remedy="see docs/questionnaires.md"
            ) from None
    before = queries.versions_of(code)
    if not before:
        raise Refused("instruments.definition", found="a new instrument", remedy="send its instrument.toml too")
    return queries.definition_of(before[0])


def _entered(request: HttpRequest, cleaned: dict[str, Any]) -> Any:
    actor: Any = request.user
    definition, form = _read(cleaned)
    media = _media(form, cleaned["named_files"])
    return add_version(actor=actor, at=timezone.now(), form=form, definition=definition, media=media)


def _media(form: xlsform.CompiledForm, sent: Sequence[Any]) -> dict[str, bytes]:
    """The files that came with a form, and of the last version those that it names and that did not come."""
    files = {one.name: one.read(LARGEST_FILE + 1) for one in sent[: MOST_FILES + 1]}
    before = next(iter(queries.versions_of(form.code)), None)
    kept = {one.name: bytes(one.content) for one in queries.media(form.code, before.code)} if before else {}
    return {name: kept[name] for name in files_read(form.xform) if name in kept} | files


def _with_differences(request: HttpRequest, form: UploadForm) -> HttpResponse:
    """The refusal of a changed published version, with every difference in the reader's words."""
    for name in ("workbook", "definition"):
        if form.cleaned_data[name]:
            form.cleaned_data[name].seek(0)
    for file in form.cleaned_data["named_files"]:
        file.seek(0)
    definition, changed = _read(form.cleaned_data)
    version = queries.version_of(changed.code, changed.version)
    asked = with_choices(changed.questions, _media(changed, form.cleaned_data["named_files"]))
    found = queries.changes_from(version, asked, definition) if version else ()
    context = {"instruments": queries.instruments(), "form": form, "differences": found}
    return render(request, "instruments/list.html", context, status=409)


@never_cache
@access(manages)
def show_instrument(request: HttpRequest, code: str) -> HttpResponse:
    instrument = queries.instrument_of(code)
    if instrument is None:
        raise Http404
    return render(
        request, "instruments/instrument.html", {"instrument": instrument, "versions": queries.versions_of(code)}
    )


@never_cache
@access(manages)
def show_version(request: HttpRequest, code: str, version: str) -> HttpResponse:
    found = queries.version_of(code, version)
    if found is None:
        raise Http404
    before = queries.version_before(found)
    context = {
        "version": found,
        "questions": queries.questions_of(found),
        "definition": queries.definition_of(found),
        "before": before,
        "differences": queries.changes_between(before, found) if before else (),
        "may_publish": found.state == VersionState.DRAFT,
        "may_close": found.state in (VersionState.PUBLISHED, VersionState.SUPERSEDED),
        "languages": (("fr", "ltr"), ("ar", "rtl"), ("en", "ltr")),
    }
    return render(request, "instruments/version.html", context)


@never_cache
@access(manages)
def download(request: HttpRequest, code: str, version: str) -> HttpResponse:
    found = queries.version_of(code, version)
    if found is None:
        raise Http404
    response = HttpResponse(xlsform.workbook_of(found.sheets), content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="{found.instrument_id}-{found.code}.xlsx"'
    return response


@require_POST
@access(manages)
def change_state(request: HttpRequest, code: str, version: str) -> HttpResponse:
    actor: Any = request.user
    found = queries.version_of(code, version)
    change = {"publish": publish_version, "close": close_version}.get(request.POST.get("move", ""))
    if found is None or change is None:
        raise Http404
    try:
        change(actor=actor, at=timezone.now(), version_id=found.pk)
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("The version's state was changed."))
    return redirect("instruments:version", code, version)
