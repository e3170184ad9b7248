from importlib import import_module

from django.apps import AppConfig


class DialogueConfig(AppConfig):
    name = "marsad.coordination.dialogue"
    label = "dialogue"

    def ready(self) -> None:
        """The kinds of notices of this app are known from the start."""
        import_module("marsad.coordination.dialogue.notice_words")
