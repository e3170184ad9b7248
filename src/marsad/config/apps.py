from django.apps import AppConfig
from django.core.checks import Tags, register


class ConfigConfig(AppConfig):
    name = "marsad.config"
    label = "config"

    def ready(self) -> None:
        from marsad.config.checks import check_privacy

        register(check_privacy, Tags.models)
