"""The addresses for devices, without language; each also with the device's token in its path."""

from django.urls import URLPattern, path

from marsad.collection.instruments import views_openrosa as views

app_name = "openrosa"
_ROUTES = (
    ("formList", views.list_forms, "form-list"),
    ("submission", views.receive, "submission"),
    ("forms/<slug:code>.xml", views.show_form, "form"),
    ("forms/<slug:code>/<str:version>.xml", views.show_form, "form-version"),
    ("forms/<slug:code>/<str:version>/manifest", views.show_manifest, "manifest"),
    ("forms/<slug:code>/<str:version>/media/<str:name>", views.show_media, "media"),
)
urlpatterns: list[URLPattern] = [
    *(path(route, view, name=name) for route, view, name in _ROUTES),
    *(path(f"<str:token>/{route}", view, name=f"{name}-token") for route, view, name in _ROUTES),
]
