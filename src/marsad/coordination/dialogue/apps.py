from django.apps import AppConfig


class DialogueConfig(AppConfig):
    name = "marsad.coordination.dialogue"
    label = "dialogue"
