"""Settings of the test suite: those of the installation, in a home of its own, with quick password hashing."""

import os
import tempfile

os.environ.setdefault("MARSAD_HOME", tempfile.mkdtemp(prefix="marsad-test-"))

from marsad.config.settings import *  # noqa: F403

SECRET_KEY = "for the tests alone"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
