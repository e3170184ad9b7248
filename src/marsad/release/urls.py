"""The addresses of the release desk."""

from django.urls import path

from marsad.release import views, views_runs

app_name = "release"
urlpatterns = [
    path("", views.list_requests, name="list"),
    path("from-run/<uuid:run_id>/", views_runs.from_run, name="from_run"),
    path("competence/", views.competence, name="competence"),
    path("competence/<uuid:person>/end/", views.revoke, name="revoke"),
    path("<uuid:request_id>/", views.show_request, name="request"),
    path("<uuid:request_id>/tables/<int:sort>/", views.show_table, name="table"),
    path("<uuid:request_id>/submit/", views.submit, name="submit"),
    path("<uuid:request_id>/sign/", views.sign, name="sign"),
    path("<uuid:request_id>/embargo/", views.embargo, name="embargo"),
    path("<uuid:request_id>/publish/", views.publish, name="publish"),
    path("<uuid:request_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:request_id>/cancel/", views.cancel, name="cancel"),
]
