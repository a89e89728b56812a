// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { FeatureTexts } from "../../state/i18n.svelte";

interface Texts {
  title: string;
  hint: string;
  unknown: string;
  on: (browser: string, system: string) => string;
  here: string;
  since: (at: string) => string;
  used: (at: string) => string;
  end: string;
  end_of: (name: string, since: string) => string;
  end_others: string;
  only_here: string;
  ended: string;
}

export const texts: FeatureTexts<Texts> = {
  de: {
    title: "Meine Anmeldungen",
    hint: "Hier sind Sie angemeldet. Beenden Sie, was Sie nicht kennen oder nicht mehr brauchen.",
    unknown: "Unbekannter Browser",
    on: (browser, system) => `${browser} auf ${system}`,
    here: "diese Anmeldung",
    since: (at) => "angemeldet: " + at,
    used: (at) => "zuletzt benutzt: " + at,
    end: "Beenden",
    end_of: (name, since) => `${name}, ${since}, beenden`,
    end_others: "Alle anderen beenden",
    only_here: "Sie sind nur hier angemeldet.",
    ended: "Die Anmeldung ist beendet.",
  },
  en: {
    title: "My sessions",
    hint: "You are signed in here. End what you do not know or no longer need.",
    unknown: "Unknown browser",
    on: (browser, system) => `${browser} on ${system}`,
    here: "this session",
    since: (at) => "signed in: " + at,
    used: (at) => "last used: " + at,
    end: "End",
    end_of: (name, since) => `End ${name}, ${since}`,
    end_others: "End all others",
    only_here: "You are signed in here only.",
    ended: "The session has ended.",
  },
};
