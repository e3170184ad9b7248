from django.apps import AppConfig


class FieldworkConfig(AppConfig):
    name = "marsad.collection.fieldwork"
    label = "fieldwork"
