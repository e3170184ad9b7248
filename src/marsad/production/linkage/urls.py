"""The addresses of linkages."""

from django.urls import path

from marsad.production.linkage import views

app_name = "linkage"
urlpatterns = [
    path("", views.list_linkages, name="list"),
    path("<uuid:linkage_id>/", views.show_linkage, name="show"),
    path("<uuid:linkage_id>/review/", views.review, name="review"),
    path("<uuid:linkage_id>/decide/", views.decide, name="decide"),
    path("<uuid:linkage_id>/take-back/", views.take_back, name="take_back"),
    path("<uuid:linkage_id>/close/", views.close, name="close"),
    path("<uuid:linkage_id>/reopen/", views.reopen, name="reopen"),
    path("<uuid:linkage_id>/again/", views.again, name="again"),
]
