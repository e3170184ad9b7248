"""The pages of the open door, in each language."""

from django.urls import URLPattern, URLResolver, path

from marsad.observatory import open_pages

OPEN_PAGES: list[URLPattern | URLResolver] = [
    path("open/", open_pages.open_door, name="open_door"),
    path("datasets/<str:code>/<str:number>/", open_pages.edition, name="edition"),
    path("datasets/<str:code>/<str:before>/changes/<str:now>/", open_pages.changes, name="changes"),
]
