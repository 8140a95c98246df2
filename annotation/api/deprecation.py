"""Names of fields that were replaced: both are answered and accepted for one release, and the document says so."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

EXTENSION = "x-deprecated-names"  # on its way through the making of the document, not in it


@dataclass(frozen=True)
class DeprecatedName:
    """What replaces a name."""

    name: str
    old_values: Mapping[str, str] = field(default_factory=dict)  # {value: what it was called under the old name}


def add_deprecated_names(result: dict[str, Any], **_hook: object) -> dict[str, Any]:
    """Put deprecated names beside those that replace them: a hook of drf-spectacular, named in the settings."""
    for component in result["components"]["schemas"].values():
        stated = component.pop(EXTENSION, {})
        for old_name, by in stated.get("names", {}).items():
            properties = component["properties"]
            properties[old_name] = _deprecated_schema(properties[by.name], by)
            if stated["answered"] and by.name in component.get("required", ()):
                component["required"].append(old_name)
    return result


def _deprecated_schema(schema: Mapping[str, Any], by: DeprecatedName) -> dict[str, Any]:
    if by.old_values:
        made: dict[str, Any] = {"type": "string"}
    else:
        made = {"allOf": [dict(schema)]} if "$ref" in schema else copy.deepcopy(dict(schema))
        made.pop("default", None)
    return {**made, "deprecated": True, "description": f"Old name of `{by.name}`."}
