"""The addresses of the open door: the same in every language, readable by programs, open to every origin."""

from django.urls import URLPattern, URLResolver, path

from marsad.observatory.sdmx_data import data, data_of_flow
from marsad.observatory.sdmx_structures import availability, structures

app_name = "open"

_FLOW = "<str:agency_id>/<str:resource>"
_CONTEXTS = ("dataflow", "datastructure", "provisionagreement", "*")


def _data_paths() -> list[URLPattern | URLResolver]:
    """REST 2.x first: its context is one of four words; any other first part is a dataflow of REST 1.x."""
    paths: list[URLPattern | URLResolver] = []
    for context in _CONTEXTS:
        given = {"context": context}
        name = {"*": "any"}.get(context, context)
        root = f"sdmx/data/{context}/{_FLOW}"
        paths += [
            path(root, data, given, name=f"sdmx_data_{name}"),
            path(f"{root}/<str:version>", data, given, name=f"sdmx_data_{name}_version"),
            path(f"{root}/<str:version>/<str:key>", data, given, name=f"sdmx_data_{name}_key"),
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
]
# REST 1.x asks for structures at the root of the service.
OLDER: list[URLPattern | URLResolver] = [
    path(f"sdmx/{kind}{rest}", structures, {"kind": kind}, name=f"sdmx_{kind}_{number}")
    for kind in ("dataflow", "datastructure", "codelist", "conceptscheme", "agencyscheme")
    for number, rest in enumerate(("", "/<str:agency_id>", "/<str:agency_id>/<str:resource>",
                                   "/<str:agency_id>/<str:resource>/<str:version>"))
]  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [*SDMX, *OLDER]
