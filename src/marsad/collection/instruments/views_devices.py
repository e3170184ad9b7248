"""Devices: each with credentials of its own, given as a QR code that ODK Collect and KoboCollect read."""

from __future__ import annotations

import base64
import io
import json
import zlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import qrcode
import qrcode.image.svg
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.accounts.rules import may
from marsad.collection.instruments import queries
from marsad.collection.instruments.forms import DeviceForm
from marsad.collection.instruments.labels import refusal_words
from marsad.collection.instruments.operations_devices import Issued, issue_device, revoke_device
from marsad.web.access import access
from migstat.model.refusals import Refused

_PER_PAGE = 25


def _manages(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("fieldwork.manage"))


@never_cache
@access(may("forms.fill"))
def list_devices(request: HttpRequest) -> HttpResponse:
    manages = _manages(request)
    people = queries.people_who_fill() if manages else {}
    choices = [(str(key), person.name or str(key)) for key, person in people.items()]
    form = DeviceForm(request.POST or None, people=choices, initial={"person": str(request.user.pk)})
    if request.method == "POST" and form.is_valid():
        try:
            return _issued(request, form.cleaned_data, people)
        except Refused as refusal:
            form.add_error(None, refusal_words(refusal))
    # A holder is chosen by number: what is searched for stands in the address, where no name belongs.
    wanted, held = request.GET.get("q", "").strip()[:80], request.GET.get("holder", "")
    names = {key: person.name for key, person in people.items()}
    holder = next((key for key in names if str(key) == held), None)
    of = holder if manages else UUID(str(request.user.pk))
    page = Paginator(queries.devices(of, wanted=wanted), _PER_PAGE).get_page(request.GET.get("page"))
    rows = [(device, names.get(device.person, "")) for device in page]
    kept = {name: said for name, said in (("q", wanted), ("holder", str(holder or ""))) if said}
    context = {
        "form": form, "page": page, "rows": rows, "manages": manages, "now": timezone.now(), "wanted": wanted,
        "holders": choices, "holder": str(holder or ""), "keep": f"{urlencode(kept)}&" if kept else "",
    }  # fmt: skip
    return render(request, "instruments/devices.html", context)


def _issued(request: HttpRequest, cleaned: dict[str, Any], people: dict[UUID, Any]) -> HttpResponse:
    actor: Any = request.user
    holder = people.get(UUID(cleaned["person"]), actor) if "person" in cleaned else actor
    issued = issue_device(
        actor=actor, at=timezone.now(), person=holder, label=cleaned["label"], life=timedelta(days=cleaned["days"])
    )
    root = request.build_absolute_uri(reverse("openrosa:form-list")).removesuffix("/formList")
    context = {
        "issued": issued,
        "server": f"{root}/{issued.token}",
        "plain_server": root,
        "code": picture(collect_settings(issued, f"{root}/{issued.token}")),
    }
    return render(request, "instruments/issued.html", context)


def collect_settings(issued: Issued, server: str) -> str:
    """The settings that Collect reads from a QR code: JSON, zlib, base64 (docs.getodk.org/collect-import-export)."""
    settings = {
        "general": {
            "protocol": "odk_default",
            "server_url": server,
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
            "delete_send": True,
            "analytics": False,
        },
        "admin": {"change_server": False},
        "project": {"name": f"Marsad {issued.device.label}"[:40], "color": "#1F6F5C", "icon": "M"},
    }
    return base64.b64encode(zlib.compress(json.dumps(settings, ensure_ascii=False).encode(), 9)).decode()


def picture(text: str) -> str:
    """A QR code as the address of a picture that the page holds itself."""
    out = io.BytesIO()
    qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=4).save(out)
    return f"data:image/svg+xml;base64,{base64.b64encode(out.getvalue()).decode()}"


@require_POST
@access(may("forms.fill"))
def revoke(request: HttpRequest, device_id: UUID) -> HttpResponse:
    actor: Any = request.user
    device = queries.device_of(device_id)
    if device is None or (device.person != actor.pk and not _manages(request)):
        raise Http404
    revoke_device(actor=actor, at=timezone.now(), device_id=device_id)
    messages.success(request, _("The device was closed: its next request is refused."))
    return redirect("instruments:devices")
