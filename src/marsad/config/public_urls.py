"""The addresses of the public process: nothing here needs an account or the confidential database."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from marsad.web.views import home_by_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home_by_language, name="root"),
    path("", include("marsad.observatory.urls_open")),
    *i18n_patterns(path("", include("marsad.observatory.urls"))),
]
