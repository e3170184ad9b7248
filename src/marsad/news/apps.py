from django.apps import AppConfig


class NewsConfig(AppConfig):
    name = "marsad.news"
    label = "news"
