/** Passkeys and security keys: have the browser make or use one, and send what it says with the form. */

import { find, formField, readJson } from "../dom.js";

/** What the server wants of the browser: {publicKey}, in the JSON form of WebAuthn.
 * @typedef {{publicKey: any}} PasskeyOptions */

/** @param {HTMLFormElement} form `data-act`: create, use (of the person known), sign-in (of anybody) */
export default function passkeys(form) {
  const button = find(form, "button", HTMLButtonElement);
  if (!window.PublicKeyCredential || !("parseCreationOptionsFromJSON" in PublicKeyCredential)) {
    if (form.dataset.act !== "sign-in") showError(form, gettext("This browser has no passkeys."));
    button.disabled = true;
    return;
  }
  form.hidden = false; // hidden until here where it can be left out: it needs script, and a browser that has passkeys
  button.addEventListener("click", () => press(form, button));
}

/** @param {HTMLFormElement} form @param {HTMLButtonElement} button */
async function press(form, button) {
  button.disabled = true;
  showError(form, "");
  try {
    const credential = await (form.dataset.act === "create" ? create(form) : use(await optionsOf(form)));
    formField(form, "credential").value = JSON.stringify(credential);
    form.submit();
  } catch {
    showError(form, gettext("That did not work, or it was cancelled. Try again."));
    button.disabled = false;
  }
}

/** @param {HTMLFormElement} form @returns {Promise<PasskeyOptions>} */
async function optionsOf(form) {
  if (form.dataset.act !== "sign-in") return readJson("passkey-options").request_options;
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(response.statusText);
  return (await response.json()).request_options;
}

/** @param {HTMLFormElement} form */
async function create(form) {
  const { publicKey } = readJson("passkey-options").creation_options;
  const isPasskey = formField(form, "passwordless").checked;
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: isPasskey ? "required" : "discouraged",
    requireResidentKey: isPasskey,
    ...(isPasskey && { userVerification: "required" }),
  };
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
  return asJson(await navigator.credentials.create({ publicKey: options }));
}

/** @param {PasskeyOptions} options */
async function use({ publicKey }) {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey);
  return asJson(await navigator.credentials.get({ publicKey: options }));
}

/** @param {Credential|null} credential */
function asJson(credential) {
  if (credential instanceof PublicKeyCredential) return credential.toJSON();
  throw new Error("The browser made no credential.");
}

/** @param {HTMLElement} form @param {string} message */
function showError(form, message) {
  const box = find(form, "[data-error]");
  box.textContent = message;
  box.hidden = !message;
}
