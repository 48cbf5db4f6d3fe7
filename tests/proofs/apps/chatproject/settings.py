"""A Django project with Channels and waffle; its test database is a SQLite file."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "only for tests"
DEBUG = True
ALLOWED_HOSTS = ["*"]
USE_TZ = True
ROOT_URLCONF = "chatproject.urls"
ASGI_APPLICATION = "chatproject.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "channels",
    "waffle",
    "chatapp",
]
MIDDLEWARE = ["waffle.middleware.WaffleMiddleware"]
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# In memory, SQLite ignores close(): the connection would never be seen to be closed.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
        "TEST": {"NAME": BASE_DIR / "test_db.sqlite3"},
    }
}
if "PROOF_POSTGRES" in os.environ:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "wslint",
            "HOST": os.environ["PROOF_POSTGRES"],
            "USER": os.environ.get("PGUSER", "postgres"),
            "TEST": {"NAME": f"test_wslint_{os.getpid()}"},  # several runs share the server
        }
    }
