"""Agreements, for the people they concern; the public reads the register of data use instead."""

from django.urls import path

from marsad.coordination.agreements import views, views_papers, views_terms

app_name = "agreements"
urlpatterns = [
    path("", views.agreements, name="list"),
    path("new/", views_terms.new_agreement, name="new"),
    path("due.ics", views_papers.calendar, name="calendar"),
    path("<slug:code>/", views.agreement, name="agreement"),
    path("<slug:code>/due.ics", views_papers.calendar, name="agreement_calendar"),
    path("<slug:code>/amend/", views_terms.amend, name="amend"),
    path("<slug:code>/<int:number>/edit/", views_terms.edit, name="edit"),
    path("<slug:code>/<int:number>/step/", views.step, name="step"),
    path("<slug:code>/<int:number>/sign/", views.sign, name="sign"),
    path("<slug:code>/<int:number>/signed-<slug:side>.pdf", views_papers.signed_paper, name="signed_paper"),
    path("<slug:code>/<int:number>/<str:language>.pdf", views_papers.paper, name="paper"),
]
