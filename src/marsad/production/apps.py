from django.apps import AppConfig


class ProductionConfig(AppConfig):
    name = "marsad.production"
    label = "production"
