"""Settings of the test suite: those of the installation, with quick password hashing and a key of its own."""

from marsad.config.settings import *  # noqa: F403

SECRET_KEY = "for the tests alone"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
