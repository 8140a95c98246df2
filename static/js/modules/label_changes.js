/** Rename, merge or split a label that has answers: ask what it would do, show that, and do it when told so. */
import { api } from "../api.js";
import { carry, sayDone } from "../carried.js";
import { attempt } from "../notices.js";

const POLL = 2000; // milliseconds
const HEADING = "label-changes";

/** What the server is asked for. @param {HTMLFormElement} form */
function read(form) {
  const value = (name) => form.elements.namedItem(name).value;
  const kind = value("kind");
  const into = value(kind).split("\n").map((name) => name.trim()).filter(Boolean);
  return { kind, label: value("label"), targets: into };
}

/** What happens, in a sentence. @param {{kind: string, label: string, targets: string[]}} plan */
function sentence({ kind, label, targets }) {
  const named = { label, into: targets.join(", ") };
  if (kind === "rename") return interpolate(gettext("“%(label)s” is called “%(into)s” from now on."), named, true);
  if (kind === "merge") return interpolate(gettext("“%(label)s” goes: its answers say “%(into)s” from now on."), named, true);
  return interpolate(gettext("“%(label)s” goes: its answers are withdrawn, as a whole, and people are asked about these items again."), named, true);
}

/** @param {any} effects @param {string} kind @returns {string[]} */
function lines(effects, kind) {
  const said = (pattern, n) => interpolate(pattern, { n: n.toLocaleString(document.documentElement.lang) }, true);
  const found = [
    said(ngettext("%(n)s answer names it", "%(n)s answers name it", effects.answers), effects.answers),
    said(ngettext("about %(n)s item", "about %(n)s items", effects.items), effects.items),
  ];
  if (effects.imported) found.push(said(ngettext("%(n)s of the answers came with an upload", "%(n)s of the answers came with an upload", effects.imported), effects.imported));
  if (effects.test) found.push(said(ngettext("%(n)s of the answers is about the test sample", "%(n)s of the answers are about the test sample", effects.test), effects.test));
  if (effects.suggestions) {
    found.push(kind === "split"
      ? said(ngettext("%(n)s suggestion in the queue is taken away", "%(n)s suggestions in the queue are taken away", effects.suggestions), effects.suggestions)
      : said(ngettext("%(n)s suggestion in the queue is renamed", "%(n)s suggestions in the queue are renamed", effects.suggestions), effects.suggestions));
  }
  if (effects.settings.length) found.push(interpolate(gettext("Settings that name it: %s"), [effects.settings.join(", ")]));
  found.push(kind === "split"
    ? gettext("Answers with the old label that are still on their way are put aside, and the person is told.")
    : gettext("Answers with the old label that are still on their way are taken as the new one."));
  found.push(gettext("The model learns anew at once."));
  if (effects.in_background) found.push(gettext("These are many: a worker changes them in the background, and labelling goes on."));
  return found;
}

/** @param {HTMLElement} section */
export default function labelChanges(section) {
  const form = /** @type {HTMLFormElement} */ (section.querySelector("[data-plan]"));
  const preview = /** @type {HTMLElement} */ (section.querySelector("[data-preview]"));
  const path = `projects/${section.dataset.project}/labels/changes/`;
  let plan = null;

  function hide() {
    plan = null;
    preview.hidden = true;
  }

  function chosen() {
    const kind = form.elements.namedItem("kind").value;
    for (const field of form.querySelectorAll("[data-for]")) field.hidden = field.dataset.for !== kind;
    hide();
  }

  form.addEventListener("input", chosen);
  chosen(); // the browser may have kept what was chosen
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    hide();
    attempt(section, async () => {
      const wanted = read(form);
      const effects = await api("POST", path, { ...wanted, preview: true });
      plan = wanted;
      section.querySelector("[data-says]").textContent = sentence(wanted);
      section.querySelector("[data-effects]").replaceChildren(...lines(effects, wanted.kind).map((line) => {
        const item = document.createElement("li");
        item.textContent = line;
        return item;
      }));
      preview.hidden = false;
      preview.focus();
    });
  });
  section.querySelector("[data-cancel]").addEventListener("click", () => {
    hide();
    form.querySelector("button").focus();
  });
  section.querySelector("[data-do]").addEventListener("click", () => plan && attempt(section, async () => {
    await api("POST", path, plan);
    again(interpolate(gettext("Done. %s"), [sentence(plan)]));
  }));

  /** Load the page again; whoever has changed settings and not saved them is asked first, and may stay. */
  function again(message) {
    hide();
    sayDone(message, HEADING);
    carry(message, HEADING);
    location.reload();
  }

  async function poll() {
    const changes = await api("GET", path).catch(() => null);
    if (!changes || changes.some(({ status }) => ["queued", "running"].includes(status))) setTimeout(poll, POLL);
    else if (changes[0].status === "done") again(gettext("All answers are changed."));
    else location.reload();
  }
  if (section.querySelector("[data-status=queued], [data-status=running]")) poll();
}
