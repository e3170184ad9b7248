"""What the written site has of its own: lists of links for forms, search, the door at its root, files for search engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from marsad.observatory.city import city
from marsad.observatory.site_addresses import canonical, public_path
from marsad.observatory.site_html import Choices, choices_of
from marsad.observatory.site_links import Links
from marsad.web.middleware import content_security_policy
from marsad.web.words import LANGUAGES, said

SEARCH_FORM: Final = 'class="search-form"'
_CHARSET: Final = '<meta charset="utf-8">'
_RIGHT_TO_LEFT: Final = frozenset({"ar"})
_MOST_IN_SITEMAP: Final = 50_000  # sitemaps.org, protocol 0.9


@dataclass(frozen=True)
class Door:
    """The way into one language."""

    code: str
    name: str
    title: str
    tagline: str
    direction: str
    url: str


def language_of(page: str) -> str:
    """The language a page says it is in; that of the installation where it says none."""
    _, _, rest = page[:400].partition('<html lang="')
    return rest[:2] if rest[:2] in LANGUAGES else settings.LANGUAGE_CODE


def with_policy(page: str) -> str:
    """The page with the content security policy that the living observatory sends beside it.

    A file cannot say who may frame it: that a server of files has to say, where it matters.
    """
    rules = content_security_policy(embeddable=False).rpartition("; frame-ancestors")[0]
    meta = f'{_CHARSET}\n  <meta http-equiv="Content-Security-Policy" content="{escape(rules)}">'
    return page.replace(_CHARSET, meta, 1)


def list_of_links(form: str, address: str, links: Links) -> str:
    """A form as lists of the pages it leads to; nothing where none of them is written."""
    lists = [shown for choices in choices_of(form) if (shown := _written(choices, address, links))]
    if not lists:
        links.left_out += 1
        return ""
    return render_to_string("observatory/site/choices.html", {"lists": lists})


def _written(choices: Choices, address: str, links: Links) -> dict[str, Any] | None:
    plain = address.partition("?")[0]
    options = []
    for option in choices.options:
        there = canonical(f"?{option.query}", plain) if option.query else plain
        if there is not None and there in links.files:
            # Still as on the living observatory: the links of the whole page are rewritten after its forms.
            options.append({"label": option.label, "url": there, "chosen": option.chosen})
    chosen = next((option["label"] for option in options if option["chosen"]), "")
    return {"label": choices.label, "options": options, "chosen": chosen} if len(options) > 1 else None


def note(living: str, language: str) -> str:
    """The sentence at the end of a page that cannot do here all that it does on the living observatory."""
    with override(language):
        return render_to_string("observatory/site/left_out.html", {"living": f"{living}{language}/" if living else ""})


def door(link: Callable[[str], str], *, missing: bool) -> str:
    """The page at the root, or of an address that does not exist: one way into each language. ``link`` as in the pages."""
    doors = [
        Door(
            code,
            str(name),
            said(city(), "observatory", code),
            said(city(), "tagline", code),
            "rtl" if code in _RIGHT_TO_LEFT else "ltr",
            link(f"/{code}/"),
        )
        for code, name in settings.LANGUAGES
    ]
    with override(settings.LANGUAGE_CODE):
        return render_to_string("observatory/site/door.html", {"doors": doors, "missing": missing, "city": city()})


def robots(base: str) -> str:
    """Everything may be read; where the list of pages stands."""
    return f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n"


def sitemaps(pages: Iterable[str], base: str) -> Mapping[str, str]:
    """``sitemap.xml`` of the pages given as files, each with its other languages; in parts where there are many."""
    known = sorted(pages)
    standing = frozenset(known)
    parts = [known[start : start + _MOST_IN_SITEMAP] for start in range(0, len(known), _MOST_IN_SITEMAP)] or [[]]
    if len(parts) == 1:
        return {"sitemap.xml": _sitemap(parts[0], standing, base)}
    named = {f"sitemap-{place}.xml": _sitemap(part, standing, base) for place, part in enumerate(parts, 1)}
    listed = "".join(f"<sitemap><loc>{base}{name}</loc></sitemap>\n" for name in named)
    index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}</sitemapindex>\n'
    return {"sitemap.xml": f'<?xml version="1.0" encoding="UTF-8"?>\n{index}', **named}


def _sitemap(pages: Sequence[str], standing: frozenset[str], base: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{"".join(_listed(page, standing, base) for page in pages)}</urlset>\n'
    )


def _listed(page: str, standing: frozenset[str], base: str) -> str:
    rest = page.partition("/")[2]
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(base + public_path(other))}"/>'
        for code in LANGUAGES
        if (other := f"{code}/{rest}") in standing
    )
    return f"<url><loc>{escape(base + public_path(page))}</loc>{others}</url>\n"


def root_of(base: str) -> str:
    """The path under which the site will stand, ending in a slash."""
    return urlsplit(base).path or "/"
