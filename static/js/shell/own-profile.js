import { PictureCropper } from "../elements/picture-cropper.js";
import { find, make, on } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { askAccount } from "../helpers/passkeys.js";
import { Command } from "../protocol.js";
import { FormDialog } from "./form-dialog.js";

/** @import { Faces } from "../models/faces.js" */
/** @import { MemberRef, MemberShown } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Notices } from "../helpers/notices.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/** What the server takes by `profile.set`. */
const TEXTS = ["handle", "pronouns", "about", "time_zone"];

/** *Your profile*: name, picture, handle, what one says about oneself, with a preview. */
export class OwnProfile {
  #parts;
  #dialog;
  #form;
  #preview;
  /** Only where there is an account. */
  /** @type {PictureCropper | null} */
  #cropper = null;
  /** @type {Record<string, string>} as the server has it */
  #saved = {};
  #isPictureGone = false;

  /**
   * @param {{
   *   me: MemberRef, requests: Requests, faces: Faces, current: CurrentRoom, notices: Notices,
   *   focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    const submit = (/** @type {FormData} */ answers) => this.#save(answers);
    this.#dialog = new FormDialog("#own-profile", { submit, focusBack: parts.focusBack });
    this.#form = this.#dialog.form;
    this.#preview = find(this.#form, ".own-preview", HTMLElement);
  }

  connect() {
    find(document, "#profile-button", HTMLElement).addEventListener("click", () => this.#open());
    on(document, "own-profile-wanted", () => this.#open());
    this.#form.addEventListener("input", () => this.#showPreview());
    const cropper = this.#form.querySelector("picture-cropper");
    if (cropper instanceof PictureCropper) {
      this.#cropper = cropper;
      this.#connectPicture(cropper);
    } else {
      find(this.#form, "#keep-for-profile", HTMLElement).addEventListener("click", () => {
        this.#dialog.close();
        find(document, "#keep-name-button", HTMLElement).click();
      });
    }
  }

  /** @param {PictureCropper} cropper */
  #connectPicture(cropper) {
    const file = find(this.#form, "#picture-file", HTMLInputElement);
    find(this.#form, "#choose-picture", HTMLElement).addEventListener("click", () => file.click());
    find(this.#form, "#remove-picture", HTMLElement).addEventListener("click", () => {
      this.#isPictureGone = true;
      cropper.clear();
      this.#showPreview();
      find(this.#form, "#choose-picture", HTMLElement).focus();
    });
    file.addEventListener("change", () => this.#take(cropper, file));
    on(cropper, "picture-moved", () => this.#showPreview());
  }

  /**
   * @param {PictureCropper} cropper
   * @param {HTMLInputElement} input
   */
  async #take(cropper, input) {
    const file = input.files?.[0];
    // The same file can be chosen again.
    if (file) {
      try {
        cropper.show(await createImageBitmap(file));
        this.#isPictureGone = false;
        this.#dialog.announce("");
      } catch {
        cropper.clear();
        this.#dialog.announce(gettext("Choose a picture in PNG, JPEG or WebP."));
      }
      input.value = "";
      this.#showPreview();
    }
  }

  async #open() {
    const { me, requests, faces, current } = this.#parts;
    find(document, ".account", HTMLDetailsElement).open = false;
    this.#dialog.open();
    this.#cropper?.clear();
    this.#isPictureGone = false;
    this.#saved = {};
    this.#fill({ name: faces.nameOf(me) });
    try {
      const room = current.session.key;
      /** @type {MemberShown} */
      const { member, profile = {} } = await requests.ask({
        type: Command.SHOW_MEMBER,
        member: me.id,
        room,
      });
      faces.note([member]);
      this.#fill({ ...profile, name: member.name, handle: member.handle ?? "" });
    } catch (error) {
      this.#dialog.announce(/** @type {Error} */ (error).message);
    }
  }

  /**
   * What was typed before the server answered stays.
   *
   * @param {Record<string, string>} texts as the server has them
   */
  #fill(texts) {
    const before = this.#saved;
    this.#saved = texts;
    const zone = find(this.#form, "#own-zone", HTMLSelectElement);
    const isChosen = zone.value !== (before.time_zone ?? "");
    fillZones(zone, isChosen ? zone.value : (texts.time_zone ?? ""));
    for (const [name, text] of Object.entries(texts)) {
      const field = this.#form.elements.namedItem(name);
      if (field instanceof HTMLInputElement && field.value === (before[name] ?? "")) {
        field.value = text;
      }
    }
    this.#showPreview();
  }

  #showPreview() {
    const answers = new FormData(this.#form);
    const said = (/** @type {string} */ name) => String(answers.get(name) ?? "").trim();
    const handle = said("handle").replace(/^@/, "");
    const calls = [handle && `@${handle}`, said("pronouns")].filter(Boolean);
    find(this.#preview, ".own-preview-name", HTMLElement).textContent = said("name");
    find(this.#preview, ".own-preview-calls", HTMLElement).textContent = calls.join(" · ");
    find(this.#preview, ".own-preview-about", HTMLElement).textContent = said("about");
    this.#showPicture();
  }

  #showPicture() {
    const { me, faces } = this.#parts;
    const canvas = find(this.#preview, "canvas", HTMLCanvasElement);
    const mark = find(this.#preview, "span.avatar", HTMLElement);
    const isNew = this.#cropper?.hasPicture ?? false;
    canvas.hidden = !isNew;
    mark.hidden = isNew;
    mark.dataset.face = this.#isPictureGone ? "0" : String(me.id);
    if (this.#cropper) {
      const hasPicture = Boolean(faces.get(me.id)?.picture) && !this.#isPictureGone;
      find(this.#form, "#remove-picture", HTMLElement).hidden = !isNew && !hasPicture;
    }
    if (this.#cropper && isNew) {
      const context = canvas.getContext("2d");
      context?.clearRect(0, 0, canvas.width, canvas.height);
      context?.drawImage(this.#cropper.canvas, 0, 0, canvas.width, canvas.height);
    }
  }

  /** @param {FormData} answers What is stored is not sent again, if something after it is refused. */
  async #save(answers) {
    const { requests, faces, me, notices } = this.#parts;
    const name = String(answers.get("name")).trim();
    if (name !== this.#saved.name) {
      const renamed = await askAccount("/account/name/", { name });
      this.#saved = { ...this.#saved, name: renamed.name };
      faces.note([{ ...(faces.get(me.id) ?? { id: me.id }), name: renamed.name }]);
    }
    const said = TEXTS.map((text) => [text, String(answers.get(text) ?? "").trim()]);
    const changed = said.filter(([text = "", value]) => value !== (this.#saved[text] ?? ""));
    if (changed.length > 0) {
      await requests.ask({ type: Command.SET_PROFILE, ...Object.fromEntries(changed) });
      this.#saved = { ...this.#saved, ...Object.fromEntries(changed) };
    }
    if (this.#cropper?.hasPicture) {
      await askAccount("/account/picture/", await this.#cropper.square);
      this.#cropper.clear();
    } else if (this.#isPictureGone) {
      await requests.ask({ type: Command.REMOVE_PICTURE });
    }
    notices.toast(gettext("Your profile was saved."));
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {string} chosen
 */
function fillZones(select, chosen) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const others = Intl.supportedValuesOf("timeZone").filter((zone) => zone !== here);
  const zones = [...new Set([here, ...(chosen ? [chosen] : []), ...others])];
  const options = zones.map((zone) => {
    const label = zone.replaceAll("_", " ");
    const text =
      zone === here ? interpolate(gettext("{zone} (this device)"), { zone: label }) : label;
    return make("option", { value: zone }, text);
  });
  select.replaceChildren(make("option", { value: "" }, gettext("Do not show my time")), ...options);
  select.value = chosen;
}
