from django.apps import AppConfig


class LinkageConfig(AppConfig):
    name = "marsad.production.linkage"
    label = "linkage"
