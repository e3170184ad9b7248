from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "marsad.coordination.flows"
    label = "flows"
