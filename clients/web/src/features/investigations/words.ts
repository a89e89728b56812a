// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { FeatureTexts } from "../../state/i18n.svelte";

interface Words {
  area: string;
  own: string;
  was_read: string;
  show: string;
}

/** The few words that are there from the start; the rest comes with the pages. */
export const words: FeatureTexts<Words> = {
  de: {
    area: "Einsicht",
    own: "Einsicht in meine Nachrichten",
    was_read: "In Ihre Nachrichten wurde Einsicht genommen.",
    show: "Ansehen",
  },
  en: {
    area: "Access",
    own: "Access to my messages",
    was_read: "Somebody had access to your messages.",
    show: "Show",
  },
};
