import { askProven } from "./fresh-proof.js";

/** Leaves for the provider, which signs the member in to this account from then on. */
export async function connectProvider() {
  const { next } = await askProven("/account/sso/", { next: location.pathname });
  location.assign(next);
}
