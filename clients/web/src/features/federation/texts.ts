// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { RoomPeer } from "../../core/api/wire";
import type { FeatureTexts } from "../../state/i18n.svelte";

interface Texts {
  share: string;
  shared_with: (names: string) => string;
  comes_from: (name: string) => string;
  ministry: string;
  choose: string;
  contact: string;
  contact_hint: string;
  only_from_now: string;
  open: string;
  all_open: string;
  close: (name: string) => string;
  close_question: (name: string) => string;
  close_now: string;
  states: Record<RoomPeer["state"], string>;
  unreachable: string;
  for_contact: (contact: string) => string;
  reasons: Record<string, string>;
  delivery: string;
  arrived: (names: string) => string;
  underway: (names: string) => string;
  underway_why: (reachable: boolean) => string;
}

export const texts: FeatureTexts<Texts> = {
  de: {
    share: "Mit einem Ministerium teilen",
    shared_with: (names) => "Geteilt mit " + names,
    comes_from: (name) => "Raum von " + name,
    ministry: "Ministerium",
    choose: "Bitte wählen",
    contact: "Ansprechperson dort",
    contact_hint: "E-Mail-Adresse einer Kollegin oder eines Kollegen. Diese Person holt weitere dazu.",
    only_from_now: "Nur was ab jetzt geschrieben wird, kommt dort an. Ältere Nachrichten bleiben hier.",
    open: "Raum öffnen",
    all_open: "Der Raum ist mit allen Ministerien geteilt, die eingerichtet sind.",
    close: (name) => `Raum für ${name} schließen`,
    close_question: (name) => `Für ${name} schließen? Die Personen von dort verlassen den Raum.`,
    close_now: "Schließen",
    states: { opening: "wird geöffnet", open: "offen", refused: "abgelehnt", closed: "geschlossen" },
    unreachable: "zurzeit nicht erreichbar",
    for_contact: (contact) => "Ansprechperson: " + contact,
    reasons: {
      "unknown-contact": "Dort kennt niemand diese Ansprechperson.",
      "closed-here": "Dort wurde der Raum gleich wieder geschlossen.",
      "closed-by-peer": "Das andere Ministerium hat ihn geschlossen.",
      "policy-forbids": "Das andere Ministerium teilt keine solchen Räume.",
    },
    delivery: "Zustellung",
    arrived: (names) => `bei ${names} angekommen`,
    underway: (names) => "noch nicht bei " + names,
    underway_why: (reachable) =>
      reachable ? "unterwegs" : "unterwegs; das Ministerium ist zurzeit nicht erreichbar",
  },
  en: {
    share: "Share with a ministry",
    shared_with: (names) => "Shared with " + names,
    comes_from: (name) => "Room of " + name,
    ministry: "Ministry",
    choose: "Please choose",
    contact: "Contact there",
    contact_hint: "A colleague's e-mail address. They bring in others.",
    only_from_now: "Only what is written from now on arrives there. Older messages stay here.",
    open: "Open the room",
    all_open: "The room is shared with every ministry that is set up.",
    close: (name) => `Close the room to ${name}`,
    close_question: (name) => `Close it to ${name}? The people from there leave the room.`,
    close_now: "Close",
    states: { opening: "being opened", open: "open", refused: "refused", closed: "closed" },
    unreachable: "cannot be reached now",
    for_contact: (contact) => "Contact: " + contact,
    reasons: {
      "unknown-contact": "Nobody there knows this contact.",
      "closed-here": "The room was closed again there at once.",
      "closed-by-peer": "The other ministry has closed it.",
      "policy-forbids": "The other ministry does not share such rooms.",
    },
    delivery: "Delivery",
    arrived: (names) => "arrived at " + names,
    underway: (names) => "not yet at " + names,
    underway_why: (reachable) => (reachable ? "under way" : "under way; the ministry cannot be reached now"),
  },
};
