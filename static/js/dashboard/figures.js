/** The large figures: each with its interval and n, or with what is missing. */

import { setShare, setText } from "./dom.js";
import { number, range, written } from "./format.js";

/** @param {Record<string, HTMLElement>} part @param {object} progress */
export function showFigures(part, progress) {
  for (const measure of progress.measures) showEstimate(part, measure, progress);
  showLabels(part, progress);
  showPace(part, progress);
}

function showEstimate(part, measure, progress) {
  const name = measure.name;
  const figure = progress.current?.[name];
  const bar = part[`${name}-range`];
  bar.hidden = !figure || measure.lower_is_better;
  part[name].toggleAttribute("data-empty", !figure);
  if (figure) {
    setText(part[name], written(figure.value, measure));
    setShare(bar, { low: figure.low, high: figure.high, value: figure.value });
    const values = { interval: range(figure, measure), n: number(figure.count) };
    setText(part[`${name}-note`], interpolate(gettext("%(interval)s (95 %)\nn\u00a0=\u00a0%(n)s"), values, true));
    return;
  }
  setText(part[name], gettext("not yet"));
  const { answered, needed } = progress.test;
  const text = whyNone(progress);
  setText(part[`${name}-note`], interpolate(text, { answered: number(answered), needed: number(needed) }, true));
}

function whyNone({ test, current }) {
  if (test.answered < test.needed) return gettext("%(answered)s of %(needed)s test answers so far");
  return current ? gettext("The next model will have it") : gettext("There is no model yet");
}

function showLabels(part, { counts }) {
  setText(part.labels, number(counts.labelled));
  const values = {
    items: number(counts.items),
    training: number(counts.training_labels),
    test: number(counts.test_answered),
  };
  setText(part["labels-note"], interpolate(gettext("of %(items)s items; %(training)s train, %(test)s test"), values, true));
}

function showPace(part, { throughput }) {
  setText(part.pace, number(throughput.hour));
  const people = throughput.by_person.filter((person) => person.last_hour > 0).length;
  const text = people
    ? interpolate(ngettext("in the last 60 minutes, by %(n)s person", "in the last 60 minutes, by %(n)s people", people), { n: number(people) }, true)
    : gettext("nobody in the last 60 minutes");
  setText(part["pace-note"], text);
}
