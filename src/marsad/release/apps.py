from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    name = "marsad.release"
    label = "release"

    def ready(self) -> None:
        from marsad.release import notice_words  # noqa: F401
