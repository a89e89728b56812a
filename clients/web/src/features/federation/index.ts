// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import { i18n } from "../../state/i18n.svelte";
import { attempt } from "../../state/notices.svelte";
import DeliveryMark from "./DeliveryMark.svelte";
import { deliveryOf, federation as slice } from "./federation";
import SharingTool from "./SharingTool.svelte";
import { texts } from "./texts";

/** Rooms that are shared with other ministries. */
export const federation: Feature = {
  name: "federation",
  slices: [slice],
  roomTools: SharingTool,
  messagePart: DeliveryMark,
  messageActions: (app, room, message) => {
    const { view } = room;
    if (!view) return [];
    const from = app.people.get(message.sender_id)?.organisation ?? null;
    const { arrived, underway } = deliveryOf(slice.of(view), message, from);
    if (arrived.length + underway.length === 0) return [];
    const run = () => attempt(app.show(() => import("./DeliveryDialog.svelte"), { room, message }));
    return [{ icon: "landmark", label: i18n.of(texts).delivery, run }];
  },
};
