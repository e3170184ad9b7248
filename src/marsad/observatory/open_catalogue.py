"""The catalogue for data portals: DCAT-AP 3, every dataset with its editions and files, in RDF/XML, Turtle and JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from defusedxml.ElementTree import fromstring
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from marsad.dissemination import queries_open as editions
from marsad.dissemination.queries import current_publication, dataflows
from marsad.observatory.city import city
from marsad.observatory.open_answers import NotAcceptable, answered, etag, open_data
from marsad.observatory.open_structure import agency, catalogue_version
from marsad.observatory.open_words import names_of
from migstat.exchange.sdmx_artefacts import code_id

if TYPE_CHECKING:
    from rdflib import Graph

_FORMS: Final = {
    "ttl": ("text/turtle; charset=utf-8", "turtle"),
    "rdf": ("application/rdf+xml", "xml"),
    "jsonld": ("application/ld+json", "json-ld"),
}
_EU: Final = "http://publications.europa.eu/resource/authority"
_IANA: Final = "http://www.iana.org/assignments/media-types"
# File of an edition, media type, format of the EU's list of file types.
_FILES: Final = (
    ("data.csv", "text/csv", "CSV"),
    ("jsonstat.json", "application/json", "JSON"),
    ("sdmx.xml", "application/xml", "XML"),
    ("sdmx.json", "application/json", "JSON"),
    ("sdmx.csv", "text/csv", "CSV"),
)
_LANGUAGES: Final = {"fr": "FRA", "ar": "ARA", "en": "ENG"}


@open_data
def dcat(request: HttpRequest, form: str) -> HttpResponseBase:
    """The catalogue in one of its forms."""
    content_type, name = _FORMS[form]
    tag = etag(catalogue_version(), form, request.get_host())
    return answered(request, tag, lambda: _written(request, name), content_type)


@open_data
def dcat_negotiated(request: HttpRequest) -> HttpResponseBase:
    """The catalogue in the form that the Accept header asks for; Turtle where it takes anything."""
    accepted = request.headers.get("Accept", "*/*")
    for form, (content_type, _) in _FORMS.items():
        if content_type.partition(";")[0] in accepted:
            return dcat(request, form)
    if "*/*" in accepted or "text/" in accepted:
        return dcat(request, "ttl")
    raise NotAcceptable("catalogue.format", found=repr(accepted[:80]), remedy="ask for Turtle, RDF/XML or JSON-LD")


def _written(request: HttpRequest, name: str) -> bytes:
    text: str = graph(request.build_absolute_uri).serialize(format=name)
    order = {"xml": _ordered_xml, "json-ld": _ordered_json}.get(name)
    return (order(text) if order else text).encode()


def _ordered_json(text: str) -> str:
    """The same nodes in one order: a set of triples has none, and equal catalogues have equal bytes."""

    def ordered(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: ordered(value) for name, value in sorted(part.items())}
        if isinstance(part, list):
            return sorted(map(ordered, part), key=lambda one: json.dumps(one, sort_keys=True))
        return part

    return json.dumps(ordered(json.loads(text)), ensure_ascii=False, indent=2)


def _ordered_xml(text: str) -> str:
    from xml.etree import ElementTree  # nosec B405 -- to write what was just made here

    for prefix, space in re.findall(r'xmlns:(\w+)="([^"]+)"', text):
        if not re.fullmatch(r"ns\d+", prefix):  # such names ElementTree gives by itself, in order
            ElementTree.register_namespace(prefix, space)
    root = fromstring(text)
    for node in root:
        node[:] = sorted(node, key=ElementTree.tostring)
    root[:] = sorted(root, key=ElementTree.tostring)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def graph(absolute: Callable[[str], str]) -> Graph:
    """The catalogue as triples; ``absolute`` makes an address whole."""
    # Brought in only here: it takes a third of a second, and no page needs it.
    from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, Literal, URIRef

    made = _Maker(absolute)
    catalogue, publisher = URIRef(absolute("/catalogue")), URIRef(absolute("/catalogue#publisher"))
    publication = current_publication()
    add = made.graph.add
    add((publisher, RDF.type, FOAF.Agent))
    made.words(publisher, FOAF.name, names_of(city(), "observatory"))
    add((catalogue, RDF.type, DCAT.Catalog))
    made.words(catalogue, DCTERMS.title, names_of(city(), "observatory"))
    made.words(catalogue, DCTERMS.description, names_of(city(), "tagline"))
    add((catalogue, DCTERMS.publisher, publisher))
    add((catalogue, FOAF.homepage, made.typed(absolute("/en/"), FOAF.Document)))
    add((catalogue, DCTERMS.license, made.licence("https://creativecommons.org/licenses/by/4.0/")))
    add((catalogue, DCAT.themeTaxonomy, made.typed(f"{_EU}/data-theme", made.SKOS.ConceptScheme)))
    add((URIRef(f"{_EU}/data-theme"), DCTERMS.title, Literal("Data theme", lang="en")))
    for code in _LANGUAGES.values():
        add((catalogue, DCTERMS.language, made.typed(f"{_EU}/language/{code}", DCTERMS.LinguisticSystem)))
    if publication:
        add((catalogue, DCTERMS.modified, Literal(timezone.localdate(publication.published_at), datatype=XSD.date)))
    latest = editions.in_force()
    services = [
        made.service(catalogue, "/sdmx/", "SDMX REST", publisher),
        made.service(catalogue, "/api/v1/", "API", publisher),
    ]
    history: dict[str, list[Any]] = {}
    for edition in editions.every_standing():
        history.setdefault(edition.dataflow_id, []).append(edition)
    for dataflow in dataflows():
        if dataflow.code in latest:
            dataset = made.dataset(dataflow, history[dataflow.code], publisher)
            add((catalogue, DCAT.dataset, dataset))
            for service in services:
                add((service, DCAT.servesDataset, dataset))
    return made.graph


class _Maker:
    """The parts of the graph."""

    def __init__(self, absolute: Callable[[str], str]) -> None:
        from rdflib import DCAT, DCTERMS, FOAF, SKOS, Graph, Namespace

        self.absolute = absolute
        self.graph = Graph()
        self.SKOS = SKOS
        self.VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
        self.ADMS = Namespace("http://www.w3.org/ns/adms#")
        self.DCATAP = Namespace("http://data.europa.eu/r5r/")
        for prefix, space in (
            ("dcat", DCAT),
            ("dct", DCTERMS),
            ("foaf", FOAF),
            ("vcard", self.VCARD),
            ("adms", self.ADMS),
        ):
            self.graph.bind(prefix, space)

    def words(self, subject: Any, predicate: Any, names: dict[str, str]) -> None:
        from rdflib import Literal

        for language, text in names.items():
            if text:
                self.graph.add((subject, predicate, Literal(text, lang=language)))

    def typed(self, address: str, kind: Any) -> Any:
        from rdflib import RDF, URIRef

        found = URIRef(address)
        self.graph.add((found, RDF.type, kind))
        return found

    def licence(self, address: str) -> Any:
        from rdflib import DCTERMS

        return self.typed(address, DCTERMS.LicenseDocument)

    def day(self, value: date) -> Any:
        from rdflib import XSD, Literal

        return Literal(value, datatype=XSD.date)

    def contact(self) -> Any:
        from rdflib import RDF, URIRef

        point = URIRef(self.absolute("/catalogue#contact"))
        self.graph.add((point, RDF.type, self.VCARD.Kind))
        self.graph.add((point, RDF.type, self.VCARD.Organization))
        self.words(point, self.VCARD.fn, names_of(city(), "observatory"))
        self.graph.add((point, self.VCARD.hasEmail, URIRef(f"mailto:{city()['contact']['email']}")))
        return point

    def service(self, catalogue: Any, path: str, title: str, publisher: Any) -> Any:
        from rdflib import DCAT, DCTERMS, RDF, RDFS, Literal, URIRef

        found = URIRef(self.absolute(path))
        add = self.graph.add
        add((found, RDF.type, DCAT.DataService))
        add((catalogue, DCAT.service, found))
        add((found, DCTERMS.title, Literal(title, lang="en")))
        add((found, DCTERMS.publisher, publisher))
        add((found, DCTERMS.license, self.licence("https://creativecommons.org/licenses/by/4.0/")))
        add((found, DCAT.contactPoint, self.contact()))
        add((found, DCAT.endpointURL, self.typed(self.absolute(path), RDFS.Resource)))
        described = self.absolute("/api/v1/openapi.json" if path.startswith("/api") else "/en/open/")
        add((found, DCAT.endpointDescription, self.typed(described, RDFS.Resource)))
        return found

    def dataset(self, dataflow: Any, history: list[Any], publisher: Any) -> Any:
        """A dataflow as a dataset: the files of its latest edition, and each edition as a version, a dataset of its own."""
        from rdflib import DCAT, DCTERMS, FOAF, SKOS, Literal, URIRef

        found, add = URIRef(self.absolute(f"/catalogue#{dataflow.code}")), self.graph.add
        latest, source = history[-1], dataflow.source
        self.described(found, dataflow, latest, publisher)
        add((found, DCTERMS.identifier, Literal(dataflow.code)))
        add((found, DCTERMS.issued, self.day(history[0].published_on)))
        add((found, DCTERMS.modified, self.day(latest.published_on)))
        theme = self.typed(f"{_EU}/data-theme/SOCI", SKOS.Concept)
        self.words(theme, SKOS.prefLabel, {"en": "Population and society", "fr": "Population et société"})
        add((found, DCAT.theme, theme))
        for language, word in (("fr", "migrations"), ("ar", "هجرة"), ("en", "migration")):
            add((found, DCAT.keyword, Literal(word, lang=language)))
        add((found, DCAT.landingPage, self.typed(self.absolute(f"/en/datasets/{dataflow.code}/"), FOAF.Document)))
        add((found, DCTERMS.spatial, self.typed(f"{_EU}/country/{city()['country']}", DCTERMS.Location)))
        add((found, FOAF.page, self.typed(source.url, FOAF.Document)))
        for edition in history:
            version = self.edition(dataflow, edition, publisher)
            add((found, URIRef(f"{DCAT}hasVersion"), version))
            if edition.pk == latest.pk:
                for file in list(self.graph.objects(version, DCAT.distribution)):
                    add((found, DCAT.distribution, file))
        return found

    def described(self, found: Any, dataflow: Any, edition: Any, publisher: Any) -> None:
        """What a dataset and each of its versions say alike."""
        from rdflib import DCAT, DCTERMS, RDF, RDFS, Literal, URIRef

        add, source = self.graph.add, dataflow.source
        add((found, RDF.type, DCAT.Dataset))
        self.words(found, DCTERMS.title, names_of(dataflow, "title"))
        self.words(found, DCTERMS.description, names_of(dataflow, "description"))
        add((found, DCTERMS.publisher, publisher))
        add((found, DCAT.contactPoint, self.contact()))
        add((found, DCTERMS.accessRights, self.typed(f"{_EU}/access-right/PUBLIC", DCTERMS.RightsStatement)))
        add((found, URIRef(f"{DCAT}version"), Literal(edition.number)))
        origin = self.typed(self.absolute(f"/en/sources/{source.code}/#provenance"), DCTERMS.ProvenanceStatement)
        self.words(origin, RDFS.label, names_of(source, "title"))
        add((found, DCTERMS.provenance, origin))

    def edition(self, dataflow: Any, edition: Any, publisher: Any) -> Any:
        from rdflib import DCAT, DCTERMS, FOAF, URIRef

        found, add = URIRef(self.absolute(f"/catalogue#{dataflow.code}-{edition.number}")), self.graph.add
        self.described(found, dataflow, edition, publisher)
        add((found, DCTERMS.issued, self.day(edition.published_on)))
        self.words(found, self.ADMS.versionNotes, names_of(edition, "reason"))
        page = self.absolute(f"/en/datasets/{dataflow.code}/{edition.number}/")
        add((found, DCAT.landingPage, self.typed(page, FOAF.Document)))
        for name, media, kind in _FILES:
            add((found, DCAT.distribution, self.distribution(dataflow, edition, name, media, kind)))
        return found

    def distribution(self, dataflow: Any, edition: Any, name: str, media: str, kind: str) -> Any:
        from rdflib import DCAT, DCTERMS, RDF, RDFS, Literal, URIRef

        address = self.absolute(f"/data/{dataflow.code}/{edition.number}/{name}")
        found, add, source = URIRef(f"{address}#distribution"), self.graph.add, dataflow.source
        add((found, RDF.type, DCAT.Distribution))
        add((found, DCTERMS.title, Literal(f"{dataflow.title_en} {edition.number}: {name}", lang="en")))
        self.words(found, DCTERMS.description, names_of(edition, "reason"))
        file = self.typed(address, RDFS.Resource)
        add((found, DCAT.accessURL, file))
        add((found, DCAT.downloadURL, file))
        add((found, DCAT.mediaType, self.typed(f"{_IANA}/{media}", DCTERMS.MediaType)))
        add((found, DCTERMS["format"], self.typed(f"{_EU}/file-type/{kind}", DCTERMS.MediaTypeOrExtent)))
        add((found, DCTERMS.license, self.licence(source.licence_url or self.absolute(f"/en/sources/{source.code}/"))))
        add((found, DCTERMS.issued, self.day(edition.published_on)))
        available = self.typed(
            "http://publications.europa.eu/resource/authority/planned-availability/STABLE", self.SKOS.Concept
        )
        self.words(available, self.SKOS.prefLabel, {"en": "Stable", "fr": "Stable"})
        add((found, self.DCATAP.availability, available))
        if name.startswith("sdmx"):
            structure = f"/sdmx/structure/dataflow/{agency()}/{code_id(dataflow.code)}?references=all"
            add((found, DCTERMS.conformsTo, self.typed(self.absolute(structure), DCTERMS.Standard)))
        return found
