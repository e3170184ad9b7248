"""Settings of the installation, from the environment.

The public process has no confidential database and no app above the line.
"""

import secrets
from datetime import timedelta
from urllib.parse import urlparse

from marsad.config.environment import Environment, database, mail
from marsad.config.line_guard import close_the_line
from marsad.config.secret_key import kept_secret_key

ENVIRONMENT = Environment.read()
PUBLIC_ONLY = ENVIRONMENT.public_only
if PUBLIC_ONLY:
    close_the_line(ENVIRONMENT.home)

# The public process signs nothing that has to outlive it, so its key is thrown away with it.
SECRET_KEY = secrets.token_urlsafe(64) if PUBLIC_ONLY else ENVIRONMENT.secret_key or kept_secret_key(ENVIRONMENT.home)
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
ROOT_URLCONF = "marsad.config.public_urls" if PUBLIC_ONLY else "marsad.config.urls"
WSGI_APPLICATION = "marsad.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BELOW_THE_LINE = [
    "marsad.observatory",
    "marsad.planning",
    "marsad.coordination.dialogue",
    "marsad.coordination.needs",
    "marsad.coordination.flows",
    "marsad.coordination.agreements",
    "marsad.coordination.directory",
    "marsad.figures",
    "marsad.dissemination",
    "marsad.catalogue",
    "marsad.notices",
    "marsad.actors",
    "marsad.accounts",
    "marsad.work",
    "marsad.audit",
    "marsad.web",
]
ABOVE_THE_LINE = [
    "marsad.release",
    "marsad.production",
    "marsad.production.linkage",
    "marsad.collection",
    "marsad.collection.instruments",
    "marsad.collection.deliveries",
    "marsad.collection.fieldwork",
]
ACCOUNT_APPS = [
    "marsad.news",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django_tasks",
    "django_tasks_db",
]

INSTALLED_APPS = [
    "marsad.config",
    *([] if PUBLIC_ONLY else ABOVE_THE_LINE),
    *BELOW_THE_LINE,
    *([] if PUBLIC_ONLY else ACCOUNT_APPS),
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

DATABASES = {"default": database(ENVIRONMENT.database_url)}
if not PUBLIC_ONLY:
    DATABASES["confidential"] = database(ENVIRONMENT.confidential_database_url)
DATABASE_ROUTERS = ["marsad.config.routers.LineOfConfidentiality"]

# In the database, so that rate limits and used codes hold for every process of the installation.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

_PERSONAL_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "marsad.accounts.middleware.SecondFactorMiddleware",
    "marsad.accounts.middleware.HouseLayoutMiddleware",
    "marsad.accounts.middleware.LeaveNothingMiddleware",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "marsad.web.middleware.SecurityHeadersMiddleware",
    "marsad.web.middleware.EncodingMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    *([] if PUBLIC_ONLY else _PERSONAL_MIDDLEWARE[:1]),
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "marsad.web.middleware.BodySizeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    *([] if PUBLIC_ONLY else _PERSONAL_MIDDLEWARE[1:]),
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "marsad.web.middleware.AccessMiddleware",
]
THIRD_PARTY_ACCESS = "marsad.config.third_party_access"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "marsad.observatory.site.site",
                *([] if PUBLIC_ONLY else ["django.contrib.messages.context_processors.messages"]),
            ]
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = (
    ["rules.permissions.ObjectPermissionBackend"]
    if PUBLIC_ONLY
    else ["allauth.account.auth_backends.AuthenticationBackend", "rules.permissions.ObjectPermissionBackend"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = None if PUBLIC_ONLY else "account_login"
LOGIN_REDIRECT_URL = "notices:desk"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "marsad.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# Without it every reader behind a proxy has the proxy's address, and ten wrong passwords a minute close the door to all.
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.proxies
ACCOUNT_RATE_LIMITS = {"invitation": "30/m/ip", "news": "10/m/ip"}
MFA_ADAPTER = "marsad.accounts.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "marsad.accounts.factor_forms.AddKeyForm",
    "edit_webauthn": "marsad.accounts.factor_forms.EditKeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Marsad"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.https
USERSESSIONS_TRACK_ACTIVITY = False

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_TILES = urlparse(ENVIRONMENT.tiles_url)
CONTENT_HOSTS = [f"{_TILES.scheme}://{_TILES.netloc}"] if ENVIRONMENT.tiles_url else []
if ENVIRONMENT.https:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
    ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"

globals().update(mail(ENVIRONMENT.email_url, ENVIRONMENT.home))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.email_from

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("ar", "العربية"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Africa/Casablanca"

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.home / "static"
# The build names its files itself, so a storage that renames them again would break them.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# Built files keep their names, so none is kept for good; an ETag makes asking again cheap.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^$"
WHITENOISE_MAX_AGE = 86_400

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "marsad.config.log_lines.Line",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
