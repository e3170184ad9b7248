from importlib import import_module

from django.apps import AppConfig


class InstrumentsConfig(AppConfig):
    name = "marsad.collection.instruments"
    label = "instruments"

    def ready(self) -> None:
        import_module("marsad.collection.instruments.notice_words")
        import_module("marsad.collection.instruments.erasing")
