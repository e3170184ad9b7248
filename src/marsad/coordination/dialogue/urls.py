"""The dialogue, for people who are signed in; everybody reads its public part in the observatory."""

from django.urls import path

from marsad.coordination.dialogue import views, views_results, views_sessions

app_name = "dialogue"
urlpatterns = [
    path("", views_sessions.sessions, name="sessions"),
    path("calendar/", views_sessions.calendar_key, name="calendar_key"),
    path("feed/<str:secret>.ics", views_sessions.feed, name="feed"),
    path("sessions/new/", views_sessions.new_session, name="new_session"),
    path("sessions/<int:number>/", views_sessions.session, name="session"),
    path("sessions/<int:number>/edit/", views_sessions.edit_session, name="edit_session"),
    path("sessions/<int:number>/move/", views_sessions.move_session, name="move_session"),
    path("sessions/<int:number>/agenda/", views_sessions.agenda, name="agenda"),
    path("sessions/<int:number>/agenda/<int:item>/", views_sessions.move_item, name="move_item"),
    path("sessions/<int:number>/invite/", views_sessions.invite, name="invite"),
    path("sessions/<int:number>/places/<int:place>/reply/", views_sessions.reply, name="reply"),
    path("sessions/<int:number>/places/<int:place>/drop/", views_sessions.uninvite, name="uninvite"),
    path("sessions/<int:number>/notes/", views_sessions.notes, name="notes"),
    path("sessions/<int:number>/session.ics", views_sessions.calendar, name="calendar"),
    path("sessions/<int:number>/report-<slug:language>.<slug:form>", views_sessions.report_file, name="report_file"),
    path("sessions/<int:number>/<slug:name>/new/", views_results.part, name="new_part"),
    path("sessions/<int:number>/<slug:name>/<int:row>/edit/", views_results.part, name="edit_part"),
    path("sessions/<int:number>/conclusion/<int:row>/drop/", views_results.drop_conclusion, name="drop_conclusion"),
    path("challenges/", views_results.challenges, name="challenges"),
    path("challenges/<int:number>/", views_results.challenge, name="challenge"),
    path("challenges/<int:number>/move/", views_results.move_challenge, name="move_challenge"),
    path("commitments/", views_results.commitments, name="commitments"),
    path("commitments/<int:number>/", views_results.commitment, name="commitment"),
    path("commitments/<int:number>/move/", views_results.move_commitment, name="move_commitment"),
    path("discussions/", views.discussions, name="discussions"),
    path("discussions/ask/<slug:kind>/<str:code>/", views.ask, name="ask"),
    path("discussions/<int:number>/", views.discussion, name="discussion"),
    path("discussions/<int:number>/answer/", views.answer, name="answer"),
    path("discussions/<int:number>/move/", views.move_discussion, name="move_discussion"),
    path("posts/<int:number>/edit/", views.edit_post, name="edit_post"),
    path("posts/<int:number>/move/", views.move_post, name="move_post"),
]
