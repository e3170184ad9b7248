"""The addresses of the store's pages. None of them lists or exports rows."""

from django.urls import path

from marsad.collection import views_store

app_name = "store"
urlpatterns = [
    path("", views_store.register, name="register"),
    path("dataflows/<slug:code>/", views_store.dataflow, name="dataflow"),
    path("dataflows/<slug:code>/pseudonyms/", views_store.pseudonyms, name="pseudonyms"),
    path("snapshots/<uuid:snapshot_id>/", views_store.snapshot, name="snapshot"),
    path("snapshots/<uuid:snapshot_id>/ask/", views_store.ask, name="ask"),
    path("looks/", views_store.looks, name="looks"),
    path("looks/<uuid:glass_id>/", views_store.look, name="look"),
    path("log/", views_store.log, name="log"),
    path("certificates/", views_store.certificates, name="certificates"),
    path("certificates/<slug:number>/", views_store.certificate, name="certificate"),
    path("requests/<uuid:request_id>/erase/", views_store.erase, name="erase"),
]
