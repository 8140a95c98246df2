"""Addresses of the pages about projects, people, data and labelling."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, path
from django.views.i18n import JavaScriptCatalog

from annotation.views import (
    account,
    accounts,
    annotate,
    exports,
    images,
    imports,
    invitations,
    items,
    members,
    passwords,
    projects,
    sign_in,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("jsi18n/", JavaScriptCatalog.as_view(packages=["annotation", "learner"]), name="javascript-catalog"),
    path("", projects.index, name="projects-index"),
    path("projects/create/", projects.create, name="project-create"),
    path("projects/<row:pk>/settings/", projects.settings, name="project-settings"),
    path("projects/<row:pk>/members/", members.index, name="members-index"),
    path("projects/<row:pk>/items/", items.index, name="items-index"),
    path("projects/<row:pk>/items/<row:item>/", items.show, name="items-show"),
    path("projects/<row:pk>/items/<row:item>/image/", images.show, name="item-image"),
    path("invitations/<str:token>/", invitations.accept, name="invitation-accept"),
    path("account/", account.index, name="account-index"),
    path("accounts/", accounts.index, name="accounts-index"),
    path("accounts/<row:account>/", accounts.show, name="accounts-show"),
    path("password/forgotten/", passwords.forgotten, name="password-forgotten"),
    path("password/reset/<uidb64>/<token>/", passwords.SetPassword.as_view(), name="password-reset-confirm"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("projects/<row:pk>/annotate/", annotate.index, name="annotate-index"),
    path("projects/<row:pk>/imports/", imports.index, name="imports-index"),
    path("projects/<row:pk>/imports/<row:run>/", imports.show, name="import-show"),
    path("projects/<row:pk>/exports/", exports.index, name="exports-index"),
]
