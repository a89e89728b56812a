// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { describe, expect, test } from "vitest";
import { inline, parse, type Block, type Inline } from "../../src/core/text/parse";
import { chance } from "./chance";

const text = (value: string): Inline => ({ kind: "text", text: value });

describe("inside a line", () => {
  test.each<[string, Inline[]]>([
    ["**fett**", [{ kind: "bold", children: [text("fett")] }]],
    [
      "_kursiv_ und `code`",
      [{ kind: "italic", children: [text("kursiv")] }, text(" und "), { kind: "code", text: "code" }],
    ],
    ["**_beides_**", [{ kind: "bold", children: [{ kind: "italic", children: [text("beides")] }] }]],
    ["snake_case_name", [text("snake_case_name")]],
    ["2**3**4", [text("2**3**4")]],
    ["**offen", [text("**offen")]],
    ["** kein fett **", [text("** kein fett **")]],
    ["`**code**`", [{ kind: "code", text: "**code**" }]],
    [
      "siehe https://example.org/a?b=1.",
      [text("siehe "), { kind: "link", href: "https://example.org/a?b=1" }, text(".")],
    ],
    [
      "(http://example.org/x_(y))",
      [text("("), { kind: "link", href: "http://example.org/x_(y)" }, text(")")],
    ],
    ["javascript:alert(1)", [text("javascript:alert(1)")]],
    ["xhttps://example.org", [text("xhttps://example.org")]],
    ["https://", [text("https://")]],
  ])("%s", (line, nodes) => {
    expect(inline(line)).toEqual(nodes);
  });
});

describe("blocks", () => {
  test("a list follows its paragraph without a blank line", () => {
    expect(parse("Zwei Punkte:\n- eins\n- zwei\nEnde").map((block) => block.kind)).toEqual([
      "paragraph",
      "list",
      "paragraph",
    ]);
  });

  test("a numbered list keeps its first number", () => {
    expect(parse("3. drei\n4. vier")).toEqual([
      { kind: "list", ordered: true, start: 3, items: [[text("drei")], [text("vier")]] },
    ]);
  });

  test("a quote holds blocks, and code between fences stays as it is", () => {
    expect(parse("> - a\n> b")).toMatchObject([
      { kind: "quote", children: [{ kind: "list" }, { kind: "paragraph" }] },
    ]);
    expect(parse("```\n**x**\n- y\n```")).toEqual([{ kind: "pre", text: "**x**\n- y" }]);
  });

  test("deep nesting ends instead of growing", () => {
    expect(() => parse(">".repeat(5_000) + "x")).not.toThrow();
    expect(() => inline("**_".repeat(3_000))).not.toThrow();
  });
});

/** All characters of the tree, in order, without marks. */
function letters(blocks: Block[]): string {
  const ofInline = (nodes: Inline[]): string =>
    nodes
      .map((node) => ("children" in node ? ofInline(node.children) : "href" in node ? node.href : node.text))
      .join("");
  return blocks
    .map((block) => {
      switch (block.kind) {
        case "paragraph":
          return block.lines.map(ofInline).join("");
        case "list":
          return block.items.map(ofInline).join("");
        case "quote":
          return letters(block.children);
        case "pre":
          return block.text;
      }
    })
    .join("");
}

test.each(Array.from({ length: 300 }, (_, seed) => seed))("nothing written is lost, seed %i", (seed) => {
  const random = chance(seed);
  const parts = [
    "a",
    "ß",
    "**",
    "_",
    "`",
    "- ",
    "> ",
    "\n",
    " ",
    "https://x.de/",
    "1. ",
    "```",
    "(",
    ")",
    ".",
  ];
  const source = Array.from({ length: 40 }, () => parts[Math.floor(random() * parts.length)]).join("");
  const kept = letters(parse(source));
  for (const letter of ["a", "ß"]) {
    expect(kept.split(letter).length, JSON.stringify(source)).toBe(source.split(letter).length);
  }
});
