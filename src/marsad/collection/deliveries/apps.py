from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    name = "marsad.collection.deliveries"
    label = "deliveries"
