"""The addresses of questionnaires, devices and review."""

from django.urls import path

from marsad.collection.instruments import views, views_devices, views_returned, views_review

app_name = "instruments"
urlpatterns = [
    path("", views.list_instruments, name="list"),
    path("devices/", views_devices.list_devices, name="devices"),
    path("devices/<uuid:device_id>/revoke/", views_devices.revoke, name="revoke"),
    path("returned/", views_returned.list_returned, name="returned"),
    path("returned/<uuid:submission_id>/answer/", views_returned.answer, name="answer"),
    path("review/", views_review.show_board, name="review"),
    path("review/freeze/", views_review.freeze, name="freeze"),
    path("review/<uuid:submission_id>/", views_review.show_submission, name="submission"),
    path("review/<uuid:submission_id>/move/", views_review.move, name="move"),
    path("review/<uuid:submission_id>/correct/", views_review.correct, name="correct"),
    path("review/conflicts/<uuid:conflict_id>/", views_review.settle, name="settle"),
    path("review/attachments/<uuid:attachment_id>/", views_review.show_attachment, name="attachment"),
    path("<slug:code>/", views.show_instrument, name="instrument"),
    path("<slug:code>/<str:version>/", views.show_version, name="version"),
    path("<slug:code>/<str:version>/xlsform.xlsx", views.download, name="download"),
    path("<slug:code>/<str:version>/state/", views.change_state, name="state"),
]
