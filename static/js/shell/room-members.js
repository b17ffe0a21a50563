import { fillAvatar, find, make } from "../helpers/dom.js";
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { folded } from "../helpers/text.js";
import { Command } from "../protocol.js";
import { refusalText } from "./refusals.js";

/** @import { MemberRef, RoomMember } from "../protocol.js" */
/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** So many of those who could be added are offered at once; more letters find the others. */
const OFFERED = 6;
/** @type {Record<string, () => string>} */
const ROLES = {
  owner: () => gettext("Owner"),
  moderator: () => gettext("Moderator"),
  member: () => gettext("Member"),
};

/** The members of the room on the screen; those who run it add people, remove them and give roles. */
export class RoomMembers {
  #parts;
  #dialog = find(document, "#room-members", HTMLDialogElement);
  #list = find(this.#dialog, ".member-list", HTMLUListElement);
  #offers = find(this.#dialog, ".member-offers", HTMLUListElement);
  #field = find(this.#dialog, "input", HTMLInputElement);
  #status = find(this.#dialog, ".member-status", HTMLElement);
  #more = find(this.#dialog, ".member-more", HTMLButtonElement);
  /** @type {RoomMember[]} */
  #members = [];
  #room = "";

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, sessions: RoomSessions, directory: RoomDirectory,
   *   requests: Requests, focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    find(document, "#room-members-button", HTMLButtonElement).addEventListener("click", () =>
      this.#open(),
    );
    this.#field.addEventListener("input", () => this.#offer());
    this.#more.addEventListener("click", () => this.#load());
    this.#dialog.addEventListener("close", () => this.#parts.focusBack());
  }

  get #role() {
    return this.#parts.directory.get(this.#room)?.role;
  }

  get #mayManage() {
    return this.#role === "owner" || this.#role === "moderator";
  }

  #open() {
    const { key, name } = this.#parts.current.session;
    this.#room = key;
    this.#members = [];
    this.#field.value = "";
    this.#list.replaceChildren();
    this.#offers.replaceChildren();
    this.#status.textContent = "";
    find(this.#dialog, ".member-adding", HTMLElement).hidden = !this.#mayManage;
    find(this.#dialog, "h2", HTMLElement).textContent = interpolate(gettext("Members of {room}"), {
      room: name,
    });
    this.#dialog.showModal();
    this.#load();
  }

  /** The next page of members, by their ids. */
  async #load() {
    const after = this.#members.at(-1)?.id ?? 0;
    const question = { type: Command.LIST_MEMBERS, room: this.#room, after };
    try {
      const { members, total, more } = await this.#parts.requests.ask(question);
      this.#members.push(...members);
      this.#list.append(...members.map((/** @type {RoomMember} */ one) => this.#item(one)));
      this.#more.hidden = !more;
      this.#status.textContent =
        total === 0
          ? gettext("Nobody has joined yet. Everyone on this site may read and write here.")
          : ngettext("{count} member", "{count} members", total);
    } catch (error) {
      this.#status.textContent = refusalText(error);
    }
  }

  /** @param {RoomMember} member */
  #item(member) {
    const { me } = this.#parts;
    const actions = make("div", { className: "member-actions" });
    if (member.id !== me.id && this.#role === "owner" && member.role !== "owner") {
      const isModerator = member.role === "moderator";
      const label = isModerator ? gettext("Remove moderator role") : gettext("Make moderator");
      const office = isModerator ? "" : "moderator";
      actions.append(button(label, () => this.#appoint(member, office)));
    }
    if (member.id !== me.id && this.#mayManage && member.role !== "owner") {
      actions.append(button(gettext("Remove"), () => this.#remove(member), true));
    }
    const role = ROLES[member.role]?.() ?? "";
    const item = make("li", { className: "member-item" }, ...face(member, role), actions);
    item.dataset.member = String(member.id);
    return item;
  }

  /** @param {RoomMember} member */
  async #remove(member) {
    const { id, name } = member;
    const said = interpolate(gettext("{name} was removed."), { name });
    const command = { type: Command.REMOVE_MEMBER, member: id };
    if (await this.#run(command, said, () => this.#add(member))) {
      this.#members = this.#members.filter((one) => one.id !== id);
      this.#list.querySelector(`[data-member="${id}"]`)?.remove();
    }
  }

  /**
   * @param {RoomMember} member
   * @param {"moderator" | ""} office
   */
  async #appoint(member, office) {
    const { id, name } = member;
    const said = office
      ? interpolate(gettext("{name} is a moderator of this room now."), { name })
      : interpolate(gettext("{name} is not a moderator of this room any more."), { name });
    if (await this.#run({ type: Command.APPOINT_MEMBER, member: id, office }, said)) {
      member.role = office || "member";
      this.#list.querySelector(`[data-member="${id}"]`)?.replaceWith(this.#item(member));
    }
  }

  /** @param {MemberRef} member */
  async #add({ id, name }) {
    const said = interpolate(gettext("{name} was added."), { name });
    if (await this.#run({ type: Command.ADD_MEMBERS, members: [id] }, said)) {
      /** @type {RoomMember} */
      const member = { id, name, role: "member" };
      this.#members.push(member);
      this.#list.append(this.#item(member));
      this.#field.value = "";
      this.#offer();
      this.#field.focus();
    }
  }

  /** People that this page has met, and who are no members yet. */
  #offer() {
    const wanted = folded(this.#field.value.trim());
    const members = new Set(this.#members.map(({ id }) => id));
    const found = this.#known().filter(
      ({ id, name }) => !members.has(id) && folded(name).includes(wanted),
    );
    this.#offers.replaceChildren(
      ...(wanted ? found.slice(0, OFFERED) : []).map((member) => {
        const add = button(gettext("Add"), () => this.#add(member));
        return make("li", { className: "member-item" }, ...face(member), add);
      }),
    );
    if (wanted && found.length === 0) {
      this.#status.textContent = gettext("Nobody here has that name. Invite them with a link.");
    }
  }

  /** @returns {MemberRef[]} */
  #known() {
    const all = this.#parts.sessions.all.flatMap(({ roster, timeline }) => [
      ...timeline.messages.map(({ author }) => author),
      ...roster.members,
    ]);
    return [...new Map(all.map((member) => [member.id, member])).values()];
  }

  /**
   * @param {{ type: string, [field: string]: any }} command
   * @param {string} said
   * @param {(() => void) | null} undo
   * @returns {Promise<boolean>} whether it was carried out
   */
  async #run(command, said, undo = null) {
    try {
      await this.#parts.requests.ask({ ...command, room: this.#room });
      const back = undo ? [" ", button(gettext("Undo"), undo)] : [];
      this.#status.replaceChildren(said, ...back);
      return true;
    } catch (error) {
      this.#status.textContent = refusalText(error);
      return false;
    }
  }
}

/**
 * @param {MemberRef} member
 * @param {string} role
 * @returns {Node[]}
 */
function face(member, role = "") {
  const avatar = make("span", { className: "avatar is-small", ariaHidden: "true" });
  fillAvatar(avatar, member);
  const told = make("span", { className: "member-role" }, role);
  return [avatar, make("bdi", { className: "member-name" }, member.name), told];
}

/**
 * @param {string} label
 * @param {() => void} run
 * @param {boolean} isDanger
 */
function button(label, run, isDanger = false) {
  const className = `button is-small${isDanger ? " is-danger-text" : ""}`;
  const made = make("button", { type: "button", className }, label);
  made.addEventListener("click", run);
  return made;
}
