from django.apps import AppConfig


class LinkageConfig(AppConfig):
    name = "marsad.production.linkage"
    label = "linkage"

    def ready(self) -> None:
        from importlib import import_module

        import_module("marsad.production.linkage.erasing")  # registers what is erased when rows of a list are
