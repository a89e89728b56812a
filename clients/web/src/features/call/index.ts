// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import Badge from "./Badge.svelte";
import Banner from "./Banner.svelte";
import MiniBar from "./MiniBar.svelte";
import Tools from "./Tools.svelte";

/** Meetings: one call per room at a time. */
export const call: Feature = {
  name: "call",
  roomTools: Tools,
  roomBanner: Banner,
  roomBadge: Badge,
  bar: MiniBar,
  pages: { call: () => import("./CallPage.svelte") },
};
