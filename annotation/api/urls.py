"""Addresses of the API v1 that concern people, items and answers."""

from django.urls import path

from annotation.api import accounts, exports, imports, items, labelling, labels, members, projects, tokens

urlpatterns = [
    path("projects/<row:pk>/next/", labelling.Next.as_view(), name="api-next"),
    path("projects/<row:pk>/annotations/", items.AnnotationList.as_view(), name="api-annotations"),
    path("annotations/<uuid:uuid>/undo/", labelling.Undo.as_view(), name="api-undo"),
    path("token/", tokens.SignInToken.as_view(), name="api-token"),
    path("me/", tokens.Me.as_view(), name="api-me"),
    path("me/tokens/", tokens.MyTokens.as_view(), name="api-my-tokens"),
    path("me/tokens/<row:token>/", tokens.MyToken.as_view(), name="api-my-token"),
    path("accounts/", accounts.Accounts.as_view(), name="api-accounts"),
    path("accounts/<row:account>/", accounts.AccountDetail.as_view(), name="api-account"),
    path("accounts/<row:account>/reset-link/", accounts.AccountResetLink.as_view(), name="api-account-reset-link"),
    path("accounts/<row:account>/sign-out/", accounts.AccountSignOut.as_view(), name="api-account-sign-out"),
    path(
        "accounts/<row:account>/second-factor/",
        accounts.AccountSecondFactor.as_view(),
        name="api-account-second-factor",
    ),
    path("accounts/<row:account>/anonymise/", accounts.AccountAnonymise.as_view(), name="api-account-anonymise"),
    path("guidelines/preview/", projects.GuidelinesPreview.as_view(), name="api-guidelines-preview"),
    path("projects/", projects.Projects.as_view(), name="api-projects"),
    path("projects/<row:pk>/", projects.ProjectDetail.as_view(), name="api-project"),
    path("projects/<row:pk>/pause/", projects.ProjectPause.as_view(), name="api-project-pause"),
    path("projects/<row:pk>/labels/changes/", labels.LabelChanges.as_view(), name="api-label-changes"),
    path("projects/<row:pk>/members/", members.Members.as_view(), name="api-members"),
    path("projects/<row:pk>/members/<row:member>/", members.MemberDetail.as_view(), name="api-member"),
    path("projects/<row:pk>/members/<row:member>/release/", members.MemberRelease.as_view(), name="api-release"),
    path("projects/<row:pk>/invitations/", members.Invitations.as_view(), name="api-invitations"),
    path("projects/<row:pk>/invitations/<row:invitation>/", members.InvitationDetail.as_view(), name="api-invitation"),
    path("projects/<row:pk>/items/", items.Items.as_view(), name="api-items"),
    path("projects/<row:pk>/items/<row:item>/", items.ItemDetail.as_view(), name="api-item"),
    path("projects/<row:pk>/imports/", imports.Imports.as_view(), name="api-imports"),
    path("projects/<row:pk>/imports/<row:run>/", imports.ImportDetail.as_view(), name="api-import"),
    path("projects/<row:pk>/imports/<row:run>/start/", imports.ImportStart.as_view(), name="api-import-start"),
    path("projects/<row:pk>/imports/<row:run>/cancel/", imports.ImportCancel.as_view(), name="api-import-cancel"),
    path("projects/<row:pk>/imports/<row:run>/rejects/", imports.ImportRejects.as_view(), name="api-import-rejects"),
    path("projects/<row:pk>/exports/", exports.Exports.as_view(), name="api-exports"),
    path("projects/<row:pk>/exports/preview/", exports.ExportPreview.as_view(), name="api-export-preview"),
    path("projects/<row:pk>/exports/<row:run>/cancel/", exports.ExportCancel.as_view(), name="api-export-cancel"),
    path("projects/<row:pk>/exports/<row:run>/", exports.ExportDetail.as_view(), name="api-export"),
    path("projects/<row:pk>/exports/<row:run>/download/", exports.ExportDownload.as_view(), name="api-export-download"),
]
