from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "marsad.coordination.directory"
    label = "directory"

    def ready(self) -> None:
        from marsad.coordination.directory import notice_words  # noqa: F401
