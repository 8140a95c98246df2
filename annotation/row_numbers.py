"""The part of an address that names a row: a number that every database can look for.

`<int:pk>` takes any number of digits, and one beyond 64 bits is an error in the database rather than nothing found.
Registered as `<row:pk>` in alproject/urls.py.
"""

MAX_ROW_NUMBER = 10**18 - 1


class RowNumber:
    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int | str) -> str:
        return str(value)
