import { Inbox } from "../models/inbox.js";
import { Account } from "./account.js";
import { BackgroundSending } from "./background-sending.js";
import { BlockedPeople } from "./blocked-people.js";
import { BrowseRooms } from "./browse-rooms.js";
import { Commands } from "./commands.js";
import { Contacts } from "./contacts.js";
import { FirstSteps } from "./first-steps.js";
import { InboxPanel } from "./inbox.js";
import { KeepName } from "./keep-name.js";
import { Keyboard } from "./keyboard.js";
import { MemberModeration } from "./member-moderation.js";
import { MessageActions } from "./message-actions.js";
import { MessageEditing } from "./message-editing.js";
import { Moderation } from "./moderation.js";
import { NewMessage } from "./new-message.js";
import { NewRoom } from "./new-room.js";
import { Newcomers } from "./newcomers.js";
import { OtherDevice } from "./other-device.js";
import { OwnProfile } from "./own-profile.js";
import { OwnStatus } from "./own-status.js";
import { PasskeyOffer } from "./passkey-offer.js";
import { People } from "./people.js";
import { Presence } from "./presence.js";
import { Profiles } from "./profiles.js";
import { ReadState } from "./read-state.js";
import { Reports } from "./reports.js";
import { RoomInvitations } from "./room-invitations.js";
import { RoomMembers } from "./room-members.js";
import { RoomPeople } from "./room-people.js";
import { RoomRules } from "./room-rules.js";
import { RoomSettings } from "./room-settings.js";
import { Sending } from "./sending.js";
import { SiteNotice } from "./site-notice.js";

/** @import { MessageComposer } from "../elements/message-composer.js" */
/** @import { Navigation } from "./navigation.js" */
/** @import { Boot, Shared } from "./shell.js" */

/**
 * The parts of the page that a member has and a visitor has not, in the order in which they connect.
 *
 * @param {Shared & { navigation: Navigation, boot: Boot, composer: MessageComposer | null }} shared
 */
export function memberParts({ boot, composer, ...shared }) {
  const { me, limits, no_rooms: noRooms = "" } = boot;
  if (!me || !composer) {
    return [new PasskeyOffer()];
  }
  const writing = { ...shared, me, composer, limit: limits.body };
  const acts = {
    commands: new Commands(shared),
    moderation: new MemberModeration(shared),
    contacts: new Contacts(shared),
    roomPeople: new RoomPeople(shared),
  };
  const editing = new MessageEditing({ ...writing, ...acts });
  const inbox = new Inbox({ directory: shared.directory, rooms: shared.unreadRooms });
  const parts = { ...writing, ...acts, editing };
  return [
    new MessageActions(parts),
    editing,
    acts.moderation,
    new Profiles(parts),
    new Moderation(parts),
    new Reports(parts),
    new Newcomers(parts),
    new Sending(parts),
    new BackgroundSending(parts),
    new ReadState(parts),
    new InboxPanel({ ...parts, inbox }),
    new RoomRules(parts),
    new Presence(parts),
    new People(parts),
    new NewRoom({ ...parts, noRooms }),
    new NewMessage(parts),
    new BlockedPeople(parts),
    new FirstSteps({ ...parts, firstSteps: boot.first_steps ?? null }),
    new BrowseRooms(parts),
    new RoomSettings(parts),
    new RoomMembers(parts),
    new RoomInvitations(parts),
    new OwnProfile(parts),
    new OwnStatus(parts),
    new SiteNotice({ ...parts, boot }),
    new KeepName(parts),
    ...(boot.has_account ? [new Account(), new OtherDevice()] : []),
    new Keyboard(parts),
  ];
}
