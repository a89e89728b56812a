// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
/**
 * The small markup of messages as a tree. Nothing here makes HTML: the view walks the tree, so text stays text.
 *
 * Blocks: paragraphs, "- " and "1. " lists, "> " quotes, fenced code. Inside a line: **bold**, _italic_, `code`,
 * and http or https links. Whatever is not closed is shown as it was written.
 */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "bold"; children: Inline[] }
  | { kind: "italic"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "link"; href: string };

export type Block =
  | { kind: "paragraph"; lines: Inline[][] }
  | { kind: "list"; ordered: boolean; start: number; items: Inline[][] }
  | { kind: "quote"; children: Block[] }
  | { kind: "pre"; text: string };

/** Quotes inside quotes; deeper ones are shown flat. */
const QUOTES_MAX = 4;
/** Bold in italic in bold: deeper markup is shown as text. */
const NESTING_MAX = 4;

const BULLET = /^[-*] +(?=\S)/;
const NUMBER = /^(\d{1,9})[.)] +(?=\S)/;
const QUOTE = /^> ?/;
/** A line of its own: words beside the sign would be lost. */
const FENCE = /^``` *$/;

export function parse(text: string, depth = 0): Block[] {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks: Block[] = [];
  let at = 0;
  /** The lines from here on that match, with the mark taken off. */
  const take = (mark: RegExp): string[] => {
    const taken: string[] = [];
    for (let line = lines[at]; line !== undefined && mark.test(line); line = lines[++at]) {
      taken.push(line.replace(mark, ""));
    }
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const number = NUMBER.exec(line);
    if (FENCE.test(line)) {
      const end = lines.findIndex((one, index) => index > at && FENCE.test(one));
      const stop = end < 0 ? lines.length : end;
      blocks.push({ kind: "pre", text: lines.slice(at + 1, stop).join("\n") });
      at = stop + 1;
    } else if (line.trim() === "") {
      at++;
    } else if (QUOTE.test(line) && depth < QUOTES_MAX) {
      blocks.push({ kind: "quote", children: parse(take(QUOTE).join("\n"), depth + 1) });
    } else if (BULLET.test(line)) {
      blocks.push({ kind: "list", ordered: false, start: 1, items: take(BULLET).map((one) => inline(one)) });
    } else if (number) {
      const items = take(NUMBER).map((one) => inline(one));
      blocks.push({ kind: "list", ordered: true, start: Number(number[1]), items });
    } else {
      const paragraph: Inline[][] = [];
      for (let one = lines[at]; one !== undefined && continues(one, depth); one = lines[++at]) {
        paragraph.push(inline(one));
      }
      if (paragraph.length === 0) paragraph.push(inline(lines[at++] ?? ""));
      blocks.push({ kind: "paragraph", lines: paragraph });
    }
  }
  return blocks;
}

function continues(line: string, depth: number): boolean {
  if (line.trim() === "" || FENCE.test(line) || BULLET.test(line) || NUMBER.test(line)) return false;
  return !QUOTE.test(line) || depth >= QUOTES_MAX;
}

const WORD = /[\p{L}\p{N}_]/u;
const LINK = /^https?:\/\/[^\s<>"]+/i;
/** Punctuation at the end of an address belongs to the sentence. */
const TRAILING = /[.,;:!?'"*_)\]]+$/;

export function inline(text: string, depth = 0): Inline[] {
  const nodes: Inline[] = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push({ kind: "text", text: plain });
    plain = "";
  };
  for (let at = 0; at < text.length;) {
    const found = mark(text, at, depth);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else {
      plain += text[at++];
    }
  }
  flush();
  return nodes;
}

/** The markup that begins exactly here, if any. */
function mark(text: string, at: number, depth: number): { node: Inline; end: number } | null {
  const before = text[at - 1] ?? " ";
  if (text[at] === "`") {
    const end = text.indexOf("`", at + 1);
    if (end > at + 1) return { node: { kind: "code", text: text.slice(at + 1, end) }, end: end + 1 };
  }
  if (depth < NESTING_MAX) {
    const sign = text.startsWith("**", at) ? "**" : text[at] === "_" ? "_" : "";
    // Inside a word both are letters: snake_case and 2**3 stay what they are.
    if (sign && !WORD.test(before)) {
      const end = closing(text, sign, at + sign.length);
      if (end > 0) {
        const children = inline(text.slice(at + sign.length, end), depth + 1);
        return { node: { kind: sign === "_" ? "italic" : "bold", children }, end: end + sign.length };
      }
    }
  }
  if (text[at] === "h" || text[at] === "H") {
    const found = WORD.test(before) ? null : LINK.exec(text.slice(at, at + 2048));
    if (found) {
      const href = trimmed(found[0]);
      if (URL.canParse(href)) return { node: { kind: "link", href }, end: at + href.length };
    }
  }
  return null;
}

/** Where the sign closes: not after a blank, not before a letter; -1 if it does not. */
function closing(text: string, sign: string, from: number): number {
  if ((text[from] ?? " ") === " ") return -1;
  for (let end = text.indexOf(sign, from + 1); end > 0; end = text.indexOf(sign, end + 1)) {
    if (text[end - 1] !== " " && !WORD.test(text[end + sign.length] ?? " ")) return end;
  }
  return -1;
}

/** The address without the sentence's punctuation; a closing bracket stays if the address opened it. */
function trimmed(address: string): string {
  const short = address.replace(TRAILING, "");
  const tail = address.slice(short.length);
  return tail.startsWith(")") && short.includes("(") ? short + ")" : short;
}
