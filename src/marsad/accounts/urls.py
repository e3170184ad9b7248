"""The addresses of accounts."""

from django.urls import path, re_path

from marsad.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
    path("erase/", views.erase, name="erase"),
    path("sessions/<int:session_id>/end/", views.end_session, name="end_session"),
    path("people/", views.people, name="people"),
    re_path(r"^people/(?P<user_id>[0-9a-f-]{36})/(?P<move>grant|revoke)/$", views.change_role, name="change_role"),
    path("invitations/", views.invitations, name="invitations"),
    path("invitations/<uuid:invitation_id>/withdraw/", views.withdraw, name="withdraw"),
    path("invitation/<str:token>/", views.accept, name="accept"),
]
