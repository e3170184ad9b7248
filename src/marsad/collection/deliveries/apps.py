from importlib import import_module

from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    name = "marsad.collection.deliveries"
    label = "deliveries"

    def ready(self) -> None:
        import_module("marsad.collection.deliveries.notice_words")
        import_module("marsad.collection.deliveries.erasing")
