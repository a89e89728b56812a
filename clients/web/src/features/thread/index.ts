// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import { i18n } from "../../state/i18n.svelte";
import { pathOf, router } from "../../state/router.svelte";
import Summary from "./Summary.svelte";

/** One kind of reply: in the thread of a message. */
export const thread: Feature = {
  name: "thread",
  messagePart: Summary,
  messageActions: (_app, room, message, inThread) =>
    inThread || !room.may("message.post")
      ? []
      : [
          {
            icon: "message-square-reply",
            label: i18n.t.reply_in_thread,
            run: () => router.go(pathOf(room.id, "t", message.id)),
          },
        ],
  panes: { t: () => import("./ThreadPane.svelte") },
};
