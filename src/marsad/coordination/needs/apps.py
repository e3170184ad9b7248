from importlib import import_module

from django.apps import AppConfig


class NeedsConfig(AppConfig):
    name = "marsad.coordination.needs"
    label = "needs"

    def ready(self) -> None:
        """The kinds of notices of this app are known from the start."""
        import_module("marsad.coordination.needs.notice_words")
