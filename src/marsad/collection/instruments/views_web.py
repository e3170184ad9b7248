"""The forms on the web: the list, the page that fills one, what the page asks, and the door for sealed records."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from marsad.accounts.rules import may
from marsad.collection.instruments import queries, queries_review, sealed
from marsad.collection.instruments.receiving import receive_submission
from marsad.collection.instruments.rules import Channel
from marsad.collection.instruments.sealed_parts import PART_BYTES, Arrival, forget_abandoned
from marsad.collection.instruments.web_labels import sealed_words
from marsad.web.access import access, anyone
from marsad.web.templatetags.marsad import asset
from migstat.model.refusals import Refused

# A picture and a position may be taken on these pages, by this site alone, and only when the person asks for it.
_DEVICES = "camera=(self), microphone=(), geolocation=(self), payment=()"
_LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
_FONTS = ("plex-400", "plex-600", "plex-arabic-400", "plex-arabic-600")
_IMAGES = ("check", "chevron", "close", "dash", "dot", "invalid", "mark", "valid")
_VERSION_LIFE = "private, max-age=31536000, immutable"
_GONE = frozenset({"instruments.unknown_form", "instruments.unknown_version", "instruments.closed_version"})


def _form(version: Any) -> dict[str, Any]:
    """A version as the page knows it. The address is the same in every language, so that a device keeps one copy."""
    code, number = version.instrument_id, version.code
    with translation.override(settings.LANGUAGE_CODE):
        at = reverse("forms:xform", args=[code, number]).removesuffix("form.xml")
    titles = {language: getattr(version.instrument, f"title_{language}") for language in _LANGUAGES}
    media = [one.name for one in queries.media(code, number)]
    return {"code": code, "version": number, "title": titles, "at": at, "media": media}


@never_cache
@require_safe
@access(may("forms.fill"))
def list_forms(request: HttpRequest) -> HttpResponse:
    language = translation.get_language() or settings.LANGUAGE_CODE
    forms = [
        {
            "code": one.instrument_id,
            "title": getattr(one.instrument, f"title_{language}"),
            "purpose": getattr(one.instrument, f"purpose_{language}"),
        }
        for one in queries.published_versions(request.user)
    ]
    actor: Any = request.user
    returned = queries_review.returned_to(actor.audit_code).count()
    return render(request, "instruments/web_list.html", {"forms": forms, "returned": returned})


def _shell(request: HttpRequest) -> HttpResponse:
    response = render(request, "instruments/web_shell.html", {"built": bool(_built("forms.json"))})
    response.headers["Permissions-Policy"] = _DEVICES
    return response


@require_safe
@access(anyone)
def show_shell(request: HttpRequest) -> HttpResponse:
    """The page that stands for every page of the forms while there is no network: no person and no form is in it."""
    return _shell(request)


@never_cache
@require_safe
@access(may("forms.fill"))
def fill_form(request: HttpRequest, code: str) -> HttpResponse:
    # A draft of a form that is no longer published is still opened from its device.
    if queries.instrument_of(code) is None:
        raise Http404
    return _shell(request)


@never_cache
@require_safe
@access(may("forms.fill"))
def tell_session(request: HttpRequest) -> JsonResponse:
    """What the page needs: who is here (a code), the drafts' secret, the server's public key, and the forms."""
    user: Any = request.user
    keys = sealed.record_keys()
    return JsonResponse(
        {
            "owner": sealed.owner_code(user.pk),
            "drafts": _text(sealed.drafts_secret(user.pk)),
            "seconds": request.session.get_expiry_age(),
            "key": _text(keys.point),
            "key_code": keys.code,
            "csrf": get_token(request),
            "records": reverse("forms:list") + "records/",
            "part_bytes": PART_BYTES,
            "forms": [_form(one) for one in queries.published_versions(user)],
        }
    )


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")


@require_safe
@access(may("forms.fill"))
def show_xform(request: HttpRequest, code: str, version: str) -> HttpResponse:
    try:
        xml = queries.xform(code, version)
    except Refused as refusal:
        raise Http404 from refusal
    return HttpResponse(xml, content_type="text/xml; charset=utf-8", headers={"Cache-Control": _VERSION_LIFE})


@require_safe
@access(may("forms.fill"))
def show_media(request: HttpRequest, code: str, version: str, name: str) -> HttpResponse:
    found = queries.media_file(code, version, name)
    if found is None:
        raise Http404
    headers = {"Cache-Control": _VERSION_LIFE, "Content-Security-Policy": "default-src 'none'; sandbox"}
    return HttpResponse(bytes(found.content), content_type=found.content_type, headers=headers)


@never_cache
@require_POST
@access(may("forms.fill"))
def receive_part(request: HttpRequest, record: UUID, part: int, parts: int) -> JsonResponse:
    """Take one part of a sealed record; with the last one the record is opened, checked and stored.

    201 when it is stored (200 when it was before), 202 with the numbers of the parts that are missing, 4xx with the rule
    and its words when it is refused: the device then keeps it.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > PART_BYTES:
        return _refused(Refused("instruments.part_size", found="too many bytes", remedy="send smaller parts"), 413)
    user: Any = request.user
    arrival = Arrival(sealed.owner_code(user.pk), record, parts)
    try:
        envelope = _whole(arrival, part, request.body)
        if envelope is None:
            return JsonResponse({"state": "waiting", "missing": arrival.missing()}, status=202)
        opened = sealed.open_sealed(envelope, record=record, owner=arrival.owner, keys=sealed.record_keys())
        receipt = receive_submission(
            actor=user, at=timezone.now(), xml=opened.xml, attachments=opened.attachments, channel=Channel.WEB
        )
    except Refused as refusal:
        arrival.forget()
        return _refused(refusal, 410 if refusal.rule in _GONE else 422)
    arrival.forget()
    fresh = str(receipt.outcome) != "duplicate"
    return JsonResponse({"state": "stored"}, status=201 if fresh else 200)


def _whole(arrival: Arrival, part: int, body: bytes) -> bytes | None:
    """The record when this part completes it. One that comes in one part never touches the server's disk sealed."""
    if arrival.parts == 1 and part == 1:
        return body
    forget_abandoned(now=timezone.now().timestamp())
    arrival.keep(part, body)
    return None if arrival.missing() else arrival.whole()


def _refused(refusal: Refused, status: int) -> JsonResponse:
    return JsonResponse({"rule": refusal.rule, "words": sealed_words(refusal)}, status=status)


def _built(name: str) -> Path | None:
    """A file of the built front end, where it was built."""
    found = finders.find(f"build/{name}")
    return Path(found) if isinstance(found, str) else None


def _shell_files() -> list[str]:
    """The built files that the forms need without a network, under the addresses by which the pages ask for them."""
    listed = _built("forms.json")
    pieces = [] if listed is None else [name for name in json.loads(listed.read_text("utf-8")) if name != "forms.js"]
    named = [asset(name) for name in ("style.css", "style.rtl.css", "forms.js", "favicon.svg", "images/mark.svg")]
    fonts = [static(f"build/fonts/{name}.woff2") for name in _FONTS]
    images = [static(f"build/images/{name}.svg") for name in _IMAGES]
    return sorted({*named, *fonts, *images, *(static(f"build/{name}") for name in pieces)})


def _in_each_language(route: str) -> Mapping[str, str]:
    found = {}
    for language in _LANGUAGES:
        with translation.override(language):
            found[language] = reverse(route)
    return found


@require_safe
@access(anyone)
def show_worker(request: HttpRequest) -> HttpResponse:
    """The service worker: its script, after the list of what it keeps. Another list makes another worker."""
    script = _built("forms-worker.js")
    if script is None:
        raise Http404
    code = script.read_text("utf-8")
    shell: dict[str, Any] = {"files": _shell_files(), "shells": _in_each_language("forms:shell")}
    shell["release"] = sealed.key_code((json.dumps(shell, sort_keys=True) + code).encode())
    body = f"self.MARSAD_FORMS = {json.dumps(shell)};\n{code}"
    return HttpResponse(body, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@require_safe
@access(anyone)
def show_manifest(request: HttpRequest) -> JsonResponse:
    """The web manifest: what a browser needs to put the forms on the home screen."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    start = reverse("forms:list")
    icon = {"src": asset("favicon.svg"), "sizes": "any", "type": "image/svg+xml"}
    return JsonResponse(
        {
            "id": start,
            "name": _("Marsad: questionnaires"),
            "short_name": _("Questionnaires"),
            "lang": language,
            "dir": "rtl" if translation.get_language_bidi() else "ltr",
            "start_url": start,
            "scope": start,
            "display": "standalone",
            "background_color": "#FBF9F4",
            "theme_color": "#FBF9F4",
            "icons": [icon],
        },
        content_type="application/manifest+json",
    )
