"""Every address of the full process."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from marsad.config import jobs  # noqa: F401  (the page of background work lists them)
from marsad.config.public_urls import urlpatterns as public

urlpatterns = [
    # Before the open API, which answers for everything else below api/.
    path("api/deliveries/", include("marsad.collection.deliveries.urls_api")),
    *public,
    path("openrosa/", include("marsad.collection.instruments.urls_openrosa")),
    *i18n_patterns(
        path("", include("marsad.figures.urls")),
        path("agreements/", include("marsad.coordination.agreements.urls")),
        path("needs/", include("marsad.coordination.needs.urls")),
        path("dialogue/", include("marsad.coordination.dialogue.urls")),
        path("directory/", include("marsad.coordination.directory.urls")),
        path("news/", include("marsad.news.urls")),
        path("desk/", include("marsad.notices.urls")),
        path("account/", include("marsad.accounts.urls")),
        path("account/", include("allauth.account.urls")),
        path("account/factors/", include("allauth.mfa.urls")),
        path("audit/", include("marsad.audit.urls")),
        path("work/", include("marsad.work.urls")),
        path("linkages/", include("marsad.production.linkage.urls")),
        path("production/", include("marsad.production.urls")),
        path("release/", include("marsad.release.urls")),
        path("requests/", include("marsad.collection.urls")),
        path("store/", include("marsad.collection.urls_store")),
        path("deliveries/", include("marsad.collection.deliveries.urls")),
        path("instruments/", include("marsad.collection.instruments.urls")),
        path("fieldwork/", include("marsad.collection.fieldwork.urls")),
        path("forms/", include("marsad.collection.instruments.urls_web")),
    ),
]
