"""Every route has an access rule, in the full process and in the public one; a closed page says why."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from house.people import client_of, person
from marsad.accounts.rules import PERMISSIONS, ROLES, Role, holders, may
from marsad.web.access import AccessRule, access, anyone, signed_in
from marsad.web.middleware import LARGEST_BODY, AccessMiddleware, rule_of

CONFIGURATIONS = ("marsad.config.urls", "marsad.config.public_urls")


def routes(patterns: list[URLPattern | URLResolver], spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, (*spaces, one.namespace) if one.namespace else spaces)
        else:
            yield ":".join((*spaces, one.name or str(one.pattern))), one.callback


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_every_route_has_a_rule(configuration: str) -> None:
    found = list(routes(get_resolver(configuration).url_patterns))
    assert found
    assert [name for name, view in found if rule_of(view, name) is None] == []


def test_the_table_of_other_packages_names_no_route_that_is_gone() -> None:
    names = {name for name, _ in routes(get_resolver("marsad.config.urls").url_patterns)}
    ours_by_setting: set[str] = set()
    assert set(import_module("marsad.config.third_party_access").TABLE) - names - ours_by_setting == set()


def test_the_public_process_has_no_route_for_accounts() -> None:
    names = {name for name, _ in routes(get_resolver("marsad.config.public_urls").url_patterns)}
    assert not [name for name in names if name.startswith(("account", "mfa", "audit", "work", "collection"))]


@pytest.mark.django_db
def test_a_view_without_a_rule_is_closed(rf: RequestFactory, settings: object) -> None:
    def bare(request: object) -> HttpResponse:
        return HttpResponse("open")

    answer = AccessMiddleware(bare).process_view(rf.get("/"), bare, (), {})
    assert answer is not None
    assert answer.status_code == 403
    access(anyone)(bare)
    assert AccessMiddleware(bare).process_view(rf.get("/"), bare, (), {}) is None


def test_a_permission_that_no_role_has_is_refused_where_it_is_written() -> None:
    with pytest.raises(KeyError):
        may("figures.burn")


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["/fr/account/", "/fr/audit/", "/fr/work/", "/fr/requests/", "/fr/account/people/"])
def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(client: Client, route: str) -> None:
    answer = client.get(route)
    assert answer.status_code == 302
    assert answer["Location"] == f"/fr/account/login/?next={route}"


PAGES = {
    "/fr/audit/": "audit.read",
    "/fr/work/": "work.run",
    "/fr/requests/": "privacy.manage",
    "/fr/requests/new/": "privacy.manage",
    "/fr/account/people/": "accounts.manage",
    "/fr/account/invitations/": "accounts.invite",
}


@pytest.mark.django_db(databases=["default", "confidential"])
@pytest.mark.parametrize("role", [role for role, rules in ROLES.items() if rules.account])
def test_each_role_opens_its_pages_and_no_other(role: Role) -> None:
    client = client_of(person(role))
    opened = {page for page in PAGES if client.get(page).status_code == 200}
    assert opened == {page for page, permission in PAGES.items() if role in holders(permission)}


@pytest.mark.django_db
def test_a_refused_page_gives_its_reason() -> None:
    answer = client_of(person(Role.MEMBER)).get("/en/audit/")
    assert answer.status_code == 403
    assert "None of the roles of your account" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("fr", "n’a pas été envoyé"), ("ar", "لم تُرسل الاستمارة")])
def test_a_form_without_its_secret_is_refused_in_the_readers_language(language: str, words: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"/{language}/account/login/", {"login": "a@example.org"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert words in page
    assert f'<html lang="{language}"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role, rules in ROLES.items() if rules.second_factor])
def test_a_role_that_needs_a_second_factor_does_nothing_without_one(role: Role) -> None:
    user = person(role, factor=False)
    assert not any(user.has_perm(permission) for permission in PERMISSIONS)
    assert client_of(user).get("/fr/account/")["Location"] == "/fr/account/factors/"
    awake = person(role, email="awake@example.org")
    assert {one for one in PERMISSIONS if awake.has_perm(one)} == ROLES[role].permissions


def test_rules_say_their_name() -> None:
    assert isinstance(signed_in, AccessRule)
    assert may("audit.read").name == "may audit.read"


@pytest.mark.parametrize(("said", "home"), [("ar,fr;q=0.5", "/ar/"), ("en-GB", "/en/"), ("de", "/fr/"), ("", "/fr/")])
def test_the_root_sends_to_the_readers_language(client: Client, said: str, home: str) -> None:
    answer = client.get("/", headers={"accept-language": said})
    assert answer["Location"] == home
    assert "Accept-Language" in answer["Vary"]


@pytest.mark.django_db
def test_a_body_that_no_form_has_is_refused_before_it_is_read(client: Client) -> None:
    def sent(path: str, length: str) -> int:
        return client.generic("POST", path, b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=length).status_code

    for length in (str(LARGEST_BODY + 1), "9" * 400, "-1"):
        assert sent("/fr/account/login/", length) == 413
        assert sent("/ar/agreements/any/1/sign/", length) == 413
    assert sent("/fr/account/login/", "0") == 200
    assert sent("/fr/deliveries/send/", str(LARGEST_BODY + 1)) == 302  # asks who sends it, then bounds it itself


def test_every_answer_carries_the_security_headers(client: Client) -> None:
    answer = client.get("/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
