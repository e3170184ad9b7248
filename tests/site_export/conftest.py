"""The site of a small city, written once."""

from site_export.written import written

__all__ = ["written"]
