"""The addresses of deliveries: sending and following, deciding, tokens."""

from django.urls import path

from marsad.collection.deliveries import views, views_officer, views_tokens

app_name = "deliveries"
urlpatterns = [
    path("", views.list_deliveries, name="list"),
    path("send/", views.send, name="send"),
    path("queue/", views_officer.queue, name="queue"),
    path("tokens/", views_tokens.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", views_tokens.revoke, name="revoke"),
    path("<uuid:delivery_id>/", views.show, name="show"),
    path("<uuid:delivery_id>/correct/", views.correct, name="correct"),
    path("<uuid:delivery_id>/confirm/", views.confirm, name="confirm"),
    path("<uuid:delivery_id>/answer/", views.answer, name="answer"),
    path("<uuid:delivery_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:delivery_id>/report.xlsx", views.report, name="report"),
    path("<uuid:delivery_id>/decide/", views_officer.decide, name="decide"),
]
