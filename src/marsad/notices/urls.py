"""The addresses of a person's own page."""

from django.urls import path

from marsad.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("<int:notice_id>/close/", views.dismiss, name="dismiss"),
]
