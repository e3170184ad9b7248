from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "marsad.notices"
    label = "notices"
