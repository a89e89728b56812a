// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { LABELS, type Label, type RoomLine } from "../../core/api/wire";
import type { FeatureTexts } from "../../state/i18n.svelte";

interface Texts {
  about: string;
  search: string;
  department: string;
  everywhere: string;
  kind: string;
  all: string;
  kinds: Record<"group" | "department", string>;
  state: string;
  any_state: string;
  unled: string;
  unused: string;
  rooms: string;
  name: string;
  belongs: string;
  nowhere: string;
  members: string;
  leaders: string;
  used: string;
  few: string;
  nobody_leads: string;
  count: (members: number) => string;
  used_on: (day: string) => string;
  found: (count: number, more: boolean) => string;
  none: string;
  more: string;
  more_loaded: (count: number) => string;
  act: string;
  hand_over: string;
  hand_over_of: (name: string) => string;
  hand_over_title: (name: string) => string;
  hand_over_text: string;
  heir: string;
  find: string;
  no_heirs: string;
  has_owner: (room: string, name: string) => string;
  narrow: string;
  narrow_of: (name: string) => string;
  narrow_title: (name: string) => string;
  narrow_text: string;
  is_narrow: (room: string, label: string) => string;
}

export const texts: FeatureTexts<Texts> = {
  de: {
    about:
      "Die Räume des Hauses von außen. Was darin steht, ist hier nicht zu lesen; Gespräche zu zweit fehlen ganz.",
    search: "Name",
    department: "Organisationseinheit",
    everywhere: "Alle",
    kind: "Art",
    all: "Alle",
    kinds: { group: "Gruppenraum", department: "Raum einer Organisationseinheit" },
    state: "Zustand",
    any_state: "Alle",
    unled: "ohne Leitung",
    unused: "seit einem halben Jahr unbenutzt",
    rooms: "Räume",
    name: "Name",
    belongs: "Organisationseinheit",
    nowhere: "keine",
    members: "Personen",
    leaders: "Leitung",
    used: "Zuletzt benutzt",
    few: "–",
    nobody_leads: "ohne Leitung",
    count: (members) => (members === 1 ? "1 Person" : members + " Personen"),
    used_on: (day) => "benutzt: " + day,
    found: (count, more) => (more ? "Die ersten " + count : count === 1 ? "1 Raum" : count + " Räume"),
    none: "Kein Raum gefunden.",
    more: "Weitere laden",
    more_loaded: (count) => (count === 1 ? "1 weiterer Raum" : count + " weitere Räume"),
    act: "Handlung",
    hand_over: "Übergeben",
    hand_over_of: (name) => name + " übergeben",
    hand_over_title: (name) => `Wer leitet künftig „${name}“?`,
    hand_over_text:
      "Zur Wahl steht, wer schon im Raum ist; ist dort niemand mehr, wer die Organisationseinheit leitet oder vertritt. Sie selbst können sich nicht eintragen. Alle im Raum sehen es, und es steht im Protokoll.",
    heir: "Neue Leitung",
    find: "Name suchen",
    no_heirs: "Niemand kommt in Frage.",
    has_owner: (room, name) => `${room} wird jetzt von ${name} geleitet`,
    narrow: "Kennzeichnen",
    narrow_of: (name) => name + " enger kennzeichnen",
    narrow_title: (name) => `„${name}“ enger kennzeichnen`,
    narrow_text: "Von außen lässt sich ein Raum nur enger machen. Weiter öffnen kann ihn, wer ihn leitet.",
    is_narrow: (room, label) => `${room} ist jetzt: ${label}`,
  },
  en: {
    about:
      "The rooms of the house from outside. What is in them cannot be read here; conversations of two are left out.",
    search: "Name",
    department: "Department",
    everywhere: "All",
    kind: "Kind",
    all: "All",
    kinds: { group: "group room", department: "room of a department" },
    state: "State",
    any_state: "All",
    unled: "nobody leads it",
    unused: "unused for half a year",
    rooms: "Rooms",
    name: "Name",
    belongs: "Department",
    nowhere: "none",
    members: "People",
    leaders: "Led by",
    used: "Last used",
    few: "–",
    nobody_leads: "nobody leads it",
    count: (members) => (members === 1 ? "1 person" : members + " people"),
    used_on: (day) => "used: " + day,
    found: (count, more) => (more ? "The first " + count : count === 1 ? "1 room" : count + " rooms"),
    none: "No room found.",
    more: "Load more",
    more_loaded: (count) => (count === 1 ? "1 more room" : count + " more rooms"),
    act: "Action",
    hand_over: "Hand over",
    hand_over_of: (name) => "Hand over " + name,
    hand_over_title: (name) => `Who shall lead “${name}”?`,
    hand_over_text:
      "Whoever is in the room already can be chosen; if nobody is left there, whoever leads the department or is deputy. You cannot choose yourself. Everybody in the room sees it, and it is in the audit trail.",
    heir: "New owner",
    find: "Search by name",
    no_heirs: "There is nobody to choose.",
    has_owner: (room, name) => `${room} is led by ${name} now`,
    narrow: "Label",
    narrow_of: (name) => "Label " + name + " more narrowly",
    narrow_title: (name) => `Label “${name}” more narrowly`,
    narrow_text: "From outside, a room can only be made narrower. Those who lead it can let it go further.",
    is_narrow: (room, label) => `${room} is now: ${label}`,
  },
};

/** The labels that are narrower than a room's. */
export const narrower = ({ label }: Pick<RoomLine, "label">): Label[] =>
  LABELS.slice(LABELS.indexOf(label) + 1);
