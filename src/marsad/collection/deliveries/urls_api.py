"""The addresses for machines, without language: signed by a token, in the full process alone."""

from django.urls import path

from marsad.collection.deliveries import views_api as views

app_name = "deliveries_api"
urlpatterns = [
    path("uploads/<uuid:upload_id>/", views.upload, name="upload"),
    path("uploads/<uuid:upload_id>/complete/", views.complete, name="complete"),
    path("<uuid:delivery_id>/", views.delivery, name="delivery"),
    path("<slug:agreement>/", views.send, name="send"),
    path("<slug:agreement>/uploads/", views.begin, name="begin"),
]
