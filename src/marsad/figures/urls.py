"""Proposals on the ledger: for signed-in people, so not in the public process."""

from django.urls import path

from marsad.figures import views

app_name = "figures"
urlpatterns = [
    path("proposals/", views.proposals, name="proposals"),
    path("proposals/figure/", views.propose_figure, name="propose"),
    path("proposals/settle/<str:code>/", views.propose_settlement, name="settle"),
    path("proposals/<int:number>/", views.proposal, name="proposal"),
]
