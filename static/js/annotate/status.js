/** Where the answers are, in words, and what to do when the server does not accept them. */

/** @typedef {import("./outbox.js").Outbox} Outbox */

const MAX_BANNERS = 3;

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
 * @param {HTMLElement} box @param {Outbox} outbox
 * @param {(operation: import("./store.js").Operation) => void} onAnswerAgain */
export function drawBanners(box, outbox, onAnswerAgain) {
  const state = JSON.stringify([outbox.blocked, outbox.rejected.map(({ id }) => id), outbox.isDurable]);
  if (box.dataset.key === state) return;
  box.dataset.key = state;
  box.replaceChildren(...makeBanners(outbox, onAnswerAgain));
}

/** @param {Outbox} outbox @param {(operation: import("./store.js").Operation) => void} onAnswerAgain */
function makeBanners(outbox, onAnswerAgain) {
  if (outbox.blocked) return [makeBlockedBanner(outbox, outbox.blocked)];
  const banners = outbox.rejected.slice(0, MAX_BANNERS).map((operation) => {
    const text = interpolate(gettext("One answer was not accepted: %s"), [operation.error?.message]);
    return makeBanner("error", text, [
      makeButton(gettext("Answer it again"), () => onAnswerAgain(operation)),
      makeButton(gettext("Try again"), () => outbox.retry({ rejected: true })),
      makeButton(gettext("Throw it away"), () => outbox.discard(operation.id)),
    ]);
  });
  if (!outbox.isDurable) {
    const text = gettext(
      "This browser does not let the page keep anything: do not close it before all answers are saved.",
    );
    banners.push(makeBanner("warning", text, []));
  }
  return banners;
}

/** @param {Outbox} outbox @param {{status: number, message: string}} blocked */
function makeBlockedBanner(outbox, { status, message }) {
  const retry = makeButton(gettext("Try again"), () => outbox.retry());
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
  const discard = makeButton(gettext("Throw them away"), () => outbox.discardAll());
  const text = gettext("The server does not take your answers: %s They are kept in this browser.");
  return makeBanner("error", interpolate(text, [message]), [retry, discard]);
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
