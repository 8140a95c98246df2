"""Addresses of the pages about projects, people, data and labelling."""

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_http_methods

from annotation.views import (
    account,
    accounts,
    annotate,
    events,
    exports,
    images,
    imports,
    invitations,
    items,
    members,
    passwords,
    projects,
    sign_in,
    static_files,
)

_page = require_http_methods(["GET", "HEAD", "POST"])  # else the views answer other methods with a redirect

# django-allauth's views in Margin's templates; it reverses these names
second_factor_urls = [
    path("sign-in/", sign_in.SignIn.as_view(), name="account_login"),
    path("sign-out/", LogoutView.as_view(), name="account_logout"),
    path("sign-in/inactive/", _page(account_views.account_inactive), name="account_inactive"),
    path("sign-in/second-factor/", _page(mfa.authenticate), name="mfa_authenticate"),
    path("sign-in/passkey/", _page(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("account/confirm/", _page(account_views.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code/", _page(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", _page(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("account/second-factor/", _page(mfa.index), name="mfa_index"),
    path("account/second-factor/app/", _page(totp.activate_totp), name="mfa_activate_totp"),
    path("account/second-factor/app/remove/", _page(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/second-factor/codes/", _page(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "account/second-factor/codes/new/",
        _page(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/second-factor/codes.txt",
        _page(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("account/second-factor/keys/", _page(mfa.index), name="mfa_list_webauthn"),
    path("account/second-factor/keys/add/", _page(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("account/second-factor/keys/<row:pk>/remove/", _page(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
]
single_sign_on_urls = [
    path("sign-in/cancelled/", _page(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("sign-in/error/", _page(social.login_error), name="socialaccount_login_error"),
    path("sign-in/new/", _page(social.signup), name="socialaccount_signup"),
    path("account/sign-on/", _page(social.connections), name="socialaccount_connections"),
    path("sign-in/<slug:provider_id>/", _page(openid_connect.login), name="openid_connect_login"),
    path("sign-in/<slug:provider_id>/callback/", _page(openid_connect.callback), name="openid_connect_callback"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("jsi18n/<slug:digest>/<slug:language>/", static_files.catalog, name="javascript-catalog"),
    path("static/<path:path>", static_files.moved, name="static-moved"),  # WhiteNoise has those of now
    path("", projects.index, name="projects-index"),
    path("projects/create/", projects.create, name="project-create"),
    path("projects/<row:pk>/settings/", projects.settings, name="project-settings"),
    path("projects/<row:pk>/members/", members.index, name="members-index"),
    path("projects/<row:pk>/events/", events.of_project, name="events-project"),
    path("events/", events.index, name="events-index"),
    path("projects/<row:pk>/items/", items.index, name="items-index"),
    path("projects/<row:pk>/items/<row:item>/", items.show, name="items-show"),
    path("projects/<row:pk>/items/<row:item>/image/", images.show, name="item-image"),
    path("invitations/<str:token>/", invitations.accept, name="invitation-accept"),
    path("account/", account.index, name="account-index"),
    path("account/sessions/<row:session>/end/", account.end_session, name="account-session-end"),
    path("accounts/", accounts.index, name="accounts-index"),
    path("accounts/<row:account>/", accounts.show, name="accounts-show"),
    path("password/forgotten/", passwords.forgotten, name="password-forgotten"),
    path("password/reset/<uidb64>/<token>/", passwords.SetPassword.as_view(), name="password-reset-confirm"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    *second_factor_urls,
    *single_sign_on_urls,
    path("projects/<row:pk>/annotate/", annotate.index, name="annotate-index"),
    path("projects/<row:pk>/imports/", imports.index, name="imports-index"),
    path("projects/<row:pk>/imports/<row:run>/", imports.show, name="import-show"),
    path("projects/<row:pk>/exports/", exports.index, name="exports-index"),
]
