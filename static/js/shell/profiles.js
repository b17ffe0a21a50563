import { ProfileCard } from "../elements/profile-card.js";
import { emit, find, on } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { detailsOf } from "../helpers/profile-texts.js";
import { momentText, preciseNow } from "../helpers/time.js";
import { Command } from "../protocol.js";
import { moderatorActs } from "./moderator-acts.js";
import { failureText } from "./refusals.js";
import { roleHere } from "./room-people.js";

/** @import { CardAction } from "../elements/profile-card.js" */
/** @import { MessageComposer } from "../elements/message-composer.js" */
/** @import { MessageList } from "../elements/message-list.js" */
/** @import { Clock } from "../models/clock.js" */
/** @import { Faces } from "../models/faces.js" */
/** @import { MemberRef, MemberShown } from "../protocol.js" */
/** @import { Requests } from "../realtime/requests.js" */
/** @import { Contacts } from "./contacts.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { MemberModeration } from "./member-moderation.js" */
/** @import { Outcome } from "./outcomes.js" */
/** @import { Action } from "./message-actions.js" */
/** @import { RoomPeople } from "./room-people.js" */

/** Names and faces within the messages. */
const NAMES = ".message-author, .message > .avatar, .mention[data-member]";

/** A card opens from every name: who it is, and what I can do about it. */
export class Profiles {
  #parts;
  #card = find(document, "profile-card", ProfileCard);
  /** What the card says of them. */
  #facts = "";
  /** @type {MemberRef} whose card it is, or was */
  #member;
  /** @type {MemberShown | null} of the member on the card, as far as I may know it */
  #state = null;

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, list: MessageList, composer: MessageComposer,
   *   requests: Requests, clock: Clock, actions: Action[], moderation: MemberModeration,
   *   contacts: Contacts, roomPeople: RoomPeople, faces: Faces,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    this.#member = parts.me;
    parts.actions.push({
      label: gettext("View profile"),
      isAvailable: ({ deleted }) => !deleted,
      run: ({ author, seq }) => this.open(author, faceOf(parts.list, seq)),
    });
  }

  connect() {
    const { list, current, faces } = this.#parts;
    on(faces, "change", ({ ids }) => this.#followFaces(ids));
    on(document, "profile-wanted", ({ member, origin }) => this.open(member, origin));
    list.addEventListener("click", (event) => {
      const name = /** @type {Element} */ (event.target).closest(NAMES);
      if (name instanceof HTMLElement && !hasSelection()) {
        event.preventDefault();
        this.open(this.#memberOf(name), name);
      }
    });
    list.addEventListener("keydown", (event) => {
      const pill = /** @type {HTMLElement} */ (event.target);
      if ((event.key === "Enter" || event.key === " ") && pill.matches(".mention[data-member]")) {
        event.preventDefault();
        event.stopPropagation();
        this.open(this.#memberOf(pill), pill);
      }
    });
    current.follow(({ roster }, signal) => {
      this.#card.close({ focus: false });
      on(roster, "change", () => this.#followPresence(), signal);
    });
  }

  /**
   * @param {MemberRef} member
   * @param {HTMLElement} origin where the card is opened
   */
  open(member, origin) {
    this.#state = null;
    this.#member = member;
    const profile = this.#profile();
    this.#facts = profile.facts.join();
    this.#card.open(profile, origin);
    this.#load(member);
  }

  /**
   * @param {HTMLElement} name or face within a message
   * @returns {MemberRef}
   */
  #memberOf(name) {
    const { me, current } = this.#parts;
    if (name.dataset.member) {
      const called = name.textContent?.replace(/^@/, "") ?? "";
      return { id: Number(name.dataset.member), name: called };
    }
    const row = /** @type {HTMLElement} */ (name.closest("li.message"));
    const author = current.session.timeline.at(Number(row.dataset.seq))?.author ?? me;
    return {
      ...author,
      name: find(row, ".message-author", HTMLElement).textContent ?? author.name,
    };
  }

  /** @param {MemberRef} member what holds for them now, on the site and in this room */
  async #load(member) {
    const { me, current, requests, contacts, faces } = this.#parts;
    const { key: room, permissions } = current.session;
    try {
      /** @type {MemberShown} */
      const state = await requests.ask({ type: Command.SHOW_MEMBER, member: member.id, room });
      faces.note([state.member]);
      if (member.id !== me.id) {
        contacts.note(member, state.blocked ?? false);
      }
      if (this.#card.memberId === member.id) {
        this.#state = state;
        this.#member = state.member;
        this.#update();
      }
    } catch (error) {
      // Others see the card as it is without an answer: someone who left has none.
      if (this.#card.memberId === member.id && permissions.isModerator) {
        this.#card.announce([failureText(error)]);
      }
    }
  }

  /** @param {number[]} ids who look different now */
  #followFaces(ids) {
    const { id } = this.#member;
    if (ids.includes(id) && this.#card.memberId === id) {
      this.#member = { id, name: this.#parts.faces.nameOf(this.#member) };
      this.#update();
    }
  }

  /** People come and go all the time: the card is filled anew where that concerns it. */
  #followPresence() {
    const { facts } = this.#profile();
    if (facts.join() !== this.#facts) {
      this.#update();
    }
  }

  #update() {
    if (this.#card.memberId === this.#member.id) {
      const profile = this.#profile();
      this.#facts = profile.facts.join();
      this.#card.update(profile);
    }
  }

  #profile() {
    const member = this.#member;
    const state = this.#state;
    const here = this.#parts.current.session.roster.get(member.id);
    const role = state ? state.role : here?.role;
    const facts = [
      ...(member.id === this.#parts.me.id ? [gettext("You")] : []),
      ...(role ? [role === "owner" ? gettext("Owner") : gettext("Moderator")] : []),
      ...roleHere(state),
      ...(here ? [gettext("Here now")] : []),
      ...(state ? this.#sanctions(state) : []),
    ];
    const actions = [
      ...this.#ownActions(member),
      ...this.#roomActs(member, state),
      ...this.#acts(member, state),
    ];
    const details = detailsOf(this.#parts.faces.get(member.id), state, this.#now);
    return { member, facts, actions, details };
  }

  /** By the server's clock. */
  get #now() {
    return this.#parts.clock.server(preciseNow());
  }

  /** @param {MemberShown} state */
  #sanctions({ muted_until, banned, banned_until, left }) {
    /** @param {string} time of the server's clock */
    const until = (time) => {
      return momentText(Date.now() + Date.parse(time) - this.#now);
    };
    return [
      ...(muted_until
        ? [interpolate(gettext("Muted until {time}"), { time: until(muted_until) })]
        : []),
      ...(banned_until
        ? [interpolate(gettext("Banned until {time}"), { time: until(banned_until) })]
        : []),
      ...(banned && !banned_until ? [gettext("Banned for good")] : []),
      ...(left && !banned ? [gettext("Has left")] : []),
    ];
  }

  /**
   * @param {MemberRef} member
   * @returns {CardAction[]}
   */
  #ownActions(member) {
    const { me, composer, contacts } = this.#parts;
    if (member.id === me.id) {
      const edit = () => {
        this.#card.close({ focus: false });
        emit(document, "own-profile-wanted");
      };
      return [{ label: gettext("Edit profile…"), run: edit }];
    }
    const mention = () => {
      this.#card.close({ focus: false });
      composer.insert(`@${member.name} `);
    };
    const isBlocked = contacts.hasBlocked(member);
    return [
      { label: gettext("Mention"), run: mention },
      {
        label: gettext("Direct message"),
        run: () => this.#act(member, () => contacts.write(member)),
      },
      {
        label: isBlocked ? gettext("Unblock") : gettext("Block"),
        run: () => this.#act(member, () => contacts.block(member, !isBlocked)),
      },
    ];
  }

  /**
   * @param {MemberRef} member
   * @param {MemberShown | null} state
   * @returns {CardAction[]} what those who run this room may do with the member there
   */
  #roomActs(member, state) {
    const { roomPeople, current } = this.#parts;
    const acts = state ? roomPeople.acts(current.session.key, state) : [];
    return acts.map(({ label, act, isDanger }) => ({
      label,
      run: () => this.#act(member, act),
      isDanger,
      isModeration: true,
    }));
  }

  /**
   * @param {MemberRef} member
   * @param {MemberShown | null} state
   * @returns {CardAction[]}
   */
  #acts(member, state) {
    const { moderation, faces } = this.#parts;
    const act = (/** @type {() => Promise<Outcome | null>} */ what) => this.#act(member, what);
    const face = faces.get(member.id);
    return state ? moderatorActs({ member, state, face, now: this.#now, moderation, act }) : [];
  }

  /**
   * @param {MemberRef} member
   * @param {() => Promise<Outcome | null>} act
   */
  async #act(member, act) {
    const outcome = await act();
    if (outcome && this.#card.memberId === member.id) {
      const { undo } = outcome;
      this.#card.announce(outcome.said, undo ? () => this.#act(member, undo) : null);
      this.#update();
      this.#load(member);
    }
  }
}

/**
 * @param {HTMLElement} list
 * @param {number} seq
 * @returns {HTMLElement} what the card hangs on, where it is opened from the menu of a message
 */
function faceOf(list, seq) {
  const row = find(list, `[data-seq="${seq}"]`, HTMLElement);
  row.tabIndex = -1;
  return row;
}

/** Whoever marks a name to copy it does not want the card. */
function hasSelection() {
  return getSelection()?.isCollapsed === false;
}
