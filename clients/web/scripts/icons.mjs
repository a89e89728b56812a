// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
/** Writes src/theme/icons.svg and src/theme/icons.ts from Lucide (ISC): one file with exactly the icons we name here. */
import { readFileSync, writeFileSync } from "node:fs";

const NAMES =
  `arrow-down audio-lines ban chart-column bold check check-check chevron-down chevron-left chevron-right
circle-question-mark clock code copy download ellipsis file-archive file-spreadsheet file-text file-video folder hash history
image info italic languages layout-grid link list lock log-in log-out megaphone menu message-square message-square-reply mic
mic-off minimize-2 monitor monitor-off monitor-up moon paperclip pause pencil phone-off play plus presentation search send-horizontal
shield smartphone smile-plus square-pen sun text-quote trash-2 triangle-alert user-minus user-plus user-round users
video video-off volume-2 wifi-off x circle-x maximize rotate-ccw door-open mail landmark unplug
sliders-horizontal`.split(/\s+/);
const root = new URL("..", import.meta.url);
const license = "SPDX-FileCopyrightText: Lucide Contributors\nSPDX-License-Identifier: ISC";

const symbols = NAMES.map((name) => {
  const file = new URL(`node_modules/lucide-static/icons/${name}.svg`, root);
  const svg = readFileSync(file, "utf8");
  const shapes = svg.replace(/^[\s\S]*?<svg[\s\S]*?>|<\/svg>\s*$/g, "").replaceAll(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
});
writeFileSync(
  new URL("src/theme/icons.svg", root),
  `<!--\n${license}\n-->\n<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`,
);
writeFileSync(
  new URL("src/theme/icons.ts", root),
  `// SPDX-FileCopyrightText: Fachwerk contributors\n// SPDX-License-Identifier: EUPL-1.2\n/** Written by scripts/icons.mjs. */\nexport type IconName =\n${NAMES.map((name) => `  | "${name}"`).join("\n")};\n`,
);
