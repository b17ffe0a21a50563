import { find, make } from "../helpers/dom.js";
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { memberFace } from "../helpers/member-face.js";
import { Command } from "../protocol.js";
import { MemberSearch } from "./member-search.js";
import { refusalText } from "./refusals.js";

/** @import { MemberRef, RoomMember } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { Outcome } from "./outcomes.js" */
/** @import { RoomPeople, RoomRole } from "./room-people.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** @returns {Record<RoomRole, string>} */
const roles = () => ({
  owner: gettext("Owner"),
  moderator: gettext("Moderator"),
  member: gettext("Member"),
});

/** The members of the room on the screen; those who run it add people, remove them and give roles. */
export class RoomMembers {
  #parts;
  #dialog = find(document, "#room-members", HTMLDialogElement);
  #list = find(this.#dialog, ".member-list", HTMLUListElement);
  #field = find(this.#dialog, "input", HTMLInputElement);
  #status = find(this.#dialog, ".member-status", HTMLElement);
  #more = find(this.#dialog, ".member-more", HTMLButtonElement);
  #search;
  /** @type {RoomMember[]} */
  #members = [];
  #room = "";

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, sessions: RoomSessions, requests: Requests,
   *   roomPeople: RoomPeople, focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    this.#search = new MemberSearch({
      ...parts,
      field: this.#field,
      list: find(this.#dialog, ".member-offers", HTMLUListElement),
      status: this.#status,
      isOffered: ({ id }) => !this.#members.some((member) => member.id === id),
      choose: (member) => this.#add(member),
    });
  }

  connect() {
    this.#search.connect();
    find(document, "#room-members-button", HTMLButtonElement).addEventListener("click", () =>
      this.#open(),
    );
    this.#more.addEventListener("click", () => this.#load());
    this.#dialog.addEventListener("close", () => this.#parts.focusBack());
  }

  get #permissions() {
    return this.#parts.current.session.permissions;
  }

  #open() {
    const { key, name, kind } = this.#parts.current.session;
    this.#room = key;
    this.#members = [];
    this.#search.clear();
    this.#list.replaceChildren();
    this.#status.textContent = "";
    const mayAdd = this.#permissions.mayInvite && kind !== "direct";
    find(this.#dialog, ".member-adding", HTMLElement).hidden = !mayAdd;
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
    const { me, current } = this.#parts;
    const permissions = this.#permissions;
    const isRun = current.session.kind !== "direct" && member.id !== me.id;
    const actions = make("div", { className: "member-actions" });
    const mayAppoint = isRun && permissions.isOwner;
    if (mayAppoint) {
      actions.append(this.#roleField(member));
    }
    if (isRun && permissions.isModerator && member.role !== "owner") {
      const label = make("bdi", { className: "visually-hidden" }, ` ${member.name}`);
      const button = make("button", {
        type: "button",
        className: "button is-small is-danger-text",
      });
      button.append(gettext("Remove"), label);
      button.addEventListener("click", () => this.#remove(member));
      actions.append(button);
    }
    const face = memberFace(member, mayAppoint ? "" : roles()[member.role]);
    const item = make("li", { className: "member-item" }, ...face, actions);
    item.dataset.member = String(member.id);
    return item;
  }

  /** @param {RoomMember} member */
  #roleField(member) {
    const field = make("select", { className: "field is-small" });
    field.ariaLabel = interpolate(gettext("Role of {name}"), { name: member.name });
    for (const [role, label] of Object.entries(roles())) {
      field.add(new Option(label, role, false, role === member.role));
    }
    field.addEventListener("change", () => {
      this.#appoint(member, /** @type {RoomRole} */ (field.value));
    });
    return field;
  }

  /** @param {RoomMember} member */
  async #remove(member) {
    const outcome = await this.#parts.roomPeople.remove(this.#room, member);
    this.#showOutcome(member, outcome, null, member.role);
  }

  /**
   * @param {RoomMember} member
   * @param {RoomRole} role
   */
  async #appoint(member, role) {
    const { roomPeople } = this.#parts;
    const outcome = await roomPeople.appoint(this.#room, member, role, member.role);
    this.#showOutcome(member, outcome, role, member.role);
  }

  /** @param {MemberRef} member */
  async #add(member) {
    this.#showOutcome(member, await this.#parts.roomPeople.add(this.#room, member), "member", null);
  }

  /**
   * Says what came of an act, and shows the member as they are now.
   *
   * @param {MemberRef} member
   * @param {Outcome} outcome
   * @param {RoomRole | null} after what the member is if it was done; null: not in the room
   * @param {RoomRole | null} before what the member was
   */
  #showOutcome(member, { said, done, undo }, after, before) {
    this.#show(member, done ? after : before);
    this.#status.replaceChildren(...said);
    if (undo) {
      const button = make("button", { type: "button", className: "button is-small" });
      button.textContent = gettext("Undo");
      button.addEventListener("click", async () => {
        // Who was removed comes back as a plain member.
        this.#showOutcome(member, await undo(), after === null ? "member" : before, after);
      });
      this.#status.append(" ", button);
    }
    // The button that was pressed may be gone.
    if (!this.#dialog.contains(document.activeElement)) {
      (this.#status.querySelector("button") ?? this.#field).focus();
    }
  }

  /**
   * @param {MemberRef} member
   * @param {RoomRole | null} role
   */
  #show({ id, name }, role) {
    const item = this.#list.querySelector(`[data-member="${id}"]`);
    this.#members = this.#members.filter((one) => one.id !== id);
    if (role === null) {
      item?.remove();
      return;
    }
    const member = { id, name, role };
    this.#members.push(member);
    this.#members.sort((one, other) => one.id - other.id);
    const shown = this.#item(member);
    if (item) {
      const hadFocus = item.contains(document.activeElement);
      item.replaceWith(shown);
      if (hadFocus) {
        shown.querySelector("select")?.focus();
      }
    } else {
      this.#list.append(shown);
    }
  }
}
