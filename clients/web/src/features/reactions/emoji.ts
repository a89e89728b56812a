// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { i18n } from "../../state/i18n.svelte";

/** The reactions offered, with their names; others that arrive are shown as they are. */
const NAMES: Record<string, { de: string; en: string }> = {
  "👍": { de: "Zustimmung", en: "agree" },
  "👎": { de: "Ablehnung", en: "disagree" },
  "✅": { de: "erledigt", en: "done" },
  "👀": { de: "angesehen", en: "seen" },
  "🙏": { de: "danke", en: "thank you" },
  "❤️": { de: "Herz", en: "heart" },
  "🎉": { de: "Glückwunsch", en: "congratulations" },
  "😀": { de: "lächelt", en: "smile" },
  "😂": { de: "lacht", en: "laugh" },
  "😮": { de: "überrascht", en: "surprised" },
  "🤔": { de: "nachdenklich", en: "thinking" },
  "❓": { de: "Rückfrage", en: "question" },
};

export const EMOJI = Object.keys(NAMES);

export function emojiName(emoji: string): string {
  return NAMES[emoji]?.[i18n.locale] ?? emoji;
}
