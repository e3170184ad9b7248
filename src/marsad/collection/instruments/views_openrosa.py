"""OpenRosa for ODK Collect and KoboCollect: list of forms, form, manifest, media, submission."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from marsad.collection.instruments import digest, openrosa, queries
from marsad.collection.instruments.device_access import Sender, Unknown, sender_of
from marsad.collection.instruments.labels import refusal_words
from marsad.collection.instruments.receiving import receive_submission
from marsad.collection.instruments.rules import LIMITS, Channel, Receipt
from marsad.web.access import AccessRule, access
from migstat.model.refusals import Refused

# The decorator below asks each request for the device behind it; a browser's session plays no part.
a_device = AccessRule("a device of a person who may fill forms", lambda user: True)
_STATUS = {
    "instruments.unknown_form": 404,
    "instruments.unknown_version": 404,
    "instruments.closed_version": 403,
    "instruments.device_closed": 403,
    "instruments.device_person": 403,
    "collection.authorisation": 403,
    "instruments.too_large": 413,
    "instruments.attachment_large": 413,
    "instruments.attachment_changed": 409,
    "instruments.content_encoding": 415,
}
View = Callable[..., HttpResponse]


def _answer(body: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type="text/xml; charset=utf-8")
    response["X-OpenRosa-Version"] = "1.0"
    response["X-OpenRosa-Accept-Content-Length"] = str(LIMITS.request)
    response["Date"] = http_date()
    return response


def _refused(refusal: Refused) -> HttpResponse:
    body = openrosa.response(refusal_words(refusal), nature="submit_failure", rule=refusal.rule)
    return _answer(body, _STATUS.get(refusal.rule, 400))


def _challenged(*, stale: bool) -> HttpResponse:
    body = openrosa.response(_("Say which device sends: by its token or by its name and password."), nature="error")
    response = _answer(body, 401)
    response["WWW-Authenticate"] = digest.challenge(timezone.now(), settings.SECRET_KEY, stale=stale)
    return response


def for_devices(view: View) -> View:
    """Open a view to devices alone, and answer every refusal as OpenRosa does."""

    @csrf_exempt
    @never_cache
    @access(a_device)
    @wraps(view)
    def answered(request: HttpRequest, token: str = "", **kwargs: Any) -> HttpResponse:
        try:
            sender = sender_of(request, token, now=timezone.now())
            return view(request, sender, token=token, **kwargs)
        except Unknown as unknown:
            return _challenged(stale=unknown.stale)
        except Refused as refusal:
            return _refused(refusal)

    return answered


def _address(request: HttpRequest, route: str, token: str, **values: str) -> str:
    named = {**values, "token": token} if token else values
    return request.build_absolute_uri(reverse(f"openrosa:{route}{'-token' if token else ''}", kwargs=named))


@for_devices
def list_forms(request: HttpRequest, sender: Sender, *, token: str) -> HttpResponse:
    language, wanted = (get_language() or "fr")[:2], request.GET.get("formID", "")
    forms = []
    for version in queries.published_versions(sender.person):
        form, code = version.instrument, version.instrument_id
        files = queries.media(code, version.code)
        if wanted in ("", code):
            named = {"code": code, "version": version.code}
            forms.append(
                openrosa.ListedForm(
                    code,
                    getattr(form, f"title_{language}", form.title_fr),
                    version.code,
                    getattr(form, f"purpose_{language}", form.purpose_fr),
                    version.xform.encode(),
                    _address(request, "form-version", token, **named),
                    _address(request, "manifest", token, **named) if files else "",
                )
            )
    return _answer(openrosa.form_list(forms))


@for_devices
def show_form(request: HttpRequest, sender: Sender, *, token: str, code: str, version: str = "") -> HttpResponse:
    chosen = version or next(
        (one.code for one in queries.published_versions(sender.person) if one.instrument_id == code), ""
    )
    return _answer(queries.xform(code, chosen).decode())


@for_devices
def show_manifest(request: HttpRequest, sender: Sender, *, token: str, code: str, version: str) -> HttpResponse:
    queries.receiving_version(code, version)
    files = [
        (file.name, file.digest, _address(request, "media", token, code=code, version=version, name=file.name))
        for file in queries.media(code, version)
    ]
    return _answer(openrosa.manifest(files))


@for_devices
def show_media(request: HttpRequest, sender: Sender, *, token: str, code: str, version: str, name: str) -> HttpResponse:
    queries.receiving_version(code, version)
    file = queries.media_file(code, version, name)
    if file is None:
        return _answer(openrosa.response(_("This form has no such file."), nature="error"), 404)
    response = _answer("")
    response.content = bytes(file.content)
    response["Content-Type"] = file.content_type
    return response


@for_devices
def receive(request: HttpRequest, sender: Sender, *, token: str) -> HttpResponse:
    if request.method == "HEAD":
        response = _answer("", 204)
        response["Location"] = _address(request, "submission", token)
        return response
    if request.method != "POST":
        response = _answer(openrosa.response(_("Submissions are sent by POST."), nature="error"), 405)
        response["Allow"] = "HEAD, POST"
        return response
    parts = openrosa.read_parts(request)
    receipt = receive_submission(
        actor=sender.person,
        at=timezone.now(),
        xml=parts.xml,
        attachments=parts.attachments,
        channel=Channel.OPENROSA,
        device=sender.device,
    )
    return _acknowledged(request, receipt, token)


def _acknowledged(request: HttpRequest, receipt: Receipt, token: str) -> HttpResponse:
    """201 for what is complete, 202 while attachments are to come, 409 for other answers, which are kept for review."""
    if not receipt.kept:
        words = _("This form was received before with other answers. Both are kept, and a reviewer will look at them.")
        return _answer(openrosa.response(words, nature="submit_failure", rule="instruments.conflict"), 409)
    words = (
        _("The form was received.") if receipt.complete else _("The form was received; some attachments are to come.")
    )
    response = _answer(openrosa.response(words, nature="submit_success"), 201 if receipt.complete else 202)
    response["Location"] = _address(request, "submission", token)
    return response
