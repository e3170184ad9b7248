from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "marsad.coordination.agreements"
    label = "agreements"
