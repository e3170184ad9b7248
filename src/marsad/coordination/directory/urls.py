"""The addresses where the directory is kept."""

from django.urls import path

from marsad.coordination.directory import views

app_name = "directory"
urlpatterns = [
    path("", views.entries, name="entries"),
    path("merges/", views.merge, name="merge"),
    path("merges/<int:merge_id>/undo/", views.undo_merge, name="undo_merge"),
    path("changes/<int:number>/", views.change, name="change"),
    path("contacts/", views.contacts, name="contacts"),
    path("<slug:code>/", views.entry, name="entry"),
    path("<slug:code>/confirm/", views.confirm, name="confirm"),
    path("<slug:code>/change/<slug:subject>/", views.change_entry, name="change_entry"),
    path("<slug:code>/change/<slug:subject>/<slug:target>/", views.change_entry, name="change_part"),
    path("<slug:code>/contacts/", views.add_contact, name="add_contact"),
    path("<slug:code>/contacts/<int:contact_id>/delete/", views.withdraw_contact, name="withdraw_contact"),
    path("<slug:code>/names/", views.add_alias, name="add_alias"),
    path("<slug:code>/identifiers/", views.add_identifier, name="add_identifier"),
    path("<slug:code>/members/", views.add_member, name="add_member"),
    path("<slug:code>/members/<int:membership_id>/end/", views.end_membership, name="end_membership"),
]
