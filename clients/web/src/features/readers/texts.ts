// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { FeatureTexts } from "../../state/i18n.svelte";

interface Texts {
  title: string;
  now: string;
  file_now: (name: string) => string;
  of: (role: string, organisation: string) => string;
  guests: (role: string) => string;
  more: (count: number) => string;
  besides: string;
  invited: (count: number) => string;
  open_to: (department: string, count: number) => string;
  only_invited: string;
  roles: (names: string) => string;
  no_roles: string;
  administrators: string;
  no_administrators: string;
  investigation: string;
  copy: (ministry: string) => string;
  former_copy: (ministry: string) => string;
  operators: string;
}

export const texts: FeatureTexts<Texts> = {
  de: {
    title: "Wer kann das lesen?",
    now: "Nachrichten und Dateien dieses Raums lesen jetzt:",
    file_now: (name) => `„${name}“ lesen jetzt:`,
    of: (role, organisation) => `${role} aus: ${organisation}`,
    guests: (role) => `Gäste (${role})`,
    more: (count) => (count === 1 ? "1 weitere Person" : count + " weitere Personen"),
    besides: "Und sonst?",
    invited: (count) =>
      count === 1
        ? "Eine eingeladene Person, sobald sie die Einladung annimmt."
        : count + " eingeladene Personen, sobald sie die Einladung annehmen.",
    open_to: (department, count) =>
      `Alle aus „${department}“ dürfen selbst beitreten; ${count === 1 ? "1 Person hat" : count + " Personen haben"} es noch nicht getan.`,
    only_invited: "Ohne Einladung kommt niemand herein.",
    roles: (names) => "Ohne Platz im Raum lesen außerdem mit: " + names + ".",
    no_roles: "Auch wer die Anlage verwaltet oder prüft, liest nur mit, wenn er oder sie im Raum ist.",
    administrators: "Ohne Platz im Raum lesen außerdem mit: alle, die die Organisationseinheit verwalten.",
    no_administrators: "Das gilt auch für alle, die nur eine Organisationseinheit verwalten.",
    investigation:
      "Bei einem konkreten Verdacht gegen eine Person kann deren Nachrichten lesen, wer dafür bestellt ist und eine zweite, unabhängige Genehmigung hat: befristet und protokolliert, und die Person erfährt es danach.",
    copy: (ministry) =>
      `${ministry} führt eine eigene Kopie von allem, was seit der Freigabe geschrieben wird.`,
    former_copy: (ministry) =>
      `${ministry} behält die Kopie dessen, was bis zum Ende der Freigabe geschrieben wurde.`,
    operators:
      "Wer die Server betreibt, könnte technisch alles lesen: Nachrichten sind nicht Ende-zu-Ende verschlüsselt.",
  },
  en: {
    title: "Who can read this?",
    now: "Messages and files of this room are read now by:",
    file_now: (name) => `“${name}” is read now by:`,
    of: (role, organisation) => `${role} of: ${organisation}`,
    guests: (role) => `Guests (${role})`,
    more: (count) => (count === 1 ? "1 more person" : count + " more people"),
    besides: "And besides?",
    invited: (count) =>
      count === 1
        ? "One invited person, as soon as they accept."
        : count + " invited people, as soon as they accept.",
    open_to: (department, count) =>
      `Everybody of “${department}” may join by themselves; ${count === 1 ? "1 person has" : count + " people have"} not done so yet.`,
    only_invited: "Nobody comes in without an invitation.",
    roles: (names) => "Without a place in the room it is also read by: " + names + ".",
    no_roles: "Those who administer or audit the installation read along only if they are in the room, too.",
    administrators: "Without a place in the room it is also read by those who administer its department.",
    no_administrators: "So it is with those who administer only a department.",
    investigation:
      "If there is a concrete suspicion against a person, that person's messages can be read by whoever is appointed for it and has a second person's approval: for a time, on record, and the person is told afterwards.",
    copy: (ministry) => `${ministry} keeps its own copy of all that is written since the room was shared.`,
    former_copy: (ministry) => `${ministry} keeps its copy of what was written until the sharing ended.`,
    operators:
      "Those who run the servers could technically read everything: messages are not end-to-end encrypted.",
  },
};
