from django.apps import AppConfig


class InstrumentsConfig(AppConfig):
    name = "marsad.collection.instruments"
    label = "instruments"
