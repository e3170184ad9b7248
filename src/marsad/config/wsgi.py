"""The door of the web server. Nothing is served by a process whose checks fail."""

import os

from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marsad.config.settings")
application = get_wsgi_application()

_faults = [fault for fault in run_checks(tags=[Tags.models, Tags.urls]) if fault.is_serious()]
if _faults:
    raise ImproperlyConfigured("\n".join(str(fault) for fault in _faults))
