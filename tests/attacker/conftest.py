"""The city and the people of the public attack."""

from city_fixtures import small_city, small_root
from release.conftest import author, reviewers

__all__ = ["author", "reviewers", "small_city", "small_root"]
