"""The world of the permission matrix, for all who need one of everything."""

from tests.annotation.test_permissions import world

__all__ = ["world"]
