/**
 * The names and shapes of the wire contract (docs/reference/protocol.md), mirroring chat/protocol/.
 * A test compares the two.
 *
 * @typedef {{ id: number, name: string }} MemberRef
 * @typedef {{ emoji?: string, text?: string, until?: string }} Status It ends at `until` by itself.
 * @typedef {{ id: number, name: string, handle?: string, picture?: string, status?: Status }}
 *   MemberFace How a member looks now; `picture`: its address
 * @typedef {{ pronouns?: string, about?: string, time_zone?: string }} ProfileTexts
 * @typedef {{ id: number, name: string, role?: string }} PresentMember
 * @typedef {{
 *   seq: number, author: MemberRef, body: string, created_at: string, deleted?: boolean,
 * }} Excerpt
 * @typedef {{
 *   report: number, room: string, room_name: string, seq: number, author: MemberRef, body: string,
 *   message?: Excerpt, before: Excerpt[], after: Excerpt[],
 *   complaints: { member: MemberRef, reason: string, at: string }[], count: number,
 * }} ReportedMessage
 * @typedef {{ emoji: string, members: MemberRef[] }} Reaction
 * @typedef {{ id: number, name: string, text?: string }} Mention A member who is named, as they are
 *   called now; `text`: what stands after the `@` if that is something else. The id 0 is everyone.
 * @typedef {{
 *   id: string, seq: number, updated_seq: number, author: MemberRef, body: string, html?: string,
 *   created_at: string, client_id: string, edited_at?: string, deleted?: boolean,
 *   reply_to?: number, reactions?: Reaction[], mentions?: Mention[],
 * }} Message A message in its latest state; what is absent does not hold.
 *   `html`: the body, rendered and sanitised; absent for plain text. `mentions`: whom it names; absent
 *   where the server does not say.
 * @typedef {{ epoch: string, seq: number, id: string | null }} Position
 *   `epoch`, `to` and `to_id` of the last frame applied.
 *
 * @typedef {{ type: string, ref?: string | null, [field: string]: any }} Frame
 * @typedef {{
 *   type: "room.entered", ref: string, room: string, epoch: string, head: number, from: number,
 *   to: number, to_id: string | null, messages: Message[], more: boolean, reset?: string,
 * }} RoomEntered
 * @typedef {{
 *   type: "room.changes", room: string, epoch: string, from: number, to: number, to_id: string,
 *   messages: Message[],
 * }} RoomChanges
 * @typedef {{
 *   type: "message.accepted", ref: string, client_id: string, seq: number, id: string,
 *   trace: { received: string, committed: string, published?: string },
 * }} MessageAccepted
 * @typedef {{ type: "history.page", ref: string, room: string, messages: Message[], more: boolean }}
 *   HistoryPage
 * @typedef {{
 *   type: "command.rejected", ref: string | null, code: string, detail: string, retry_ms?: number,
 * }} CommandRejected
 * @typedef {{
 *   type: "hello", connection: string, node: string, me: MemberRef | null, heartbeat_s: number,
 *   limits: Record<string, number>, version: number, release?: string, role?: string, muted_until?: string,
 *   here?: number,
 * }} Hello
 * @typedef {{ type: "standing", role?: string, muted_until?: string }} Standing
 * @typedef {{ type: "room.rules", room: string, locked: boolean, slow_s: number }} RoomRules
 * @typedef {{
 *   room: string, name: string, kind: "public" | "private" | "direct", head: number, topic?: string,
 *   read?: number, unread?: number, mentions?: number, notify?: "all" | "mentions" | "none",
 *   role?: string, joined?: boolean, archived?: boolean, members?: MemberRef[], locked?: boolean,
 *   slow_s?: number, inviters?: "members" | "moderators",
 * }} RoomEntry A room of the list; `read` and `unread` are absent where it was never opened. `locked`: only
 *   its owners and moderators post; `inviters`: who brings others in.
 * @typedef {{
 *   room: string, name: string, members: number, topic?: string, joined?: boolean,
 *   archived?: boolean,
 * }} BrowsedRoom
 * @typedef {{ id: number, name: string, role: "owner" | "moderator" | "member" }} RoomMember
 * @typedef {{ id: number, expires_at: string, uses_left?: number, creator?: MemberRef }}
 *   InvitationEntry
 * @typedef {{
 *   number: number, kind: "mention" | "reply" | "direct", room: string, seq: number,
 *   author: MemberRef, text: string, at: string, room_name?: string, read?: boolean,
 * }} InboxEntry
 * @typedef {{ number: number, room: string, seq: number }} InboxPlace
 * @typedef {{
 *   type: "inbox.updated", head: number, read: number, unread: number, waiting: InboxPlace[],
 * }} InboxUpdated
 * @typedef {{
 *   type: "inbox.page", ref: string, items: InboxEntry[], head: number, read: number, more: boolean,
 *   direct?: InboxEntry[],
 * }} InboxPage
 * @typedef {{ type: "rooms.state", rooms: RoomEntry[], more?: boolean }} RoomsState
 * @typedef {Partial<RoomEntry> & { type: "room.updated", room: string }} RoomUpdated
 *   What is absent is as it was.
 * @typedef {{
 *   type: "room.activity", room: string, head: number, unread?: number, mentions?: number,
 * }} RoomActivity
 * @typedef {{ type: "room.removed", room: string }} RoomRemoved
 * @typedef {{ type: "presence.state", room: string, count: number, members: PresentMember[] }}
 *   PresenceState
 * @typedef {{
 *   type: "presence.diff", room: string, count: number, joined: PresentMember[],
 *   left: PresentMember[],
 * }} PresenceDiff
 * @typedef {{
 *   type: "people.page", ref: string, room: string, count: number, people: PresentMember[],
 *   more: boolean,
 * }} PeoplePage
 * @typedef {{
 *   type: "member.shown", ref: string, member: MemberFace, profile?: ProfileTexts, role?: string,
 *   muted_until?: string, banned?: boolean, banned_until?: string, left?: boolean, may: string[],
 *   role_here?: string, may_here?: string[], blocked?: boolean,
 *   former_names?: { name: string, until: string }[],
 * }} MemberShown `role_here` and `may_here`: in the room that was asked about; `blocked`: by me;
 *   `former_names`: for moderators
 * @typedef {{ type: "members.loaded", ref: string, members: MemberFace[] }} MembersLoaded
 * @typedef {{ type: "members.changed", members: MemberFace[] }} MembersChanged
 * @typedef {{
 *   id: number, name: string, asked_at: string, note?: string, joined_there?: MemberRef[],
 *   banned_there?: MemberRef[],
 * }} NewcomerEntry Someone who waits to be let in, and some of their network
 * @typedef {{ comes_in?: "anyone" | "invited" | "accounts" | "sso", guests_read?: boolean, rules?: number }}
 *   SiteTerms What an owner decided; what is absent is as on a new site
 * @typedef {{ type: "newcomers.page", ref: string, newcomers: NewcomerEntry[], more: boolean }}
 *   NewcomersPage
 * @typedef {{ type: "reports.page", ref: string, reports: ReportedMessage[], more: boolean }}
 *   ReportsPage
 */

/** What a client asks for. */
export const Command = Object.freeze({
  ENTER_ROOM: "room.enter",
  LEAVE_ROOM: "room.leave",
  SEND_MESSAGE: "message.send",
  EDIT_MESSAGE: "message.edit",
  DELETE_MESSAGE: "message.delete",
  RESTORE_MESSAGE: "message.restore",
  REPORT_MESSAGE: "message.report",
  MUTE_MEMBER: "member.mute",
  BAN_MEMBER: "member.ban",
  APPOINT_MEMBER: "member.appoint",
  SHOW_MEMBER: "member.show",
  LOAD_REPORTS: "reports.load",
  LOAD_NEWCOMERS: "newcomers.load",
  DECIDE_NEWCOMER: "newcomer.decide",
  DISMISS_REPORT: "report.dismiss",
  REOPEN_REPORT: "report.reopen",
  SET_RULES: "rules.set",
  SET_REACTION: "reaction.set",
  LOAD_HISTORY: "history.load",
  FIND_PEOPLE: "people.find",
  CREATE_ROOM: "room.create",
  UPDATE_ROOM: "room.update",
  ARCHIVE_ROOM: "room.archive",
  DELETE_ROOM: "room.delete",
  JOIN_ROOM: "room.join",
  QUIT_ROOM: "room.quit",
  BROWSE_ROOMS: "rooms.browse",
  LIST_MEMBERS: "room.members",
  OPEN_DIRECT: "direct.open",
  ADD_MEMBERS: "member.add",
  REMOVE_MEMBER: "member.remove",
  BLOCK_MEMBER: "member.block",
  UNBLOCK_MEMBER: "member.unblock",
  FIND_MEMBERS: "members.find",
  LOAD_MEMBERS: "members.load",
  SET_PROFILE: "profile.set",
  SET_STATUS: "status.set",
  REMOVE_PICTURE: "picture.remove",
  CLEAR_PROFILE: "profile.clear",
  LIST_BLOCKED: "blocked.list",
  CREATE_INVITATION: "invitation.create",
  REVOKE_INVITATION: "invitation.revoke",
  LIST_INVITATIONS: "invitation.list",
  SET_NOTIFY: "notify.set",
  LOAD_INBOX: "inbox.load",
  MARK_INBOX: "inbox.mark",
  UNMARK_INBOX: "inbox.unmark",
  START_TYPING: "typing.start",
  MARK_READ: "read.mark",
  PING: "ping",
});

/** What the server answers to the one who asked, with the command's `ref`. */
export const Reply = Object.freeze({
  ROOM_ENTERED: "room.entered",
  ROOM_LEFT: "room.left",
  MESSAGE_ACCEPTED: "message.accepted",
  CHANGE_ACCEPTED: "change.accepted",
  COMMAND_DONE: "command.done",
  HISTORY_PAGE: "history.page",
  PEOPLE_PAGE: "people.page",
  MEMBER_SHOWN: "member.shown",
  REPORTS_PAGE: "reports.page",
  NEWCOMERS_PAGE: "newcomers.page",
  ROOM_OPENED: "room.opened",
  ROOMS_PAGE: "rooms.page",
  MEMBERS_PAGE: "members.page",
  MEMBERS_FOUND: "members.found",
  MEMBERS_LOADED: "members.loaded",
  INVITATION_CREATED: "invitation.created",
  INVITATION_LIST: "invitation.page",
  INBOX_PAGE: "inbox.page",
  PONG: "pong",
  COMMAND_REJECTED: "command.rejected",
});

/** What the server says by itself. */
export const Event = Object.freeze({
  HELLO: "hello",
  STANDING: "standing",
  SITE_CHANGED: "site.changed",
  ROOM_CHANGES: "room.changes",
  ROOM_RULES: "room.rules",
  ROOMS_STATE: "rooms.state",
  ROOM_UPDATED: "room.updated",
  ROOM_ACTIVITY: "room.activity",
  INBOX_UPDATED: "inbox.updated",
  MEMBERS_CHANGED: "members.changed",
  ROOM_REMOVED: "room.removed",
  HEARTBEAT: "heartbeat",
  PRESENCE_STATE: "presence.state",
  PRESENCE_DIFF: "presence.diff",
  TYPING: "typing",
  BYE: "bye",
});

/** Below 4500: come back and resume. From 4500 on: do not. */
export const CloseCode = Object.freeze({
  DRAINING: 4000,
  SLOW: 4001,
  RESYNC: 4002,
  IDLE: 4008,
  RATE: 4029,
  PROTOCOL: 4500,
  SIGN_IN: 4501,
  BANNED: 4503,
  TOO_OLD: 4510,
});

/** Close codes from here up to 4999 are final. */
const FIRST_FINAL_CODE = 4500;

/**
 * @param {number} code
 * @returns {boolean} whether coming back after this close code is pointless
 */
export function isFinal(code) {
  return code >= FIRST_FINAL_CODE && code <= 4999;
}

/** Refusals that pass by themselves: the same command may succeed a little later. */
const PASSING = new Set(["busy", "rate_limited", "unavailable"]);

/**
 * @param {string} code of a command.rejected
 * @returns {boolean}
 */
export function isPassing(code) {
  return PASSING.has(code);
}
