"""Every address of the full process."""

from django.urls import include, path

urlpatterns = [
    path("", include("marsad.config.public_urls")),
]
