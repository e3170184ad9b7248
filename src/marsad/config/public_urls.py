"""The addresses of the public process: nothing here needs an account or the confidential database."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
