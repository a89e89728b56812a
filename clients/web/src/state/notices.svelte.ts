// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { FileUnreadable } from "../core/upload/hash";
import { Refusal } from "../core/api/problem";
import { CallUnreachable, DeviceRefused } from "../core/media/session";
import { announcer } from "./announcer.svelte";
import { i18n } from "./i18n.svelte";
import { stepUpPath } from "./signin";

/** How long a notice stays, milliseconds. */
const STAYS_MS = 8_000;

export interface Notice {
  id: number;
  text: string;
}

/** The refusal in words a person can act on. Null for errors nobody expected: those are bugs. */
export function inWords(error: unknown): string | null {
  if (error instanceof DeviceRefused) return i18n.t.device_refused[error.why];
  if (error instanceof CallUnreachable) return i18n.t.call_failed;
  if (error instanceof FileUnreadable) return i18n.t.file_unreadable;
  if (!(error instanceof Refusal)) return null;
  return i18n.problem(error.problem);
}

/** Short notices at the edge of the window; they never take the focus. */
class Notices {
  all = $state.raw<Notice[]>([]);
  /** What was refused because the sign-in is too weak; null if nothing was. */
  weak = $state.raw<unknown>(null);
  #next = 0;

  add(text: string): void {
    const notice = { id: this.#next++, text };
    this.all = [...this.all, notice];
    announcer.say(text);
    setTimeout(() => this.drop(notice.id), STAYS_MS);
  }

  drop(id: number): void {
    this.all = this.all.filter((one) => one.id !== id);
  }

  /** Say why something was refused, or ask for a stronger sign-in where that would help. A bug is thrown on. */
  refused(error: unknown): void {
    if (this.#asked(error)) return;
    const words = inWords(error);
    if (words === null) throw error;
    this.add(words);
  }

  /** The same where a page shows the words itself. */
  spelled(error: unknown): string {
    const words = inWords(error);
    if (words === null) throw error;
    this.#asked(error);
    return words;
  }

  /** Ask for a stronger sign-in if that is what an error is about. */
  #asked(error: unknown): boolean {
    if (stepUpPath(error) === null) return false;
    this.weak = error;
    return true;
  }
}

export const notices = new Notices();

/** A refusal in words, for a page that shows them in place; a bug is thrown on. */
export const spelled = (error: unknown): string => notices.spelled(error);

/** Start something from a view: a refusal becomes a notice, a bug surfaces. */
export function attempt(action: Promise<unknown>): void {
  action.catch((error: unknown) => notices.refused(error));
}
