"""The addresses of fieldwork."""

from django.urls import path

from marsad.collection.fieldwork import views, views_networks, views_samples

app_name = "fieldwork"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("agents/", views.agents, name="agents"),
    path("agents/<slug:code>/end/", views.end, name="end-agent"),
    path("mine/", views_samples.mine, name="mine"),
    path("frames/new/", views.new_frame, name="new-frame"),
    path("frames/<slug:code>/<int:version>/", views.show_frame, name="frame"),
    path("frames/<slug:code>/<int:version>/draw/", views.new_sample, name="new-sample"),
    path("samples/<slug:code>/", views_samples.show_sample, name="sample"),
    path("samples/<slug:code>/move/", views_samples.move, name="move"),
    path("samples/<slug:code>/release/", views_samples.release, name="release"),
    path("samples/<slug:code>/compare/", views_samples.compare, name="compare"),
    path("samples/<slug:code>/weights/", views_samples.weights, name="weights"),
    path("samples/<slug:code>/cases/", views_samples.list_cases, name="cases"),
    path("samples/<slug:code>/cases/assign/", views_samples.assign, name="assign"),
    path("samples/<slug:code>/cases/<int:case_id>/", views_samples.show_case, name="case"),
    path("samples/<slug:code>/cases/<int:case_id>/step/", views_samples.step_case, name="step-case"),
    path("reception/", views_networks.reception, name="reception"),
    path("reception/<slug:code>/", views_networks.receive, name="receive"),
    path("reception/<slug:code>/<int:number>/", views_networks.participant, name="participant"),
    path("networks/new/", views_networks.new_network, name="new-network"),
    path("networks/<slug:code>/", views_networks.show_network, name="network"),
    path("networks/<slug:code>/move/", views_networks.move, name="move-network"),
    path("networks/<slug:code>/print/", views_networks.print_sheets, name="print"),
    path("networks/<slug:code>/void/<int:batch>/", views_networks.void, name="void"),
    path("networks/<slug:code>/coupon/", views_networks.change_coupon, name="change-coupon"),
    path("networks/<slug:code>/diagnostics/", views_networks.diagnostics, name="diagnostics"),
    path("networks/<slug:code>/freeze/", views_networks.freeze, name="freeze"),
]
