// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
/** The layers of the web client: core < state < ui < features < app; features do not know each other. */
const below = (layer, ...above) => ({
  name: `${layer}-knows-nothing-above`,
  severity: "error",
  from: { path: `^src/${layer}/` },
  to: { path: `^src/(${above.join("|")})/` },
});
module.exports = {
  forbidden: [
    {
      name: "core-without-svelte",
      comment: "core runs in node and in a worker: no framework, no components.",
      severity: "error",
      from: { path: "^src/core/" },
      to: { path: ["node_modules/svelte/", "\\.svelte(\\.ts)?$"] },
    },
    below("core", "state", "ui", "features", "app"),
    below("state", "ui", "features", "app"),
    below("ui", "features", "app"),
    below("features", "app"),
    {
      name: "features-independent",
      comment: "A feature reaches another only through what both register.",
      severity: "error",
      from: { path: "^src/features/([^/]+)/" },
      to: { path: "^src/features/([^/]+)/", pathNot: "^src/features/$1/" },
    },
    {
      name: "no-network-in-views",
      comment: "Only core speaks to the network.",
      severity: "error",
      from: { path: "^src/(ui|features)/" },
      to: { path: "^src/core/(api/http|socket)\\.ts$" },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    exclude: { path: "\\?(worker|url)$" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["svelte", "browser", "import", "types", "default"],
      extensions: [".ts", ".svelte.ts", ".svelte", ".js", ".mjs", ".d.ts"],
    },
  },
};
