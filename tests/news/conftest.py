"""The cities that these tests stand on."""

from city_fixtures import rabat, small_city, small_root

__all__ = ["rabat", "small_city", "small_root"]
