"""Addresses of the messages on releases."""

from django.urls import path

from marsad.news import views

app_name = "news"
urlpatterns = [
    path("", views.ask, name="ask"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("end/<str:token>/", views.end, name="end"),
    path("end/<str:token>/now/", views.end_at_once, name="end_at_once"),
]
