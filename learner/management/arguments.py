"""What the commands' arguments mean."""

from django.core.management.base import CommandError

from annotation.models import Project


def project_by_name_or_id(text: str) -> Project:
    """Return the project of that id or name; raises CommandError when there is none, or more than one."""
    matches = list(Project.objects.filter(name=text)[:2])
    if not matches and text.isdigit():
        matches = list(Project.objects.filter(pk=int(text)))
    if not matches:
        names = ", ".join(f"{pk} “{name}”" for pk, name in Project.objects.values_list("pk", "name")[:20])
        raise CommandError(f"There is no project “{text}”. There are: {names or 'none'}.")
    if len(matches) > 1:
        raise CommandError(f"Several projects are called “{text}”: name one by its id.")
    return matches[0]
