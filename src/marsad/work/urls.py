"""The addresses of background work."""

from django.urls import path

from marsad.work import views

app_name = "work"
urlpatterns = [
    path("", views.list_work, name="list"),
    path("<uuid:progress_id>/", views.show, name="show"),
    path("start/<slug:job>/", views.start, name="start"),
]
