/** Honest words about where the answers are, and what to do when the server will not have them. */

/** One line. @param {import("./outbox.js").Outbox} outbox @returns {{kind: string, text: string}} */
export function statusOf(outbox) {
  const n = outbox.waiting.length;
  if (outbox.blocked) {
    return {
      kind: "stopped",
      text: counted(ngettext("%s answer kept in this browser", "%s answers kept in this browser", n), n),
    };
  }
  if (n === 0 && outbox.refused.length) {
    return {
      kind: "stopped",
      text: counted(
        ngettext("%s answer not accepted", "%s answers not accepted", outbox.refused.length),
        outbox.refused.length,
      ),
    };
  }
  if (n === 0) {
    return {
      kind: "saved",
      text: outbox.offline ? gettext("Offline. All answers saved") : gettext("All answers saved"),
    };
  }
  if (outbox.offline) {
    return {
      kind: "offline",
      text: counted(
        ngettext("Offline: %s answer kept in this browser", "Offline: %s answers kept in this browser", n),
        n,
      ),
    };
  }
  if (outbox.trouble) {
    return {
      kind: "offline",
      text: counted(
        ngettext(
          "No connection: %s answer kept in this browser, trying again",
          "No connection: %s answers kept in this browser, trying again",
          n,
        ),
        n,
      ),
    };
  }
  return {
    kind: "sending",
    text: counted(ngettext("%s answer waiting, sending", "%s answers waiting, sending", n), n),
  };
}

function counted(words, n) {
  return interpolate(words, [n]);
}

/** Draw the banner: what went wrong, and buttons that mend it.
 * @param {HTMLElement} place @param {import("./outbox.js").Outbox} outbox @param {(id: string) => void} again label it again */
export function drawTrouble(place, outbox, again) {
  const key = JSON.stringify([outbox.blocked, outbox.refused.map((op) => op.id), outbox.durable]);
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  place.replaceChildren(...banners(outbox, again));
}

function banners(outbox, again) {
  if (outbox.blocked) return [blockedBanner(outbox)];
  const found = outbox.refused.slice(0, 3).map((op) => refusedBanner(outbox, op, again));
  if (!outbox.durable) {
    found.push(
      banner(
        "warning",
        gettext("This browser does not let the page keep anything: do not close it before all answers are saved."),
        [],
      ),
    );
  }
  return found;
}

function blockedBanner(outbox) {
  const retry = action(gettext("Try again"), () => outbox.retry());
  if (outbox.blocked.status === 401) {
    const link = document.createElement("a");
    link.className = "al-button al-button--small";
    link.href = `/sign-in/?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = gettext("Sign in");
    return banner(
      "warning",
      gettext("You are signed out. Your answers are kept in this browser and go out when you sign in again."),
      [link, retry],
    );
  }
  const discard = action(gettext("Throw them away"), () => outbox.discardAll());
  const words = interpolate(gettext("The server does not take your answers: %s They are kept in this browser."), [
    outbox.blocked.message,
  ]);
  return banner("error", words, [retry, discard]);
}

function refusedBanner(outbox, op, again) {
  const words = interpolate(gettext("One answer was not accepted: %s"), [op.error.message]);
  return banner("error", words, [
    action(gettext("Answer it again"), () => again(op)),
    action(gettext("Try again"), () => outbox.retry({ refused: true })),
    action(gettext("Throw it away"), () => outbox.discard(op.id)),
  ]);
}

function banner(kind, words, actions) {
  const box = document.createElement("div");
  box.className = `al-banner al-banner--${kind}`;
  box.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = words;
  box.append(text, ...actions);
  return box;
}

function action(name, work) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "al-button al-button--small";
  button.textContent = name;
  button.addEventListener("click", work);
  return button;
}
