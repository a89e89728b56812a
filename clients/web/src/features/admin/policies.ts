// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { PolicyKind, PolicyPlace, PolicyPreview, PolicyStanding } from "../../core/api/wire";
import { i18n, type FeatureTexts } from "../../state/i18n.svelte";

interface PolicyWords {
  name: string;
  means: string;
  values: Record<string, string>;
  /** Rooms that go further than they may, here and now. */
  beyond: (count: number) => string;
  /** The same before a change. */
  stay: (count: number) => string;
}

interface Texts {
  about: string;
  places: string;
  everywhere: string;
  everywhere_means: string;
  default: string;
  set_here: string;
  inherited: (from: string) => string;
  from_everywhere: string;
  from_above: string;
  set_by_department: string;
  overruled: string;
  change: (place: string, policy: string, value: string, source: string) => string;
  not_set: (everywhere: boolean) => string;
  apply: string;
  no_change: string;
  holds: (value: string, departments: number, everywhere: boolean) => string;
  is_set: (policy: string, place: string) => string;
  policies: Record<string, PolicyWords>;
}

export const texts: FeatureTexts<Texts> = {
  de: {
    about:
      "Was Räume dürfen. Es gilt für eine Organisationseinheit und alle darunter, die nichts anderes setzen. Was Räume schon sind, ändert sich dadurch nicht.",
    places: "Richtlinien der Organisationseinheiten",
    everywhere: "Ganzes Haus",
    everywhere_means: "auch Räume ohne Organisationseinheit",
    default: "Voreinstellung",
    set_here: "hier gesetzt",
    inherited: (from) => "geerbt von " + from,
    from_everywhere: "geerbt vom Haus",
    from_above: "geerbt von weiter oben",
    set_by_department: "hier gesetzt, von der eigenen Verwaltung",
    overruled: "hier weiter gesetzt; es gilt, was darüber steht",
    change: (place, policy, value, source) => `${place}: ${policy}: ${value}, ${source}, ändern`,
    not_set: (everywhere) => (everywhere ? "Voreinstellung" : "Nicht gesetzt: wie darüber"),
    apply: "Übernehmen",
    no_change: "Was gilt, ändert sich dadurch nicht.",
    holds: (value, departments, everywhere) => {
      const units =
        departments === 1 ? "für 1 Organisationseinheit" : `für ${departments} Organisationseinheiten`;
      const all = [
        ...(everywhere ? ["für Räume ohne Organisationseinheit"] : []),
        ...(departments ? [units] : []),
      ];
      return `Dann gilt „${value}“ ${all.join(" und ")}.`;
    },
    is_set: (policy, place) => `${policy} für ${place} ist geändert`,
    policies: {
      federation: {
        name: "Teilen mit Ministerien",
        means: "Ob Räume für andere Ministerien geöffnet werden dürfen.",
        values: { allowed: "erlaubt", denied: "nicht erlaubt" },
        beyond: (count) => (count === 1 ? "1 Raum ist noch geteilt" : `${count} Räume sind noch geteilt`),
        stay: (count) =>
          count === 1
            ? "1 Raum ist schon geteilt. Er bleibt es, bis seine Leitung das Teilen beendet; danach lässt er sich nicht wieder öffnen."
            : `${count} Räume sind schon geteilt. Sie bleiben es, bis ihre Leitung das Teilen beendet; danach lassen sie sich nicht wieder öffnen.`,
      },
      guests: {
        name: "Gäste",
        means: "Ob jemand von außen als Gast in Räume eingeladen werden darf.",
        values: { allowed: "erlaubt", forbidden: "nicht erlaubt" },
        beyond: (count) => (count === 1 ? "1 Raum hat noch Gäste" : `${count} Räume haben noch Gäste`),
        stay: (count) =>
          count === 1
            ? "1 Raum hat schon Gäste. Sie bleiben bis zu ihrem Enddatum; neue kommen nicht dazu."
            : `${count} Räume haben schon Gäste. Sie bleiben bis zu ihrem Enddatum; neue kommen nicht dazu.`,
      },
      least_label: {
        name: "Offenste Kennzeichnung",
        means: "Wie offen Räume höchstens gekennzeichnet sein dürfen. Neue Räume beginnen damit.",
        values: { open: "Offen", internal: "Intern", confidential: "Vertraulich" },
        beyond: (count) =>
          count === 1 ? "1 Raum ist offener gekennzeichnet" : `${count} Räume sind offener gekennzeichnet`,
        stay: (count) =>
          count === 1
            ? "1 Raum ist offener gekennzeichnet. Er bleibt es, bis seine Leitung oder Moderation ihn neu kennzeichnet."
            : `${count} Räume sind offener gekennzeichnet. Sie bleiben es, bis ihre Leitung oder Moderation sie neu kennzeichnet.`,
      },
    },
  },
  en: {
    about:
      "What rooms may do. It holds for a department and all below it that set nothing else. What rooms are already does not change by it.",
    places: "Policies of departments",
    everywhere: "Whole house",
    everywhere_means: "and rooms of no department",
    default: "default",
    set_here: "set here",
    inherited: (from) => "inherited from " + from,
    from_everywhere: "inherited from the house",
    from_above: "inherited from further up",
    set_by_department: "set here, by its own administrators",
    overruled: "set wider here; what is above it holds",
    change: (place, policy, value, source) => `${place}: ${policy}: ${value}, ${source}, change`,
    not_set: (everywhere) => (everywhere ? "Default" : "Not set: as above"),
    apply: "Apply",
    no_change: "What holds does not change by this.",
    holds: (value, departments, everywhere) => {
      const units = departments === 1 ? "for 1 department" : `for ${departments} departments`;
      const all = [...(everywhere ? ["for rooms of no department"] : []), ...(departments ? [units] : [])];
      return `Then “${value}” holds ${all.join(" and ")}.`;
    },
    is_set: (policy, place) => `${policy} of ${place} is changed`,
    policies: {
      federation: {
        name: "Sharing with ministries",
        means: "Whether rooms may be opened to other ministries.",
        values: { allowed: "allowed", denied: "not allowed" },
        beyond: (count) => (count === 1 ? "1 room is still shared" : `${count} rooms are still shared`),
        stay: (count) =>
          count === 1
            ? "1 room is shared already. It stays so until its owner ends the sharing; it cannot be opened again then."
            : `${count} rooms are shared already. They stay so until their owners end the sharing; they cannot be opened again then.`,
      },
      guests: {
        name: "Guests",
        means: "Whether somebody from outside may be invited into rooms as a guest.",
        values: { allowed: "allowed", forbidden: "not allowed" },
        beyond: (count) => (count === 1 ? "1 room still has guests" : `${count} rooms still have guests`),
        stay: (count) =>
          count === 1
            ? "1 room has guests already. They stay until their last day; no new ones come in."
            : `${count} rooms have guests already. They stay until their last day; no new ones come in.`,
      },
      least_label: {
        name: "Most open label",
        means: "How open the label of rooms may be at most. New rooms begin with it.",
        values: { open: "open", internal: "internal", confidential: "confidential" },
        beyond: (count) =>
          count === 1 ? "1 room is labelled more open" : `${count} rooms are labelled more open`,
        stay: (count) =>
          count === 1
            ? "1 room is labelled more open. It stays so until its owner or a moderator labels it anew."
            : `${count} rooms are labelled more open. They stay so until their owners or moderators label them anew.`,
      },
    },
  },
};

export const EVERYWHERE = "everywhere";
/** A department above those that are shown. */
const ABOVE = "above";

/** The words of a policy; one that is new to us is called as the server calls it. */
export function wordsOf(policy: string): PolicyWords {
  const name = policy;
  return i18n.of(texts).policies[policy] ?? { name, means: "", values: {}, beyond: String, stay: String };
}

export function valueOf(policy: string, value: string): string {
  return wordsOf(policy).values[value] ?? value;
}

export function placeName(place: PolicyPlace): string {
  return place.id === EVERYWHERE ? i18n.of(texts).everywhere : place.name;
}

/** Where a value comes from. places: by id. */
export function sourceOf(standing: PolicyStanding, places: ReadonlyMap<string, PolicyPlace>): string {
  const t = i18n.of(texts);
  if (standing.delegated && standing.own !== standing.value) return t.overruled;
  if (standing.own !== null) return standing.delegated ? t.set_by_department : t.set_here;
  if (standing.set_at === null) return t.default;
  if (standing.set_at === EVERYWHERE) return t.from_everywhere;
  if (standing.set_at === ABOVE) return t.from_above;
  return t.inherited(places.get(standing.set_at)?.short ?? "");
}

/** What a change would do, a sentence each. before: what holds now. */
export function effects(
  kind: PolicyKind,
  place: PolicyPlace,
  before: PolicyStanding,
  preview: PolicyPreview,
): string[] {
  const t = i18n.of(texts);
  const everywhere = place.id === EVERYWHERE && preview.value !== before.value;
  if (preview.departments === 0 && !everywhere) return [t.no_change];
  return [
    t.holds(valueOf(kind.name, preview.value), preview.departments, everywhere),
    ...(preview.rooms > 0 ? [wordsOf(kind.name).stay(preview.rooms)] : []),
  ];
}
