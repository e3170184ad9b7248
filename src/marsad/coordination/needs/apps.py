from django.apps import AppConfig


class NeedsConfig(AppConfig):
    name = "marsad.coordination.needs"
    label = "needs"
