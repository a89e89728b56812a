// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

// Debian's Chromium; nothing is downloaded. The flags keep it from calling home.
const chromium = playwright({
  launchOptions: {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  },
});

/** Where `npm run dev` finds the server. */
const server = process.env["FACHWERK_SERVER"] ?? "http://127.0.0.1:8480";

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: "es2023",
    assetsInlineLimit: 0, // data: URLs are refused by our content security policy
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700, // KiB; the real limits are in budgets.json, gzip
    manifest: true,
  },
  server: { proxy: { "/api": { target: server, ws: true }, "/auth": server } },
  test: {
    projects: [
      { extends: true, test: { name: "core", environment: "node", include: ["tests/core/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "ui",
          include: ["tests/ui/**/*.test.ts"],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: chromium,
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
