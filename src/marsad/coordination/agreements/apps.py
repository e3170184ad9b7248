from importlib import import_module

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "marsad.coordination.agreements"
    label = "agreements"

    def ready(self) -> None:
        """The kinds of notices of this app are known from the start."""
        import_module("marsad.coordination.agreements.notice_words")
