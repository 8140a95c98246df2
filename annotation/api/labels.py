"""Labels that have answers: rename, merge or split one, after a look at what that does."""

from dataclasses import asdict
from typing import Annotated, cast

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import jobs
from annotation.access import project_for
from annotation.api.deprecation import DeprecatedName
from annotation.api.endpoint import Endpoint
from annotation.api.jobs import JobOut, job_fields
from annotation.api.projects import ALLOW_SIMILAR_LABELS
from annotation.api.requests import BoundedListField, RequestSerializer
from annotation.api.response_objects import Doc, as_plain_data, response_object
from annotation.api.response_serializers import serializer_of
from annotation.api.schema import ERROR
from annotation.labels import label_changes
from annotation.models import JobStatus, LabelChange, Project, User


@response_object
class EffectsOut:
    answers: Annotated[int, Doc("That stand and name the label.")]
    items: Annotated[int, Doc("That these are about.")]
    imported: Annotated[int, Doc("Of the answers, those that came with an upload.")]
    test: Annotated[int, Doc("Of the answers, those about the test sample.")]
    suggestions: Annotated[int, Doc("Of models, about items in the queue or in somebody's hands.")]
    settings: Annotated[list[str], Doc("Settings that name the label.")]
    in_background: Annotated[bool, Doc("Whether a worker changes the answers.")]


CHANGE_KINDS = [str(kind) for kind in LabelChange.Kind.values]  # settings give this list its name in the schema


class LabelChangeIn(RequestSerializer):
    kind = serializers.ChoiceField(choices=CHANGE_KINDS)
    label = serializers.CharField(max_length=120, help_text="The label that is changed.")  # type: ignore[assignment]
    targets = BoundedListField(
        child=serializers.CharField(max_length=120),
        min_length=1,
        max_length=100,
        help_text="rename: its new name. merge: the label it becomes. split: the labels to choose among instead.",
    )
    preview = serializers.BooleanField(required=False, default=False, help_text="Only tell what it would do.")
    allow_similar_labels = serializers.BooleanField(required=False, default=False, help_text=ALLOW_SIMILAR_LABELS)
    deprecated_names = {"into": DeprecatedName("targets")}


@response_object
class LabelChangeOut(JobOut):
    kind: Annotated[str, Doc(choices=tuple(CHANGE_KINDS))]
    label: str
    targets: Annotated[list[str], Doc(deprecated_name="into")]
    effects: EffectsOut
    answers_done: int


def change_out(row: LabelChange, *, worker_running: bool) -> LabelChangeOut:
    effects = EffectsOut(**{**asdict(label_changes.ChangeEffects()), **row.effects})
    return LabelChangeOut(
        **job_fields(row, row.created_by, row.answers_done / max(1, effects.answers), worker_running=worker_running),
        kind=row.kind,
        label=row.label,
        targets=row.into,
        effects=effects,
        answers_done=row.answers_done,
    )


def label_changes_of(project: Project) -> list[LabelChangeOut]:
    """All changes of a project's labels, newest first."""
    rows = LabelChange.objects.filter(project=project).select_related("created_by").order_by("-pk")
    working = jobs.worker_is_running()
    return [change_out(row, worker_running=working) for row in rows]


class LabelChanges(Endpoint):
    pagination_class = None

    @extend_schema(operation_id="label_changes_list", responses=serializer_of(LabelChangeOut)(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """What was renamed, merged and split so far, newest first (leads)."""
        return Response(as_plain_data(label_changes_of(project_for(request.user, pk, "lead"))))

    @extend_schema(
        operation_id="label_changes_create",
        request=LabelChangeIn,
        responses={
            200: OpenApiResponse(serializer_of(EffectsOut), description="The preview: nothing was changed."),
            201: serializer_of(LabelChangeOut),
            202: OpenApiResponse(
                serializer_of(LabelChangeOut), description="The names are changed; a worker changes the answers."
            ),
            409: OpenApiResponse(
                ERROR, description="There is a label of that name already, or one that looks like it, or it is retired."
            ),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        """Rename, merge or split a label that may have answers (leads). Their history is kept."""
        project = project_for(request.user, pk, "lead")
        body = LabelChangeIn(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        allow_similar = wanted["allow_similar_labels"]
        plan = label_changes.check_change(
            project, wanted["kind"], wanted["label"], wanted["targets"], allow_similar=allow_similar
        )
        if wanted["preview"]:
            return Response(as_plain_data(EffectsOut(**asdict(label_changes.preview_change(project, plan)))))
        row = label_changes.change_label(project, cast(User, request.user), plan)
        made = status.HTTP_201_CREATED if row.status == JobStatus.DONE else status.HTTP_202_ACCEPTED
        return Response(as_plain_data(change_out(row, worker_running=jobs.worker_is_running())), status=made)
