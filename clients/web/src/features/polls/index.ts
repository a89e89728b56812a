// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import { i18n } from "../../state/i18n.svelte";
import { attempt } from "../../state/notices.svelte";
import PollCard from "./PollCard.svelte";
import { polls as slice } from "./polls";
import { texts } from "./texts";

/** Questions with options, in the timeline of a room. */
export const polls: Feature = {
  name: "polls",
  slices: [slice],
  timeline: {
    items: (view) => Object.values(slice.of(view)).map((poll) => ({ ...poll, key: poll.id })),
    component: PollCard,
  },
  composerActions: (app, room) =>
    room.may("poll.open")
      ? [
          {
            icon: "chart-column",
            label: i18n.of(texts).ask,
            run: () => attempt(app.show(() => import("./PollDialog.svelte"), { room })),
          },
        ]
      : [],
};
