// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

export type Theme = "system" | "light" | "dark";
const KEPT = "fachwerk.theme";

/** Light, dark, or as the system has it. */
class ThemeChoice {
  choice = $state<Theme>("system");
  /** What is shown now. */
  dark = $state(false);
  readonly #system = matchMedia("(prefers-color-scheme: dark)");

  start(): void {
    const kept = localStorage.getItem(KEPT);
    this.choice = kept === "light" || kept === "dark" ? kept : "system";
    this.#system.addEventListener("change", () => this.#show());
    this.#show();
  }

  use(choice: Theme): void {
    this.choice = choice;
    localStorage.setItem(KEPT, choice);
    this.#show();
  }

  toggle(): void {
    this.use(this.dark ? "light" : "dark");
  }

  #show(): void {
    this.dark = this.choice === "dark" || (this.choice === "system" && this.#system.matches);
    document.documentElement.dataset["theme"] = this.dark ? "dark" : "light";
  }
}

export const theme = new ThemeChoice();
