"""Settings of accounts: sign-in and its limits, passwords, mail, second factors, single sign-on (docs/operators.md)."""

from urllib.parse import urlsplit

from alproject.environment import env_bool, env_int, env_rate, env_str

HTTPS = env_bool("MARGIN_HTTPS", default=False)
# How many proxies stand in front of the web server, each adding to X-Forwarded-For
TRUSTED_PROXIES = env_int("MARGIN_TRUSTED_PROXIES", 0)
SIGN_IN_RATE = env_rate("MARGIN_SIGN_IN_RATE", "30/min")  # failures of one network address
AUTH_USER_MODEL = "annotation.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "projects-index"
LOGOUT_REDIRECT_URL = "sign-in"
LEADS_INVITE_LEADS = env_bool("MARGIN_LEADS_INVITE_LEADS", default=False)  # by link; admins always may
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # seconds

# Mail: for password resets only. Without a host admins pass links on themselves.
EMAIL_HOST = env_str("MARGIN_EMAIL_HOST")
EMAIL_PORT = env_int("MARGIN_EMAIL_PORT", 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env_str("MARGIN_EMAIL_USER"), env_str("MARGIN_EMAIL_PASSWORD")
EMAIL_USE_SSL = EMAIL_PORT == 465  # TLS from the first byte
EMAIL_USE_TLS = not EMAIL_USE_SSL and env_bool("MARGIN_EMAIL_TLS", default=True)
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = env_str("MARGIN_EMAIL_FROM", "margin@localhost")

# Second factors and single sign-on, by django-allauth (docs/operators.md)
ACCOUNT_ADAPTER = "annotation.accounts.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before one changes how one signs in
MFA_ADAPTER = "annotation.accounts.adapters.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are not verified here; they open nothing
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Margin"
MFA_TOTP_TOLERANCE = 1  # a code of half a minute ago or ahead is good too
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers allow it for localhost only
SOCIALACCOUNT_ADAPTER = "annotation.accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # nobody gets an account because the provider names its address
SOCIALACCOUNT_STORE_TOKENS = False
OIDC_SERVER, OIDC_CLIENT_ID = env_str("MARGIN_OIDC_SERVER").rstrip("/"), env_str("MARGIN_OIDC_CLIENT_ID")
OIDC_SIGN_UP = env_bool("MARGIN_OIDC_SIGN_UP", default=True)
OIDC_ORIGINS = [f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in (OIDC_SERVER,) if url]
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": env_str("MARGIN_OIDC_NAME", "Single sign-on"),
                "client_id": OIDC_CLIENT_ID,
                "secret": env_str("MARGIN_OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_SERVER},
            }
        ]
        if OIDC_SERVER
        else [],
    }
}
SESSION_IDLE_SECONDS = env_int("MARGIN_SESSION_IDLE_HOURS", 72) * 3600
