"""Every address of the full process."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from marsad.config.public_urls import urlpatterns as public

urlpatterns = [
    *public,
    *i18n_patterns(
        path("account/", include("allauth.account.urls")),
        path("account/factors/", include("allauth.mfa.urls")),
        path("account/sessions/", include("allauth.usersessions.urls")),
    ),
]
