// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

/** More messages than this within the span are spoken as a count. */
const CALM_MESSAGES = 3;
const CALM_MS = 5_000;

/** The one place from which a screen reader hears what happens by itself. */
class Announcer {
  polite = $state("");
  #recent: number[] = [];
  #counted: ReturnType<typeof setTimeout> | undefined;
  #flip = false;

  say(text: string): void {
    // The same words twice must still change the text, or nothing is spoken.
    this.#flip = !this.#flip;
    this.polite = text + (this.#flip ? "\u00a0" : "");
  }

  /** A message of somebody else. In a burst only the number is spoken. */
  message(text: string, count: (messages: number) => string): void {
    const now = Date.now();
    this.#recent = [...this.#recent.filter((at) => now - at < CALM_MS), now];
    if (this.#recent.length <= CALM_MESSAGES) {
      this.say(text);
      return;
    }
    clearTimeout(this.#counted);
    this.#counted = setTimeout(() => this.say(count(this.#recent.length)), 1_000);
  }
}

export const announcer = new Announcer();
