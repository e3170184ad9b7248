from importlib import import_module

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "marsad.collection"
    label = "collection"

    def ready(self) -> None:
        import_module("marsad.collection.notice_words")
