"""The words of rights, states and moves."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.collection.rules import Move, RequestState, Right

RIGHT_LABELS: dict[str, Promise | str] = {
    Right.ACCESS: _("Access"),
    Right.RECTIFICATION: _("Rectification"),
    Right.ERASURE: _("Erasure"),
    Right.OPPOSITION: _("Opposition"),
}
STATE_LABELS: dict[str, Promise | str] = {
    RequestState.RECEIVED: _("Received"),
    RequestState.IDENTIFIED: _("Person identified"),
    RequestState.GRANTED: _("Granted"),
    RequestState.REFUSED: _("Refused"),
    RequestState.WITHDRAWN: _("Withdrawn"),
    RequestState.ERASED: _("Erased"),
}
MOVE_LABELS: dict[str, Promise | str] = {
    Move.IDENTIFY: _("The person is identified"),
    Move.GRANT: _("Grant"),
    Move.REFUSE: _("Refuse"),
    Move.WITHDRAW: _("The person withdraws it"),
}
REFUSAL_LABELS: dict[str, Promise | str] = {
    "collection.answer": _("Write what is answered to the person."),
    "collection.move": _("The request has moved on meanwhile: this step is not open any more."),
    "collection.received_on": _("The day of receipt lies in the future."),
}
