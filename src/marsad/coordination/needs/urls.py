"""Needs and requests, for the people who ask and assess; everybody reads the public ones in the observatory."""

from django.urls import path

from marsad.coordination.needs import views, views_requests

app_name = "needs"
urlpatterns = [
    path("", views.needs, name="list"),
    path("new/", views.new_need, name="new"),
    path("<int:number>/", views.need, name="need"),
    path("<int:number>/edit/", views.edit_need, name="edit"),
    path("<int:number>/step/", views.need_step, name="step"),
    path("requests/", views_requests.requests, name="requests"),
    path("requests/new/", views_requests.new_request, name="request_new"),
    path("requests/<int:number>/", views_requests.data_request, name="request"),
    path("requests/<int:number>/edit/", views_requests.edit_request, name="request_edit"),
    path("requests/<int:number>/move/", views_requests.move, name="request_move"),
    path("requests/<int:number>/follow/", views_requests.follow, name="request_follow"),
]
