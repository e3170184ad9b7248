"""A reader asks, confirms, is told of each release once, and ends it; nobody else can, and nothing tells who reads."""

from __future__ import annotations

import re
from datetime import date, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.test import Client

from house.people import AT
from marsad.audit.models import Event
from marsad.audit.rules import System
from marsad.dissemination.models import Edition, Tombstone
from marsad.news import operations, queries
from marsad.news.messages import send_news
from marsad.news.models import Subscription
from migstat.model import Origin

pytestmark = pytest.mark.django_db
READER = System("reader")
ADDRESS = "reader@example.org"


def published(number: str, origin: Origin = Origin.REAL) -> Edition:
    first = Edition.objects.earliest("pk")
    words = {f"reason_{language}": f"{number} {language}" for language in ("fr", "ar", "en")}
    return Edition.objects.create(
        dataflow=first.dataflow, number=number, published_on=date(2026, 11, 1), vintage="2026", checksum="0" * 64,
        observation_count=0, origin=origin, **words,
    )  # fmt: skip


def confirmed(theme: str = "", email: str = ADDRESS, language: str = "fr") -> Subscription:
    asked, _ = operations.ask(actor=READER, at=AT, email=email, language=language, theme=theme)
    return operations.confirm(actor=READER, at=AT, subscription=asked)


def link(message: str, name: str) -> str:
    return re.search(rf"http://[^/]+(/\w\w/news/{name}/\S+/)", message)[1]


def test_from_the_page_to_the_first_message_and_its_end(small_city: None, client: Client) -> None:
    answer = client.post("/ar/news/", {"email": " Reader@Example.org ", "theme": ""}, follow=True)
    assert "الرسالة في الطريق" in answer.content.decode()
    assert [message.to for message in mail.outbox] == [[ADDRESS]]
    confirming = link(str(mail.outbox[0].body), "confirm")
    assert confirming.startswith("/ar/")
    assert "data-confirmed" not in client.get(confirming).content.decode()
    assert Subscription.objects.get().confirmed_at is None
    assert "data-confirmed" in client.post(confirming).content.decode()
    assert send_news(actor=READER, at=AT) == (0, 0)
    published("2099-1")
    assert send_news(actor=READER, at=AT) == (1, 0)
    assert send_news(actor=READER, at=AT) == (0, 0)
    told = mail.outbox[1]
    assert "2099-1 ar" in str(told.body)
    assert re.search(r"http://[^/]+/ar/datasets/\S+/2099-1/", str(told.body))
    ending = link(str(told.body), "end")
    assert client.get(ending).status_code == 200
    assert "data-ended" in client.post(ending).content.decode()
    assert not Subscription.objects.exists()
    assert client.get(ending).status_code == 410


def test_one_press_in_the_mail_program_ends_it(small_city: None) -> None:
    confirmed()
    published("2099-1")
    send_news(actor=READER, at=AT)
    headers = mail.outbox[-1].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.search(r"http://[^/]+(/\S+)>", headers["List-Unsubscribe"])[1]
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(address).status_code == 405
    assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscription.objects.exists()


def test_a_theme_tells_of_its_editions_alone_and_synthetic_or_withdrawn_ones_are_no_news(small_city: None) -> None:
    confirmed(theme="housing")
    everything = confirmed(email="all@example.org", language="en")
    published("2099-1", Origin.SYNTHETIC)
    withdrawn = published("2099-2")
    Tombstone.objects.create(edition=withdrawn, withdrawn_at=AT, reason_fr="r", reason_ar="r", reason_en="r")
    assert send_news(actor=READER, at=AT) == (0, 0)
    edition = published("2099-3")
    assert send_news(actor=READER, at=AT) == (1, 0)
    assert mail.outbox[-1].to == ["all@example.org"]
    everything.refresh_from_db()
    assert everything.told_through == edition.pk
    housing = Edition.objects.filter(observations__indicator__theme="housing").earliest("pk")
    Subscription.objects.filter(theme="housing").update(told_through=housing.pk - 1)
    assert send_news(actor=READER, at=AT) == (1, 0)
    assert mail.outbox[-1].to == [ADDRESS]


def test_one_address_that_fails_keeps_nobody_else_from_the_news(
    small_city: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    confirmed(email="broken@example.org")
    confirmed()
    published("2099-1")
    from django.core.mail import EmailMessage

    real = EmailMessage.send

    def send(message: EmailMessage, fail_silently: bool = False) -> int:
        if message.to == ["broken@example.org"]:
            raise SMTPServerDisconnected("gone")
        return int(real(message, fail_silently))

    monkeypatch.setattr(EmailMessage, "send", send)
    assert send_news(actor=READER, at=AT) == (1, 1)
    assert "broken@example.org" not in caplog.text
    monkeypatch.undo()
    assert send_news(actor=READER, at=AT) == (1, 0)


def test_the_page_says_the_same_of_a_known_address_and_sends_nothing_twice(small_city: None, client: Client) -> None:
    first = client.post("/fr/news/", {"email": ADDRESS}, follow=True).content.decode()
    again = client.post("/fr/news/", {"email": ADDRESS}, follow=True).content.decode()
    sentence = "Si cette adresse est la vôtre"
    assert sentence in first
    assert sentence in again
    assert len(mail.outbox) == 1
    operations.confirm(actor=READER, at=AT, subscription=Subscription.objects.get())
    client.post("/fr/news/", {"email": ADDRESS})
    assert len(mail.outbox) == 1
    assert client.post("/fr/news/", {"email": "no address"}).status_code == 400


def test_a_link_opens_its_own_row_in_its_time_alone(small_city: None, client: Client) -> None:
    mine, _ = operations.ask(actor=READER, at=AT, email=ADDRESS, language="fr")
    token = queries.token_of(mine)
    assert queries.subscription_of(token, now=AT + timedelta(days=2)) == mine
    assert queries.subscription_of(token, now=AT + timedelta(days=4)) is None
    other = confirmed(email="other@example.org")
    forged = token.replace(mine.pk.hex, other.pk.hex)
    for wrong in (forged, mine.pk.hex, "x:y", f"{mine.pk.hex}:"):
        assert client.post(f"/fr/news/end/{wrong}/").status_code == 410
    assert operations.forget_unconfirmed(actor=READER, at=AT + timedelta(days=4)) == 1
    assert list(Subscription.objects.values_list("email", flat=True)) == ["other@example.org"]


def test_the_log_names_no_address(small_city: None) -> None:
    subscription = confirmed()
    operations.end(actor=READER, at=AT, subscription=subscription)
    written = [f"{event.target} {event.details}" for event in Event.objects.filter(action__startswith="news.")]
    assert len(written) == 3
    assert not any("example.org" in one for one in written)
