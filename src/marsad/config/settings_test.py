"""Settings of the test suite: those of the installation, in a home of each process's own, with quick password hashing.

``MARSAD_TEST_POSTGRESQL=1`` runs it on a private PostgreSQL cluster; otherwise it runs on SQLite in memory.
"""

import atexit
import os
import shutil
import tempfile

if "MARSAD_HOME" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
    _home = tempfile.mkdtemp(prefix="marsad-test-")
    os.environ["MARSAD_HOME"] = _home
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
if os.environ.get("MARSAD_TEST_POSTGRESQL") == "1" and "MARSAD_DATABASE_URL" not in os.environ:
    from marsad.config.private_postgresql import start_private_cluster

    _address = start_private_cluster()
    os.environ["MARSAD_DATABASE_URL"] = _address.format(name="marsad")
    os.environ["MARSAD_CONFIDENTIAL_DATABASE_URL"] = _address.format(name="marsad_confidential")

# Given, so that no test leaves the file of a key beside its home.
os.environ.setdefault("MARSAD_MASTER_KEY", "Zm9yIHRoZSB0ZXN0cyBhbG9uZSwgMzIgYnl0ZXMgISE=")

from marsad.config.settings import *  # noqa: F403

SECRET_KEY = "for the tests alone"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
