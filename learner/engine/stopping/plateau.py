"""Stop when the learning curve, continued, gains too little for the work."""

import numpy as np

from annotation.lazy_text import Words as _
from learner.engine.contracts.stopping import Advice, History
from learner.engine.stopping.power_law import LEAST_POINTS, Forecast, forecast

HORIZON = 200  # labels ahead
STEPS = 9  # points of the drawn continuation
MOST_POINTS = 60  # of the curve, the newest


def ahead(history: History) -> Forecast | None:
    """Continue the accuracy curve by HORIZON labels, or by what is left; None where it is too short."""
    points = [(turn.labels, turn.accuracy.value) for turn in history.turns if turn.accuracy and turn.labels > 0]
    newest = dict(points)  # one point a label count: the newest model's
    labels = np.array(sorted(newest), float)[-MOST_POINTS:]
    more = min(HORIZON, history.unlabelled)
    if len(labels) < LEAST_POINTS or more < 1:
        return None
    values = np.array([newest[int(count)] for count in labels])
    return forecast(labels, values, labels[-1] + np.linspace(0, more, STEPS))


def plateau(history: History, threshold: float) -> Advice:
    """Compare the upper end of what the next HORIZON labels may gain with the threshold.

    A fitted power law (`powerlaw.forecast`); cost O(resamples * rates * points).
    """
    found = ahead(history)
    if found is None:
        if history.pool and not history.unlabelled:
            return Advice(True, _("Everything is labelled."), n=history.pool, value=0.0)
        reason = _("A curve takes %(needed)d models that the test sample has judged.", needed=LEAST_POINTS)
        return Advice(None, reason, n=len(history.turns))
    gain, low, high = found.gain
    more = round(float(found.at[-1] - found.at[0]))
    given = {"gain": _points(gain), "low": _points(low), "high": _points(high), "more": more}
    seconds = history.seconds_per_label
    if seconds is None:
        reason = _("About %(gain)s points for the next %(more)d labels (%(low)s to %(high)s).", **given)
    else:
        reason = _(
            "About %(gain)s points for the next %(more)d labels (%(low)s to %(high)s), %(time)s of work.",
            time=_time(more * seconds),
            **given,
        )
    numbers = {"gain": gain, "low": low, "high": high, "labels": float(more)}
    if seconds is not None:
        numbers["hours"] = more * seconds / 3600
    turns = len([turn for turn in history.turns if turn.accuracy])
    return Advice(stop=high < threshold, reason=reason, n=turns, value=high, numbers=numbers)


def _points(share: float) -> str:
    text = f"{100 * share:+.1f}"
    return "0.0" if float(text) == 0 else text


def _time(seconds: float) -> str:
    """Say how long that is, to about two digits.

    >>> _time(3300), _time(9000)
    ('about 55 min', 'about 2.5 h')
    """
    if seconds < 90 * 60:
        return _("about %(count)d min", count=max(1, round(seconds / 60)))
    hours = seconds / 3600
    return _("about %(count)s h", count=f"{hours:.1f}" if hours < 10 else str(round(hours)))
