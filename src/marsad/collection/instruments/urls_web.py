"""The addresses of the forms on the web."""

from django.urls import path

from marsad.collection.instruments import views_web

app_name = "forms"
urlpatterns = [
    path("", views_web.list_forms, name="list"),
    path("shell/", views_web.show_shell, name="shell"),
    path("worker.js", views_web.show_worker, name="worker"),
    path("manifest.webmanifest", views_web.show_manifest, name="manifest"),
    path("session.json", views_web.tell_session, name="session"),
    path("records/<uuid:record>/<int:part>/<int:parts>/", views_web.receive_part, name="part"),
    path("<slug:code>/", views_web.fill_form, name="fill"),
    path("<slug:code>/<str:version>/form.xml", views_web.show_xform, name="xform"),
    path("<slug:code>/<str:version>/media/<str:name>", views_web.show_media, name="media"),
]
