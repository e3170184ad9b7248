"""The addresses of the register of requests."""

from django.urls import path

from marsad.collection import views

app_name = "collection"
urlpatterns = [
    path("", views.list_requests, name="requests"),
    path("new/", views.new_request, name="new"),
    path("<uuid:request_id>/", views.show_request, name="request"),
]
