from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    name = "marsad.release"
    label = "release"

    def ready(self) -> None:
        from importlib import import_module

        import_module("marsad.release.notice_words")
        import_module("marsad.release.operations_staleness")  # registers what is told when rows are erased
