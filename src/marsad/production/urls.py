"""The addresses of production."""

from django.urls import path

from marsad.production import views

app_name = "production"
urlpatterns = [
    path("", views.list_runs, name="list"),
    path("new/", views.new_run, name="new"),
    path("studies/", views.list_studies, name="studies"),
    path("studies/<slug:code>/", views.new_study, name="study"),
    path("<uuid:run_id>/", views.show_run, name="run"),
    path("<uuid:run_id>/again/", views.run_again, name="again"),
    path("<uuid:run_id>/cancel/", views.cancel, name="cancel"),
]
