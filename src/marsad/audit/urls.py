"""The address of the log."""

from django.urls import path

from marsad.audit import views

app_name = "audit"
urlpatterns = [path("", views.log, name="events")]
