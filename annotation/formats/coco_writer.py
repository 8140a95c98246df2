"""COCO: boxes on images as one JSON document (Lin et al. 2014, "instances"). Only written; voc_and_coco.py reads it.

An image stands there once, whoever answered; the boxes of each answer name their annotator. Labels are numbered in the
order in which they occur. An image without an answer is left out: there it would say that nothing is on it.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from annotation.formats.box_list import ANSWERED_KEY
from annotation.json_values import ENCODER

MAX_SPOOL_BYTES = 8 * 1024 * 1024  # of annotations in memory; more lie on disk until all images are written
CHUNK_CHARACTERS = 1024 * 1024


class Coco:
    """The format."""

    name = "coco"
    title = "COCO (JSON)"
    suffix = ".json"
    content_type = "application/json"

    def write(self, records: Iterable[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
        """Yield images, then what is on them, then the labels."""
        categories: dict[str, int] = {}
        number, last = 0, None
        with tempfile.SpooledTemporaryFile(MAX_SPOOL_BYTES, "w+", encoding="utf-8", prefix="margin-coco-") as aside:
            yield '{"images": ['
            for record in records:
                if record.get("value") is None:
                    continue
                if record["item"] != last:
                    yield ("" if last is None else ",\n") + ENCODER.encode(_image_entry(record))
                    last = record["item"]
                for box in record["value"]["boxes"]:
                    category = categories.setdefault(box["label"], len(categories) + 1)
                    number += 1
                    aside.write(
                        ("" if number == 1 else ",\n")
                        + ENCODER.encode(_annotation_entry(number, category, box, record))
                    )
            yield '],\n"annotations": ['
            aside.seek(0)
            while chunk := aside.read(CHUNK_CHARACTERS):
                yield chunk
        named = [{"id": number, "name": name} for name, number in categories.items()]
        yield f'],\n"categories": {ENCODER.encode(named)}}}\n'


def _image_entry(record: dict[str, Any]) -> dict[str, Any]:
    name = record.get("external_id") or record.get("image")
    size = {side: record.get(side) for side in ("width", "height")}
    return {"id": record["item"], "file_name": name, **size, ANSWERED_KEY: True}


def _annotation_entry(number: int, category: int, box: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    sides = [box[side] for side in ("x", "y", "w", "h")]
    return {
        "id": number,
        "image_id": record["item"],
        "category_id": category,
        "bbox": sides,
        "area": round(sides[2] * sides[3], 2),
        "iscrowd": 0,
        "annotator": record.get("annotator"),
    }
