"""What the columns of an upload are, as the API calls it; the columns of contents come from the task types."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from rest_framework import serializers

from annotation.api.deprecation import DeprecatedName
from annotation.api.requests import BoundedListField, RequestSerializer
from annotation.api.response_objects import ABSENT, Absent, Doc, response_object
from annotation.formats import MAX_FILE_COLUMNS
from annotation.tasktypes import TASK_TYPES

T = TypeVar("T")
STORED_ROLES = {"export_only": "hidden", "product": "thing"}  # role: its name in stored mappings
NEW_NAMES = {stored: role for role, stored in STORED_ROLES.items()}
OLD_NAMES = {stored: DeprecatedName(role) for stored, role in NEW_NAMES.items()}
CONTENT_COLUMNS = {
    NEW_NAMES.get(column.key, column.key): column.title
    for kind in TASK_TYPES.values()
    for column in kind.content.columns
}


class ColumnField(serializers.CharField):
    """The name of a column of the file, or null."""

    def __init__(self, help_text: str = "") -> None:
        super().__init__(required=False, allow_null=True, allow_blank=True, trim_whitespace=False, help_text=help_text)


class ColumnsField(BoundedListField):
    """Names of columns of the file."""

    def __init__(self, help_text: str) -> None:
        child = serializers.CharField(allow_blank=True, trim_whitespace=False)
        super().__init__(child=child, max_length=MAX_FILE_COLUMNS, required=False, allow_null=True, help_text=help_text)


class MappingIn(RequestSerializer):
    """What the columns of the file are; which of these there are depends on the project's task type."""

    fields = ColumnsField("Of tables: what a record consists of; without, all other columns.")  # type: ignore[assignment]
    id = ColumnField()
    label = ColumnField("Brings answers along.")  # type: ignore[assignment]
    title = ColumnField("Of texts: put before the text, such as the title before the abstract.")
    exclusion_reason = ColumnField("Where all items of a label are to be found: why a row is not of that label.")
    export_only = ColumnsField("Kept for exports, and shown to nobody who annotates.")
    create_labels = serializers.BooleanField(required=False)
    deprecated_names = OLD_NAMES

    def get_fields(self) -> dict[str, Any]:
        return {**{name: ColumnField(f"{title}.") for name, title in CONTENT_COLUMNS.items()}, **super().get_fields()}


def _with_content_columns(cls: type[T]) -> type[T]:
    """Add a field for each column of a content to a class that becomes a response object."""
    hints = {
        name: Annotated[str | Absent | None, Doc(deprecated_name=STORED_ROLES.get(name, ""))]
        for name in CONTENT_COLUMNS
    }
    cls.__annotations__ = {**hints, **cls.__annotations__}
    for name in hints:
        setattr(cls, name, ABSENT)
    return cls


@response_object
@_with_content_columns
class MappingOut:
    fields: list[str] | Absent = ABSENT
    id: str | Absent | None = ABSENT
    label: str | Absent | None = ABSENT
    title: str | Absent | None = ABSENT
    exclusion_reason: str | Absent | None = ABSENT
    export_only: Annotated[list[str] | Absent, Doc(deprecated_name="hidden")] = ABSENT
    create_labels: bool | Absent = ABSENT


def with_stored_roles(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping under the names that imports keep."""
    return {STORED_ROLES.get(role, role): columns for role, columns in mapping.items()}
