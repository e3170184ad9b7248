from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    name = "marsad.release"
    label = "release"
