"""The public pages. Those that show observations have a second address under ``e/<publication>/`` that never changes."""

from django.urls import URLPattern, URLResolver, include, path

from marsad.observatory import views
from marsad.observatory import views_actors as actors
from marsad.observatory import views_dialogue as talk
from marsad.observatory import views_downloads as downloads
from marsad.observatory import views_flows as flows
from marsad.observatory import views_gaps as gap_pages
from marsad.observatory import views_ledger as ledger
from marsad.observatory import views_reference as reference
from marsad.observatory import views_why as whys
from marsad.observatory.urls_open_pages import OPEN_PAGES
from marsad.observatory.views_data_use import data_use, data_use_csv, data_use_json
from marsad.observatory.views_fitness import fitness
from marsad.observatory.views_search import search

app_name = "observatory"

# Pages of observations: also served under the number of a publication, for good.
OF_A_PUBLICATION: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("indicators/", views.indicators, name="indicators"),
    path("indicators/<str:code>/", views.indicator, name="indicator"),
    path("indicators/<str:code>/<slug:chart>.svg", views.chart_svg, name="chart_svg"),
    path("indicators/<str:code>/<slug:chart>.png", views.chart_png, name="chart_png"),
    path("areas/", views.areas, name="areas"),
    path("areas/map.json", views.areas_map, name="areas_map"),
    path("areas/<str:code>/", views.area, name="area"),
    path("themes/<str:code>/", views.theme, name="theme"),
    path("compare/<str:code>/", views.compare, name="compare"),
    path("embed/<str:code>/<slug:chart>/", views.embed, name="embed"),
    path("indicators/<str:code>/data.csv", downloads.indicator_csv, name="indicator_csv"),
    path("indicators/<str:code>/data.json", downloads.indicator_json, name="indicator_json"),
    path("areas/<str:code>/data.csv", downloads.area_csv, name="area_csv"),
    path("why/<str:code>/", whys.why_indicator, name="why_indicator"),
    path("why/<str:code>/<str:area>/", whys.why, name="why"),
    path("why/<str:code>/<str:area>/chain.json", whys.why_json, name="why_json"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *OF_A_PUBLICATION,
    path("e/<str:publication>/", include(OF_A_PUBLICATION)),
    path("figures/", ledger.figures, name="figures"),
    path("figures.csv", downloads.figures_csv, name="figures_csv"),
    path("figures/<str:code>/", ledger.figure, name="figure"),
    path("cases/", ledger.cases, name="cases"),
    path("cases/<str:code>/", ledger.case, name="case"),
    path("sources/", reference.sources, name="sources"),
    path("sources/<str:code>/", reference.source, name="source"),
    path("datasets/", reference.datasets, name="datasets"),
    path("datasets/<str:code>/", reference.dataset, name="dataset"),
    path("datasets/<str:code>/<str:number>.csv", downloads.dataset_csv, name="dataset_csv"),
    path("organisations/", actors.organisations, name="organisations"),
    path("organisations.csv", actors.organisations_csv, name="organisations_csv"),
    path("organisations/matrix/", actors.who_does_what_where, name="matrix"),
    path("organisations/network/", actors.network, name="network"),
    path("organisations/<slug:code>/", actors.organisation, name="organisation"),
    path("organisations/<slug:code>/changed/", flows.changed, name="changed"),
    path("flows/", flows.flows, name="flows"),
    path("flows.csv", flows.flows_csv, name="flows_csv"),
    path("flows/stop/<slug:code>/", flows.stop, name="stop"),
    path("services/", actors.services, name="services"),
    path("services.csv", actors.services_csv, name="services_csv"),
    path("services.geojson", actors.services_geojson, name="services_geojson"),
    path("data-use/", data_use, name="data_use"),
    path("data-use.csv", data_use_csv, name="data_use_csv"),
    path("data-use.json", data_use_json, name="data_use_json"),
    path("gaps/", gap_pages.gaps, name="gaps"),
    path("gaps.csv", gap_pages.gaps_csv, name="gaps_csv"),
    path("fitness/", fitness, name="fitness"),
    path("data-requests/", gap_pages.asked, name="asked"),
    path("data-requests.csv", gap_pages.asked_csv, name="asked_csv"),
    path("data-requests/<int:number>/", gap_pages.asked_request, name="asked_request"),
    path("dialogue-sessions/", talk.dialogue_sessions, name="dialogue"),
    path("dialogue-sessions/<int:number>/", talk.dialogue_session, name="dialogue_session"),
    path(
        "dialogue-sessions/<int:number>/report-<slug:language>.<slug:form>",
        talk.dialogue_report,
        name="dialogue_report",
    ),
    path("challenges/", talk.dialogue_challenges, name="dialogue_challenges"),
    path("challenges/<int:number>/", talk.dialogue_challenge, name="dialogue_challenge"),
    path("discussions/", talk.discussions, name="discussions"),
    path("discussions/<int:number>/", talk.discussion, name="discussion"),
    path("goals/", reference.goals, name="sdg"),
    path("recommendations/", reference.recommendations, name="mc2cm"),
    path("methods/", reference.methods, name="methods"),
    path("search/", search, name="search"),
    *OPEN_PAGES,
    path("rests-on/<str:kind>/<str:subject>/", whys.rests_on, name="rests_on"),
    path("pages/<str:name>/", reference.page, name="page"),
]
