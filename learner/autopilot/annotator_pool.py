"""Several annotators at once, each in a thread, who share a budget of answers."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from learner.autopilot.api_client import Annotator, Traffic


class AnnotatorPool:
    """The annotators; `on_answer` is called after every answer that the server confirmed."""

    def __init__(self, annotators: Sequence[Annotator], on_answer: Callable[[], None] = lambda: None) -> None:
        self.annotators = list(annotators)
        self.on_answer = on_answer
        self._lock = threading.Lock()
        self._budget = 0

    def give_answers(self, count: int) -> int:
        """Give up to `count` answers; fewer only when nothing is left. Return how many were given.

        Raises the first CallFailed, after all have stopped.
        """
        before = self.answer_count
        self._budget = count
        with ThreadPoolExecutor(len(self.annotators)) as pool:
            for done in [pool.submit(self._answer_within_budget, annotator) for annotator in self.annotators]:
                done.result()
        return self.answer_count - before

    def stop(self) -> None:
        """Let everybody finish the answer they are at."""
        with self._lock:
            self._budget = 0

    @property
    def answer_count(self) -> int:
        return sum(len(annotator.answered) for annotator in self.annotators)

    def _answer_within_budget(self, annotator: Annotator) -> None:
        try:
            while self._take_from_budget():
                if not annotator.answer_next():
                    self._return_to_budget()
                    return
                self.on_answer()
        except BaseException:
            self.stop()
            raise

    def _take_from_budget(self) -> bool:
        with self._lock:
            self._budget -= 1
            return self._budget >= 0

    def _return_to_budget(self) -> None:
        with self._lock:
            self._budget += 1

    def total_traffic(self) -> Traffic:
        """Return what all connections have seen together."""
        parts = [annotator.connection.traffic for annotator in self.annotators]
        return Traffic(
            calls=sum(part.calls for part in parts),
            retries=sum(part.retries for part in parts),
            server_errors=sum(part.server_errors for part in parts),
            seconds=[seconds for part in parts for seconds in part.seconds],
        )

    def close(self) -> None:
        for annotator in self.annotators:
            annotator.connection.close()
