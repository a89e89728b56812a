// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
/** Compares the built files with budgets.json (KiB, gzip) and fails when one is over. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const root = new URL("..", import.meta.url);
const read = (path) => readFileSync(new URL(path, root));
const manifest = JSON.parse(read("dist/.vite/manifest.json"));
const budgets = JSON.parse(read("budgets.json"));
const KIB = 1024;

const size = (file) => gzipSync(read("dist/" + file), { level: 9 }).length / KIB;

/** A chunk and everything it loads at once; what \`without\` has loaded already is not counted again. */
function closure(key, without = new Set()) {
  const seen = new Set();
  const visit = (one) => {
    if (seen.has(one) || without.has(one)) return;
    seen.add(one);
    for (const next of manifest[one].imports ?? []) visit(next);
  };
  visit(key);
  return seen;
}

const scripts = (keys) => [...keys].reduce((sum, key) => sum + size(manifest[key].file), 0);
const styles = (keys) => [...new Set([...keys].flatMap((key) => manifest[key].css ?? []))];

const first = closure("index.html");
const rows = [
  ["first load, JavaScript", scripts(first), budgets.first_js_kib],
  [
    "all styles",
    [...new Set(styles(Object.keys(manifest)))].reduce((sum, file) => sum + size(file), 0),
    budgets.css_kib,
  ],
  [
    "fonts of Latin text",
    Object.values(manifest)
      .filter(({ src }) => /sans-latin-\d/.test(src ?? ""))
      .reduce((sum, { file }) => sum + read("dist/" + file).length / KIB, 0),
    budgets.fonts_kib,
  ],
  ...Object.entries(budgets.lazy_js_kib).map(([key, budget]) => [key, scripts(closure(key, first)), budget]),
];

let over = false;
for (const [name, kib, budget] of rows) {
  const bad = kib > budget;
  over ||= bad;
  console.log(
    `${bad ? "OVER" : "  ok"}  ${kib.toFixed(1).padStart(7)} of ${String(budget).padStart(4)} KiB  ${name}`,
  );
}
process.exitCode = over ? 1 : 0;
