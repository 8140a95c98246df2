"""Calls that nobody means well by: made up from the OpenAPI document, with values that break careless servers."""

import base64
import gzip
import io
import json
import random
import zipfile
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

TEXTS = [
    "",
    " ",
    "\0",
    "\ud800",
    "'\";--",
    "../../etc/passwd",
    "%00",
    "é" * 300,
    "A" * 100_000,
    "=1+1",
    "<script>",
    "‮",
    "-1",
    "1e999",
    "NaN",
    "null",
    "٣",
    "0x10",
    "2026-02-30",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
]
NUMBERS = [0, -1, 1, 2**31, 2**63 - 1, 2**63, 10**30, 10**400, -(10**400), 0.5, -0.0, 1e308, 1e-320]
RAW_BODIES = [
    b"",
    b"{",
    b"nothing",
    b"[]",
    b"null",
    b"\xff\xfe\x00",
    b"[" * 5000 + b"]" * 5000,
    b'{"a":' * 3000 + b"1" + b"}" * 3000,
    b'{"a": NaN}',
    b'{"a": 1e999}',
    b'{"a": "\\ud800"}',
    b'{"\\u0000": 1}',
    b'{"a": ' + b"9" * 10_000 + b"}",
    b'{"a": "' + b"x" * 2_000_000 + b'"}',
]
MEDIA_TYPES = ["application/json", "application/json; charset=utf-16", "text/plain", "application/xml", "", "x" * 300]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    body: bytes
    media_type: str


def any_value(draw: random.Random, depth: int = 0) -> Any:
    kind = draw.randrange(7 if depth < 4 else 5)
    if kind == 0:
        return draw.choice(TEXTS)
    if kind in (1, 2):
        return draw.choice(NUMBERS)
    if kind in (3, 4):
        return draw.choice([True, False, None])
    if kind == 5:
        return [any_value(draw, depth + 1) for _ in range(draw.randrange(4))]
    return {draw.choice(TEXTS)[:50]: any_value(draw, depth + 1) for _ in range(draw.randrange(4))}


class HostileCalls:
    """Draws calls of the operations of a document, about rows that exist or about others."""

    def __init__(self, document: dict[str, Any], places: dict[str, Any], seed: int) -> None:
        self.operations = [
            (method.upper(), path, call)
            for path, calls in document["paths"].items()
            for method, call in calls.items()
            if not path.startswith(("/api/v1/me/tokens/", "/api/v1/accounts/"))  # they end the caller's own token
        ]
        self.schemas = document["components"]["schemas"]
        self.places = places
        self.draw = random.Random(seed)

    def next(self) -> Call:
        method, path, call = self.draw.choice(self.operations)
        if method == "DELETE" and path == "/api/v1/projects/{id}/":
            method = "GET"  # the project is needed
        body, media_type = self._body(method, path, call)
        if self.draw.random() < 0.02:
            method = self.draw.choice(METHODS[:4])
        return Call(method, self._address(path, call), body, media_type)

    def _address(self, path: str, call: dict[str, Any]) -> str:
        run = self.places["export" if "/exports/" in path else "run"]
        for name, place in {**self.places, "run": run}.items():
            value = place if self.draw.random() < 0.8 else self.draw.choice([0, 10**17, 10**30, "x", "-1", "%00"])
            path = path.replace(f"{{{name}}}", str(value))
        path = path.replace("{", "").replace("}", "")
        names = [one["name"] for one in call.get("parameters", []) if one["in"] == "query"]
        chosen = [name for name in [*names, "surprise"] if self.draw.random() < 0.3]
        query = "&".join(f"{name}={quote(self._text(name), errors='surrogatepass')}" for name in chosen)
        return f"{path}?{query}" if query else path

    def _text(self, name: str) -> str:
        if name == "cursor":
            inner = self.draw.choice(["p=1", "p=abc", "r=1&p=3", "o=1&p=2", "p=%00", "p=" + "9" * 30, "", "p=-1"])
            raw = self.draw.choice([inner.encode(), self.draw.randbytes(12)])
            return self.draw.choice([base64.b64encode(raw).decode(), inner])
        return str(self.draw.choice([*TEXTS, *map(str, NUMBERS[:8]), "5", "true"]))[:2000]

    def _body(self, method: str, path: str, call: dict[str, Any]) -> tuple[bytes, str]:
        if path.endswith("/imports/") and method == "POST":
            return self._upload()
        if method in ("GET", "DELETE") and self.draw.random() < 0.95:
            return b"", ""
        if self.draw.random() < 0.3:
            return self.draw.choice(RAW_BODIES), self.draw.choice(MEDIA_TYPES)
        value = self._like(call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}))
        return json.dumps(value).encode(), "application/json"

    def _like(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """Return a value of a schema, of which about a third is anything."""
        if depth > 6 or self.draw.random() < 0.3:
            return any_value(self.draw)
        if "$ref" in schema:
            return self._like(self.schemas[schema["$ref"].rsplit("/", 1)[1]], depth + 1)
        for several in ("allOf", "oneOf", "anyOf"):
            if several in schema:
                return self._like(self.draw.choice(schema[several]), depth + 1)
        if "enum" in schema:
            return self.draw.choice(schema["enum"])
        if schema.get("type") == "object":
            names = [name for name in schema.get("properties", {}) if self.draw.random() < 0.8]
            return {name: self._like(schema["properties"][name], depth + 1) for name in names}
        if schema.get("type") == "array":
            return [self._like(schema.get("items", {}), depth + 1) for _ in range(self.draw.randrange(4))]
        plain: dict[str, list[Any]] = {
            "integer": [*range(50)],
            "number": [0.5, *range(50)],
            "boolean": [True, False],
            "string": ["ham", "spam", "lead", "text_classification", "rename", *TEXTS],
        }
        kind = schema.get("type", "")
        return self.draw.choice(plain[kind]) if kind in plain else any_value(self.draw)

    def _upload(self) -> tuple[bytes, str]:
        boundary = "b0undary"
        fields = {"mapping": self.draw.choice(['{"text": "text"}', "[" * 3000, '{"text": "\\ud800"}', "{}", "x", ""])}
        fields |= {name: self._text(name) for name in ("format", "encoding", "preview") if self.draw.random() < 0.2}
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode(errors="replace")
            for name, value in fields.items()
            if self.draw.random() < 0.5
        ]
        name = self.draw.choice(["a.csv", "a.jsonl", "a.zip", "..\\..\\a", "a" * 300, "\x01.csv"])
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + self._file() + f"\r\n--{boundary}--\r\n".encode())
        return b"".join(parts), f"multipart/form-data; boundary={boundary}"

    def _file(self) -> bytes:
        table = b"id,text,label\n" + b"".join(f"{n},text number {n},ham\n".encode() for n in range(30))
        lines = b"".join(
            json.dumps({"text": f"line {n}", "x": any_value(self.draw)}).encode() + b"\n" for n in range(20)
        )
        files = [
            table,
            lines,
            self.draw.randbytes(5000),
            b'{"a":' * 900 + b"1" + b"}" * 900 + b"\n",
            b"," * 20_000,
            b'"' + b"x" * 50_000,
            b"\xff\xfe" + "text\nä\n".encode("utf-16-le"),
            gzip.compress(table),
            gzip.compress(b"a" * 5_000_000),
            _zip({"a.csv": table, "../b.csv": lines}),
            _zip({"labels.csv": gzip.compress(b"a" * 1_000_000)}),
            b"PK\x03\x04" + self.draw.randbytes(300),
            b"",
        ]
        chosen = bytearray(self.draw.choice(files))
        for _ in range(self.draw.choice([0, 0, 3, 30])):
            if chosen:
                chosen[self.draw.randrange(len(chosen))] = self.draw.randrange(256)
        return bytes(chosen)


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return out.getvalue()
