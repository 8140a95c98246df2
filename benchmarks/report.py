"""One line a measure: what it is, the number, what was promised, whether it holds."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """Collects and prints lines; `kept` is false once a promise was broken."""

    kept: bool = True
    lines: list[str] = field(default_factory=list)

    def title(self, text: str) -> None:
        self._print(f"\n{text}")

    def say(self, what: str, value: str, promise: str = "", holds: bool | None = None) -> None:
        """Print a measure; `holds` says whether the promise was kept, None where there is none."""
        verdict = "" if holds is None else ("   kept" if holds else "   BROKEN")
        self._print(f"  {what:<66} {value:>16}   {promise}{verdict}".rstrip())
        self.kept = self.kept and holds is not False

    def _print(self, line: str) -> None:
        self.lines.append(line)
        print(line, flush=True)
