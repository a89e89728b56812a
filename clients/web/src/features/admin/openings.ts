// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { FeatureTexts } from "../../state/i18n.svelte";

interface Texts {
  title: string;
  about: string;
  none: string;
  is: (one: string, to: string) => string;
  open: string;
  shut: string;
  shut_of: (one: string, to: string) => string;
  is_open: (one: string, to: string) => string;
  is_shut: (one: string, to: string) => string;
  question: string;
  one: string;
  to: string;
  choose: string;
  means: (one: string, to: string) => string;
  same: string;
  do_open: string;
}

export const texts: FeatureTexts<Texts> = {
  de: {
    title: "Für andere geöffnet",
    about:
      "Wer zu einer Organisationseinheit gehört, findet Personen aus ihr, aus denen darunter und aus denen darüber. Hier wird geöffnet, was daneben liegt. Räume öffnet das nicht.",
    none: "Nichts ist darüber hinaus geöffnet.",
    is: (one, to) => `${one} ist zu finden für ${to}`,
    open: "Organisationseinheit öffnen",
    shut: "Schließen",
    shut_of: (one, to) => `${one} für ${to} schließen`,
    is_open: (one, to) => `${one} ist für ${to} geöffnet`,
    is_shut: (one, to) => `${one} ist für ${to} geschlossen`,
    question: "Organisationseinheit öffnen",
    one: "Wer gefunden werden soll",
    to: "Von wem",
    choose: "Bitte wählen",
    means: (one, to) =>
      `Wer zu ${to} oder darunter gehört, findet dann alle aus ${one} und darunter und kann ihnen schreiben. Umgekehrt gilt das nicht.`,
    same: "Wer zusammengehört, findet sich schon.",
    do_open: "Öffnen",
  },
  en: {
    title: "Open to others",
    about:
      "Whoever belongs to a department finds people of it, of those below it and of those above it. Here it is opened what lies beside. It opens no rooms.",
    none: "Nothing is open beyond that.",
    is: (one, to) => `${one} is found by ${to}`,
    open: "Open a department",
    shut: "Close",
    shut_of: (one, to) => `Close ${one} for ${to}`,
    is_open: (one, to) => `${one} is open to ${to}`,
    is_shut: (one, to) => `${one} is closed for ${to}`,
    question: "Open a department",
    one: "Who shall be found",
    to: "By whom",
    choose: "Please choose",
    means: (one, to) =>
      `Whoever belongs to ${to} or below it then finds everybody of ${one} and below it and can write to them. Not the other way round.`,
    same: "Who belongs together finds each other already.",
    do_open: "Open",
  },
};
