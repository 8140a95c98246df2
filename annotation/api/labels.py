"""Labels that have answers: rename, merge or split one, after a look at what that does."""

from dataclasses import asdict
from typing import Any, cast

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation import jobs
from annotation.access import project_for
from annotation.api.runs import RunOut, run_out
from annotation.labels import label_changes
from annotation.models import LabelChange, Project, RunStatus, User


class EffectsOut(serializers.Serializer[Any]):
    answers = serializers.IntegerField(help_text="That stand and name the label.")
    items = serializers.IntegerField(help_text="That these are about.")
    imported = serializers.IntegerField(help_text="Of the answers, those that came with an upload.")
    test = serializers.IntegerField(help_text="Of the answers, those about the test sample.")
    suggestions = serializers.IntegerField(help_text="Of models, about items in the queue or in somebody's hands.")
    settings = serializers.ListField(child=serializers.CharField(), help_text="Settings that name the label.")
    in_background = serializers.BooleanField(help_text="Whether a worker changes the answers.")


class LabelChangeIn(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[str(kind) for kind in LabelChange.Kind.values])
    label = serializers.CharField(max_length=120, help_text="The label that is changed.")  # type: ignore[assignment]
    into = serializers.ListField(
        child=serializers.CharField(max_length=120),
        min_length=1,
        max_length=100,
        help_text="rename: its new name. merge: the label it becomes. split: the labels to choose among instead.",
    )
    preview = serializers.BooleanField(required=False, default=False, help_text="Only tell what it would do.")


class LabelChangeOut(RunOut):
    kind = serializers.ChoiceField(choices=LabelChange.Kind.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    into = serializers.ListField(child=serializers.CharField())
    effects = EffectsOut()
    answers_done = serializers.IntegerField()


def change_out(row: LabelChange, worker_running: bool) -> dict[str, Any]:
    """The plain form of a change of a label."""
    effects = {**asdict(label_changes.ChangeEffects()), **row.effects}
    return {
        **run_out(row, row.answers_done / max(1, effects["answers"]), worker_running),
        "kind": row.kind,
        "label": row.label,
        "into": row.into,
        "effects": effects,
        "answers_done": row.answers_done,
    }


def changes_of(project: Project) -> list[dict[str, Any]]:
    """All changes of a project's labels, newest first."""
    rows = LabelChange.objects.filter(project=project).select_related("created_by").order_by("-pk")
    working = jobs.worker_is_there()
    return [change_out(row, working) for row in rows]


class LabelChanges(APIView):
    pagination_class = None

    @extend_schema(operation_id="label_changes_list", responses=LabelChangeOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """What was renamed, merged and split so far, newest first (leads)."""
        return Response(changes_of(project_for(request.user, pk, "lead")))

    @extend_schema(
        operation_id="label_changes_create",
        request=LabelChangeIn,
        responses={
            200: OpenApiResponse(EffectsOut, description="The preview: nothing was changed."),
            201: LabelChangeOut,
            202: OpenApiResponse(LabelChangeOut, description="The names are changed; a worker changes the answers."),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        """Rename, merge or split a label that may have answers (leads). Their history is kept."""
        project = project_for(request.user, pk, "lead")
        given = LabelChangeIn(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        plan = label_changes.read(project, wanted["kind"], wanted["label"], wanted["into"])
        if wanted["preview"]:
            return Response(asdict(label_changes.preview(project, plan)))
        row = label_changes.change(project, cast(User, request.user), plan)
        made = status.HTTP_201_CREATED if row.status == RunStatus.DONE else status.HTTP_202_ACCEPTED
        return Response(change_out(row, jobs.worker_is_there()), status=made)
