// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

/** The way to the sign-in service and what it said of somebody who came back without a session. */
import { Refusal } from "../core/api/problem";
import type { Config } from "../core/api/wire";
import { router } from "./router.svelte";

/** Of this tab: the sign-in service has been asked silently, or somebody signed out, and need not be asked again. */
const ASKED = "fachwerk-asked-silently";

/** Where the links of guests lead, who have no sign-in service. */
export const GUEST_PATH = "/gast";

const said = new URLSearchParams(location.search);
if (said.has("login")) history.replaceState(history.state, "", location.pathname + location.hash);

/** Why a login failed, a word; null if none did. */
export const refusal: string | null = said.get("login") === "failed" ? (said.get("reason") ?? "") : null;

/** Where signing in begins, and comes back from to where we are. provider: the name of a further one. */
export const signInPath = (provider = ""): string =>
  "/auth/login?return=" + encodeURIComponent(router.path) + (provider && "&provider=" + provider);

/** Where whoever was refused for a weak sign-in gets a stronger one; null for every other error. */
export function stepUpPath(error: unknown): string | null {
  if (!(error instanceof Refusal) || error.slug !== "step-up-needed") return null;
  return signInPath() + "&acr=" + encodeURIComponent(String(error.problem.data?.["acr"]));
}

/** Somebody is in. The next time that they are not, it may be asked again. */
export function isIn(): void {
  sessionStorage.removeItem(ASKED);
}

/** Somebody wants to be out: nobody brings them in again unasked. */
export function wantsOut(): void {
  sessionStorage.setItem(ASKED, "");
}

/**
 * Leave for the sign-in service, which sends whoever is signed in there straight in, and everybody else back.
 * Returns whether we are leaving: once, and not after a refusal.
 */
export function asksSilently(config: Config): boolean {
  if (!config.silent_sign_in || refusal !== null || sessionStorage.getItem(ASKED) !== null) return false;
  wantsOut();
  location.replace(signInPath() + "&prompt=none");
  return true;
}
