from importlib import import_module

from django.apps import AppConfig


class FieldworkConfig(AppConfig):
    name = "marsad.collection.fieldwork"
    label = "fieldwork"

    def ready(self) -> None:
        import_module("marsad.collection.fieldwork.erasing")
