/** Where the answers are, in words, and what to do when the server does not accept them. */

/**
 * @typedef {import("./outbox.js").Outbox} Outbox
 * @typedef {import("./store.js").Operation} Operation
 *
 * @typedef {object} BannerOptions
 * @property {(answer: any) => string} describe an answer's name, of its outcome and value
 * @property {(operation: Operation) => void} onAnswerAgain
 * @property {(operation: Operation) => void} onKeepStored keep the answer that the server has
 */

const MAX_BANNERS = 3;
const OTHER_USER = "other_user"; // codes of the API
const ALREADY_ANSWERED = "already_answered";

/** One line. @param {Outbox} outbox @returns {{kind: "stopped"|"saved"|"offline"|"sending", text: string}} */
export function describeStatus(outbox) {
  const waiting = outbox.waiting.length;
  const rejected = outbox.rejected.length;
  /** @param {string} text */
  const withCount = (text, count = waiting) => interpolate(text, [count]);
  if (outbox.blocked) {
    const text = ngettext("%s answer kept in this browser", "%s answers kept in this browser", waiting);
    return { kind: "stopped", text: withCount(text) };
  }
  if (waiting === 0 && rejected) {
    const text = ngettext("%s answer not accepted", "%s answers not accepted", rejected);
    return { kind: "stopped", text: withCount(text, rejected) };
  }
  if (waiting === 0) {
    return {
      kind: "saved",
      text: outbox.isOffline ? gettext("Offline. All answers saved") : gettext("All answers saved"),
    };
  }
  if (outbox.isOffline) {
    const text = ngettext(
      "Offline: %s answer kept in this browser",
      "Offline: %s answers kept in this browser",
      waiting,
    );
    return { kind: "offline", text: withCount(text) };
  }
  if (outbox.failure) {
    const text = ngettext(
      "No connection: %s answer kept in this browser, trying again",
      "No connection: %s answers kept in this browser, trying again",
      waiting,
    );
    return { kind: "offline", text: withCount(text) };
  }
  return {
    kind: "sending",
    text: withCount(ngettext("%s answer waiting, sending", "%s answers waiting, sending", waiting)),
  };
}

/** Draw banners: what went wrong, with buttons that mend it.
 * @param {HTMLElement} box @param {Outbox} outbox @param {BannerOptions} options */
export function drawBanners(box, outbox, options) {
  const { blocked, waiting, rejected, isDurable } = outbox;
  const state = JSON.stringify([blocked, blocked && waiting.length, rejected.map(({ id }) => id), isDurable]);
  if (box.dataset.key === state) return;
  box.dataset.key = state;
  box.replaceChildren(...makeBanners(outbox, options));
}

/** @param {Outbox} outbox @param {BannerOptions} options */
function makeBanners(outbox, options) {
  if (outbox.blocked) return [makeBlockedBanner(outbox, outbox.blocked)];
  const banners = outbox.rejected.slice(0, MAX_BANNERS).map((operation) => {
    if (operation.error?.code === ALREADY_ANSWERED) return makeConflictBanner(outbox, operation, options);
    return makeRejectedBanner(outbox, operation, options);
  });
  if (!outbox.isDurable) {
    const text = gettext(
      "This browser does not let the page keep anything: do not close it before all answers are saved.",
    );
    banners.push(makeBanner("warning", text, []));
  }
  return banners;
}

/** @param {Outbox} outbox @param {Operation} operation @param {BannerOptions} options */
function makeRejectedBanner(outbox, operation, { onAnswerAgain }) {
  const text = interpolate(gettext("One answer was not accepted: %s"), [operation.error?.message]);
  return makeBanner("error", text, [
    makeButton(gettext("Answer it again"), () => onAnswerAgain(operation)),
    makeButton(gettext("Try again"), () => outbox.retry({ rejected: true })),
    makeButton(gettext("Throw it away"), () => outbox.discard(operation.id)),
  ]);
}

/** The person has answered the item on another device: ask which answer counts.
 * @param {Outbox} outbox @param {Operation} operation @param {BannerOptions} options */
function makeConflictBanner(outbox, operation, { describe, onKeepStored }) {
  const values = {
    stored: describe(operation.error?.details?.answer),
    own: describe(operation.body),
  };
  const text = gettext("You answered this item on another device: “%(stored)s”. The answer from here is “%(own)s”.");
  return makeBanner("warning", interpolate(text, values, true), [
    makeButton(interpolate(gettext("Keep “%(stored)s”"), values, true), () => onKeepStored(operation)),
    makeButton(interpolate(gettext("Replace it with “%(own)s”"), values, true), () => outbox.replaceStored(operation)),
  ]);
}

/** @param {Outbox} outbox @param {import("./outbox.js").Refusal} blocked */
function makeBlockedBanner(outbox, { status, code, message }) {
  const retry = makeButton(gettext("Try again"), () => outbox.retry());
  const count = outbox.waiting.length;
  if (code === OTHER_USER) {
    const text = gettext("Another person has signed in in this browser, so that this page cannot go on as yours.");
    const kept = ngettext(
      "%s answer of yours is kept here and goes out when you sign in again.",
      "%s answers of yours are kept here and go out when you sign in again.",
      count,
    );
    const reload = makeButton(gettext("Load the page again"), () => location.reload());
    return makeBanner("warning", count ? `${text} ${interpolate(kept, [count])}` : text, [reload, retry]);
  }
  if (status === 401) {
    const link = document.createElement("a");
    link.className = "al-button al-button--small";
    link.href = `/sign-in/?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = gettext("Sign in");
    const text = gettext(
      "You are signed out. Your answers are kept in this browser and go out when you sign in again.",
    );
    return makeBanner("warning", text, [link, retry]);
  }
  const discard = count ? [makeButton(gettext("Throw them away"), () => outbox.discardAll())] : [];
  if (status === 404) {
    const lost = ngettext("%s answer was not saved.", "%s answers were not saved.", count);
    const text = describeLostProject({ code, message });
    return makeBanner("error", count ? `${text} ${interpolate(lost, [count])}` : text, [retry, ...discard]);
  }
  const text = gettext("The server does not take your answers: %s They are kept in this browser.");
  return makeBanner("error", interpolate(text, [message]), [retry, ...discard]);
}

/** Why the project of an open page is not there any more. The server says it to those whose answers it has.
 * @param {{code: string, message: string}} error */
export function describeLostProject({ code, message }) {
  return code === "removed" ? message : gettext("A lead removed you from this project, or deleted it.");
}

/** @param {"warning"|"error"} kind @param {string} text @param {HTMLElement[]} actions */
function makeBanner(kind, text, actions) {
  const banner = document.createElement("div");
  banner.className = `al-banner al-banner--${kind}`;
  banner.setAttribute("role", "alert");
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  banner.append(paragraph, ...actions);
  return banner;
}

/** @param {string} name @param {() => unknown} onPress */
function makeButton(name, onPress) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "al-button al-button--small";
  button.textContent = name;
  button.addEventListener("click", onPress);
  return button;
}
