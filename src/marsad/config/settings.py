"""Settings of the installation, from the environment. The public process has no confidential database and no app above the line."""

from marsad.config.environment import SOURCE, Environment, database

ENVIRONMENT = Environment.read()

SECRET_KEY = ENVIRONMENT.secret_key or "set when the process starts"
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
ROOT_URLCONF = "marsad.config.public_urls" if ENVIRONMENT.public_only else "marsad.config.urls"
WSGI_APPLICATION = "marsad.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BELOW_THE_LINE = [
    "marsad.observatory",
    "marsad.planning",
    "marsad.figures",
    "marsad.dissemination",
    "marsad.catalogue",
    "marsad.actors",
    "marsad.accounts",
    "marsad.audit",
    "marsad.web",
]
ABOVE_THE_LINE = ["marsad.collection"]

INSTALLED_APPS = [
    *([] if ENVIRONMENT.public_only else ABOVE_THE_LINE),
    *BELOW_THE_LINE,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

DATABASES = {"default": database(ENVIRONMENT.database_url)}
if not ENVIRONMENT.public_only:
    DATABASES["confidential"] = database(ENVIRONMENT.confidential_database_url)
DATABASE_ROUTERS = ["marsad.config.routers.LineOfConfidentiality"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("ar", "العربية"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Africa/Casablanca"

STATIC_URL = "static/"
STATIC_ROOT = ENVIRONMENT.home / "static"
STATICFILES_DIRS = [SOURCE / "web" / "static" / "build"] if (SOURCE / "web" / "static" / "build").is_dir() else []
