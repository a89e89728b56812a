// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { slugOf } from "../core/api/problem";
import type { PolicyRuling, Problem } from "../core/api/wire";
import { endsDay, lastDay } from "../core/model/days";
import { de, type Texts } from "./texts/de";

export type Locale = "de" | "en";

/** The tag the browser's own formats take. */
const TAGS: Record<Locale, string> = { de: "de-DE", en: "en-GB" };
const KEPT = "fachwerk.locale";

/** The words of a feature that brings its own. */
export type FeatureTexts<T> = Record<Locale, T>;

/** The language of the surface. German comes with the page, others are fetched when chosen. */
class I18n {
  locale = $state<Locale>("de");
  t = $state.raw<Texts>(de);

  async start(): Promise<void> {
    const kept = localStorage.getItem(KEPT);
    await this.use(kept === "en" ? "en" : "de");
  }

  async use(locale: Locale): Promise<void> {
    this.t = locale === "de" ? de : (await import("./texts/en")).en;
    this.locale = locale;
    document.documentElement.lang = locale;
    localStorage.setItem(KEPT, locale);
  }

  of<T>(texts: FeatureTexts<T>): T {
    return texts[this.locale];
  }

  readonly #time = $derived(
    new Intl.DateTimeFormat(TAGS[this.locale], { hour: "2-digit", minute: "2-digit" }),
  );
  readonly #day = $derived(
    new Intl.DateTimeFormat(TAGS[this.locale], { weekday: "long", day: "numeric", month: "long" }),
  );
  readonly #dayYear = $derived(
    new Intl.DateTimeFormat(TAGS[this.locale], { day: "numeric", month: "long", year: "numeric" }),
  );
  readonly #date = $derived(
    new Intl.DateTimeFormat(TAGS[this.locale], { day: "2-digit", month: "2-digit", year: "numeric" }),
  );
  readonly #number = $derived(new Intl.NumberFormat(TAGS[this.locale], { maximumFractionDigits: 1 }));
  readonly #list = $derived(new Intl.ListFormat(TAGS[this.locale]));
  readonly #order = $derived(new Intl.Collator(TAGS[this.locale], { sensitivity: "base", numeric: true }));

  time(at: string): string {
    return this.#time.format(new Date(at));
  }

  /** "Heute", "Gestern, 23. November", "Montag, 2. November", with the year when it is another. */
  day(at: string): string {
    const date = new Date(at);
    const now = new Date();
    const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
    if (date >= midnight) return this.t.today;
    if (date >= new Date(midnight.getTime() - 86_400_000)) return this.t.yesterday;
    const format = date.getFullYear() === now.getFullYear() ? this.#day : this.#dayYear;
    return format.format(date);
  }

  when(at: string): string {
    return new Date(at).toDateString() === new Date().toDateString()
      ? this.time(at)
      : this.day(at) + ", " + this.time(at);
  }

  /** The last day of what ends then, "31.12.2026"; with the time if it ends in the middle of a day. */
  lastDay(until: string): string {
    if (endsDay(until)) return this.date(lastDay(until) + "T00:00");
    return this.moment(until);
  }

  /** "31.12.2026", also within a sentence. */
  date(at: string): string {
    return this.#date.format(new Date(at));
  }

  /** "31.12.2026, 23:59", also within a sentence. */
  moment(at: string): string {
    return this.date(at) + ", " + this.time(at);
  }

  list(parts: string[]): string {
    return this.#list.format(parts);
  }

  compare(a: string, b: string): number {
    return this.#order.compare(a, b);
  }

  number(value: number): string {
    return this.#number.format(value);
  }

  /** Sizes as people say them: KB, MB and GB of 1,000. */
  size(bytes: number): string {
    for (const [unit, factor] of [
      ["GB", 1e9],
      ["MB", 1e6],
      ["KB", 1e3],
    ] as const) {
      if (bytes >= factor) return this.#number.format(bytes / factor) + " " + unit;
    }
    return bytes + " B";
  }

  /** A refusal of the server in words; one that is new to us in the server's own. */
  problem(problem: Problem): string {
    const known: Partial<Record<string, string>> = this.t.problems;
    const words = this.#forbidden(problem) ?? known[slugOf(problem)] ?? (problem.detail || problem.title);
    const fields = problem.errors?.map((one) => one.detail).join(" ");
    return fields ? words + " " + fields : words;
  }

  /** What a policy says, whose it is, and who can change it. */
  policy({ policy, value, department }: PolicyRuling): string {
    const says: Partial<Record<string, (whose: string, value: string) => string>> = this.t.policy_says;
    const labels: Partial<Record<string, string>> = this.t.labels;
    const words = says[policy]?.(this.t.policy_of(department), labels[value] ?? value);
    return words === undefined ? this.t.problems["policy-forbids"] : words + " " + this.t.policy_ask;
  }

  #forbidden(problem: Problem): string | null {
    if (slugOf(problem) !== "policy-forbids") return null;
    const { policy, value, department } = problem.data ?? {};
    const whose = typeof department === "string" ? department : null;
    return this.policy({ policy: String(policy), value: String(value), department: whose });
  }

  /** The calendar day, to tell days apart. */
  dayKey(at: string): string {
    return new Date(at).toDateString();
  }
}

export const i18n = new I18n();
