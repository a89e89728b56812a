// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

/** The hue of a person's square, the same everywhere: from the id, so that it tells nothing. */
export function hue(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 3600;
  return (sum * 47) % 360;
}

/** Two letters of a name: "Mehmet Yıldız" is MY. Titles such as "Dr." do not count. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word) && !word.endsWith("."));
  const first = words[0] ?? name;
  const last = words.length > 1 ? (words.at(-1) ?? "") : "";
  return (letter(first) + letter(last)).toLocaleUpperCase("de");
}

function letter(word: string): string {
  return [...word][0] ?? "";
}
