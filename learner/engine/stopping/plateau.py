"""Stop when the learning curve, continued, gains too little for the work."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History
from learner.engine.stopping.power_law import MIN_POINTS, Floats, Forecast, forecast_curve

HORIZON_LABELS = 200  # labels by which the curve is continued
CONTINUATION_POINTS = 9  # points of the drawn continuation
MAX_POINTS = 60  # of the curve, the newest
# Test answers by which a curve may be called flat: by 80 it was called flat five points low (measured).
MIN_FLAT_TEST_ANSWERS = 225  # three quarters of the usual sample
MIN_FLAT_TEST_SHARE = 0.75  # of a smaller one
CONFIRMING_LABELS = 100  # labels ago at which a curve that is flat now was flat already


def extrapolated_curve(history: History) -> Forecast | None:
    """Continue the accuracy curve by HORIZON_LABELS labels, or by what is left; None where it is too short."""
    labels, values = _curve(history)
    more_labels = min(HORIZON_LABELS, history.unlabelled)
    if len(labels) < MIN_POINTS or more_labels < 1:
        return None
    return forecast_curve(labels, values, labels[-1] + np.linspace(0, more_labels, CONTINUATION_POINTS))


def _curve(history: History) -> tuple[Floats, Floats]:
    """Return the label counts and accuracies of the newest MAX_POINTS models, (m,) each, one of each label count."""
    points = [
        (record.labels, record.accuracy.value) for record in history.rounds if record.accuracy and record.labels > 0
    ]
    newest = dict(points)  # one point a label count: the newest model's
    labels = np.array(sorted(newest), float)[-MAX_POINTS:]
    return labels, np.array([newest[int(count)] for count in labels])


def plateau(history: History, threshold: float) -> Advice:
    """Compare the upper end of what the next HORIZON_LABELS labels may gain with the threshold.

    A fitted power law (`power_law.forecast_curve`); cost O(resamples * rates * points). A flat curve that rests on few
    test answers is none yet. `details` say whether it was flat CONFIRMING_LABELS labels ago, too (`confirmed`).
    """
    curve = extrapolated_curve(history)
    if curve is None:
        if history.pool and not history.unlabelled:
            return Advice(stop=True, reason=_("Everything is labelled."), n=history.pool, value=0.0)
        reason = _("A curve takes %(needed)d models that the test sample has judged.", needed=MIN_POINTS)
        return Advice(None, reason, n=len(history.rounds))
    gain, low, high = curve.gain
    more_labels = round(float(curve.label_counts[-1] - curve.label_counts[0]))
    past_labels, past_gain = _past_gain(history)
    numbers = {"gain": gain, "low": low, "high": high, "labels": float(more_labels)}
    numbers |= {"past_labels": float(past_labels), "past_gain": past_gain}
    if history.seconds_per_label is not None:
        numbers["hours"] = more_labels * history.seconds_per_label / 3600
    models = len([record for record in history.rounds if record.accuracy])
    is_flat = high < threshold
    if is_flat and (missing := _missing_test_answers(history)):
        reason = _(
            "The curve looks flat, but it rests on few answers about the test sample: it takes %(count)d more.",
            count=missing,
        )
        return Advice(None, reason, n=models, value=high, details=numbers)
    if is_flat:
        numbers["confirmed"] = float(_was_flat_before(history, threshold))
    return Advice(stop=is_flat, reason=_gain_sentence(numbers), n=models, value=high, details=numbers)


def _past_gain(history: History) -> tuple[int, float]:
    """Return the last labels, up to HORIZON_LABELS, and what they brought by the fitted curve."""
    labels, values = _curve(history)
    past_labels = min(HORIZON_LABELS, int(labels[-1] - labels[0]))
    fitted = forecast_curve(labels, values, labels[-1] - np.array([float(past_labels)]))
    return past_labels, -fitted.gain[0]


def _missing_test_answers(history: History) -> int:
    """Return how many more answers about the test sample a flat curve takes."""
    answers = max((record.accuracy.n for record in history.rounds if record.accuracy), default=0)
    return max(0, min(MIN_FLAT_TEST_ANSWERS, round(MIN_FLAT_TEST_SHARE * history.test_items)) - answers)


def _was_flat_before(history: History, threshold: float) -> bool:
    """Return whether the curve was flat CONFIRMING_LABELS labels ago, judged by the test answers of now."""
    last = history.rounds[-1].labels
    earlier = [record for record in history.rounds if record.labels <= last - CONFIRMING_LABELS]
    curve = extrapolated_curve(replace(history, rounds=earlier))
    return curve is not None and curve.gain[2] < threshold


def _gain_sentence(numbers: Mapping[str, float]) -> str:
    """Say what the last labels brought, what as many more would bring and, where it is known, the time they take."""
    values: dict[str, object] = {
        "past": round(numbers["past_labels"]),
        "brought": _percentage_points(numbers["past_gain"]),
        "more": round(numbers["labels"]),
        "gain": _percentage_points(numbers["gain"]),
        "low": _percentage_points(numbers["low"]),
        "high": _percentage_points(numbers["high"]),
    }
    if "hours" not in numbers:
        return _(
            "The last %(past)d labels brought %(brought)s points; %(more)d more would bring %(gain)s "
            "(%(low)s to %(high)s).",
            **values,
        )
    return _(
        "The last %(past)d labels brought %(brought)s points; %(more)d more would take %(time)s and bring %(gain)s "
        "(%(low)s to %(high)s).",
        time=_duration_text(3600 * numbers["hours"]),
        **values,
    )


def _percentage_points(share: float) -> str:
    text = f"{100 * share:+.1f}"
    return "0.0" if float(text) == 0 else text


def _duration_text(seconds: float) -> str:
    """Say how long that is, to about two digits.

    >>> _duration_text(3300), _duration_text(9000)
    ('about 55 min', 'about 2.5 h')
    """
    if seconds < 90 * 60:
        return _("about %(count)d min", count=max(1, round(seconds / 60)))
    hours = seconds / 3600
    return _("about %(count)s h", count=f"{hours:.1f}" if hours < 10 else str(round(hours)))
