from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "marsad.accounts"
    label = "accounts"

    def ready(self) -> None:
        from marsad.accounts.permissions import register
        from marsad.accounts.signals import connect_signals

        register()
        connect_signals()
