"""The addresses of the open door: the same in every language, readable by programs, open to every origin."""

from django.urls import URLPattern, URLResolver, path

from marsad.observatory.api_v1 import api
from marsad.observatory.open_answers import begin, headed, open_data, unknown
from marsad.observatory.open_catalogue import dcat, dcat_negotiated
from marsad.observatory.open_changes import changes_file
from marsad.observatory.open_citations import FORMS, cite_edition, cite_figure, cite_indicator
from marsad.observatory.open_files import edition_file, indicator_cube
from marsad.observatory.open_map import geojson
from marsad.observatory.open_releases import calendar, feed
from marsad.observatory.sdmx_availability import availability
from marsad.observatory.sdmx_data import data, data_of_flow
from marsad.observatory.sdmx_structures import not_offered, structures

app_name = "open"

_FLOW = "<str:agency_id>/<str:resource>"
_CONTEXTS = ("dataflow", "datastructure", "provisionagreement", "*")


def _data_paths() -> list[URLPattern | URLResolver]:
    """REST 2.x first: its context is one of four words; any other first part is a dataflow of REST 1.x."""
    paths: list[URLPattern | URLResolver] = []
    for context in _CONTEXTS:
        given = {"context": context}
        name = {"*": "any"}.get(context, context)
        root = f"sdmx/data/{context}"
        paths += [
            path(root, data, given, name=f"sdmx_data_{name}_flows"),
            path(f"{root}/<str:agency_id>", data, given, name=f"sdmx_data_{name}_agency"),
        ]
        root = f"sdmx/data/{context}/{_FLOW}"
        paths += [
            path(root, data, given, name=f"sdmx_data_{name}"),
            path(f"{root}/<str:version>", data, given, name=f"sdmx_data_{name}_version"),
            path(f"{root}/<str:version>/<str:key>", data, given, name=f"sdmx_data_{name}_key"),
        ]
        root = f"sdmx/availability/{context}"
        paths += [
            path(root, availability, given, name=f"sdmx_availability_{name}_flows"),
            path(f"{root}/<str:agency_id>", availability, given, name=f"sdmx_availability_{name}_agency"),
        ]
        root = f"sdmx/availability/{context}/{_FLOW}"
        paths += [
            path(root, availability, given, name=f"sdmx_availability_{name}"),
            path(f"{root}/<str:version>", availability, given, name=f"sdmx_availability_{name}_version"),
            path(f"{root}/<str:version>/<str:key>", availability, given, name=f"sdmx_availability_{name}_key"),
            path(
                f"{root}/<str:version>/<str:key>/<str:component>",
                availability,
                given,
                name=f"sdmx_availability_{name}_component",
            ),
        ]
    return paths


SDMX: list[URLPattern | URLResolver] = [
    *_data_paths(),
    path("sdmx/data", data, name="sdmx_data"),
    path("sdmx/data/<str:flow>", data_of_flow, name="sdmx_data_flow"),
    path("sdmx/data/<str:flow>/<str:key>", data_of_flow, name="sdmx_data_flow_key"),
    path("sdmx/data/<str:flow>/<str:key>/<str:provider>", data_of_flow, name="sdmx_data_flow_provider"),
    path("sdmx/structure", structures, name="sdmx_structures"),
    path("sdmx/structure/<str:kind>", structures, name="sdmx_structure_kind"),
    path("sdmx/structure/<str:kind>/<str:agency_id>", structures, name="sdmx_structure_agency"),
    path("sdmx/structure/<str:kind>/<str:agency_id>/<str:resource>", structures, name="sdmx_structure_resource"),
    path("sdmx/structure/<str:kind>/<str:agency_id>/<str:resource>/<str:version>", structures, name="sdmx_structure"),
    path(
        "sdmx/structure/<str:kind>/<str:agency_id>/<str:resource>/<str:version>/<str:item>",
        structures,
        name="sdmx_structure_item",
    ),
    *(
        path(f"sdmx/{query}/<path:rest>", not_offered, {"query": query}, name=f"sdmx_{query}")
        for query in ("schema", "metadata")
    ),
]
# REST 1.x asks for structures at the root of the service.
OLDER: list[URLPattern | URLResolver] = [
    path(f"sdmx/{kind}{rest}", structures, {"kind": kind}, name=f"sdmx_{kind}_{number}")
    for kind in ("dataflow", "datastructure", "codelist", "conceptscheme", "agencyscheme")
    for number, rest in enumerate(("", "/<str:agency_id>", "/<str:agency_id>/<str:resource>",
                                   "/<str:agency_id>/<str:resource>/<str:version>"))
]  # fmt: skip

FILES: list[URLPattern | URLResolver] = [
    path("data/<str:code>/<str:before>/changes/<str:now>.csv", changes_file, {"form": "csv"}, name="changes_csv"),
    path("data/<str:code>/<str:before>/changes/<str:now>.json", changes_file, {"form": "json"}, name="changes_json"),
    path("data/<str:code>/<str:number>/jsonstat/<str:indicator>.json", indicator_cube, name="json_stat"),
    path("data/<str:code>/<str:number>/<str:name>", edition_file, name="file"),
]

# Every operation of the API answers as the other open addresses do: to any origin, refusals as problems.
API: list[URLPattern | URLResolver] = [
    path(f"api/v1/{found.pattern}", open_data(headed(found.callback)), name=f"api_{found.name}")
    for found in api.urls[0]
    if isinstance(found, URLPattern)
]

CITATIONS: list[URLPattern | URLResolver] = [
    path(f"{route}.{form}", view, {"form": form}, name=f"{name}_{form}")
    for form in FORMS
    for route, view, name in (
        ("cite/<str:language>/indicators/<str:code>", cite_indicator, "cite_indicator"),
        ("cite/<str:language>/e/<str:number>/indicators/<str:code>", cite_indicator, "cite_indicator_of"),
        ("cite/<str:language>/datasets/<str:code>/<str:number>", cite_edition, "cite_edition"),
        ("cite/<str:language>/figures/<str:code>", cite_figure, "cite_figure"),
    )
]
NEWS: list[URLPattern | URLResolver] = [
    *(
        path(f"feeds/<str:language>{part}/releases.{form}", feed, {"form": form}, name=f"{name}_{form}")
        for form in ("rss", "atom")
        for part, name in (("", "feed"), ("/themes/<str:theme>", "theme_feed"))
    ),
    path("calendar/<str:language>.ics", calendar, name="calendar"),
]
CATALOGUE: list[URLPattern | URLResolver] = [
    path("catalogue", dcat_negotiated, name="catalogue"),
    *(path(f"catalogue.{form}", dcat, {"form": form}, name=f"catalogue_{form}") for form in ("ttl", "rdf", "jsonld")),
    path("geojson/<str:code>.geojson", geojson, name="geojson"),
]
# Where catalogues say that the services answer.
SERVICES: list[URLPattern | URLResolver] = [
    path("api/v1/", begin, {"at": "/api/v1/openapi.json"}, name="api_root"),
    path("sdmx/", begin, {"at": "/sdmx/structure/dataflow"}, name="sdmx_root"),
]
REST: list[URLPattern | URLResolver] = [
    path(f"{root}/<path:rest>", unknown, name=f"{root}_unknown")
    for root in ("sdmx", "api", "data", "cite", "feeds", "geojson")
]

urlpatterns: list[URLPattern | URLResolver] = [
    *SDMX,
    *OLDER,
    *FILES,
    *SERVICES,
    *API,
    *CITATIONS,
    *NEWS,
    *CATALOGUE,
    *REST,
]
