import { offerPasskeys } from "../helpers/passkey-sign-in.js";

/** The field in which a visitor types a name offers the passkeys of this browser. */
export class PasskeyOffer {
  connect() {
    offerPasskeys(document);
  }
}
