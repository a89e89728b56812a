// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Component } from "svelte";
import type { Event, Hello, Message, RoomRow } from "../core/api/wire";
import type { IconName } from "../theme/icons";
import type { RoomView } from "../core/model/room";
import type { Slice } from "../core/model/slice";
import type { App } from "./app.svelte";
import type { OpenRoom } from "./room.svelte";

/** Something in a timeline that is not a message. */
export interface TimelineItem {
  key: string;
  seq: number;
  at: string;
  sender_id: string;
}

/** One button in the toolbar of a message. */
export interface MessageAction {
  icon: IconName;
  label: string;
  /** Runs at once, or opens a small panel beside the toolbar. */
  run?: () => void;
  panel?: Component<{ room: OpenRoom; message: Message; close: () => void }>;
  danger?: boolean;
}

/** One entry of the composer's "+" row. */
export interface ComposerAction {
  icon: IconName;
  label: string;
  run: () => void;
}

/** One entry of the account menu. */
export interface AccountItem {
  icon: IconName;
  label: string;
  run: () => void;
}

type Lazy<P extends Record<string, unknown>> = () => Promise<{ default: Component<P> }>;

/** A place beside the chat. */
export interface Area {
  /** Shown to those whom the server allows this in the installation as a whole. */
  action: string;
  icon: IconName;
  label: () => string;
  page: Lazy<Record<string, never>>;
}

/** What a feature adds. Everything is optional; a feature is one folder and one line in features/index.ts. */
export interface Feature {
  name: string;
  /** Its part of a room's state, under the name of the server's module. */
  slices?: Slice[];
  /** Its own items between the messages. */
  timeline?: {
    items: (view: RoomView) => TimelineItem[];
    component: Component<{ room: OpenRoom; item: TimelineItem }>;
  };
  /** Below the text of every message. */
  messagePart?: Component<{ room: OpenRoom; message: Message; inThread: boolean }>;
  messageActions?: (app: App, room: OpenRoom, message: Message, inThread: boolean) => MessageAction[];
  composerActions?: (app: App, room: OpenRoom) => ComposerAction[];
  /** Buttons in the head of a room. */
  roomTools?: Component<{ room: OpenRoom }>;
  /** In the details of a room, below what it is for. */
  roomDetails?: Component<{ room: OpenRoom }>;
  /** A card above the timeline, for what goes on in the room right now. */
  roomBanner?: Component<{ room: OpenRoom }>;
  /** Above the composer: what whoever writes there should know first. */
  composerNotice?: Component<{ room: OpenRoom }>;
  /** A mark in the room list. */
  roomBadge?: Component<{ row: RoomRow }>;
  /** Above everything while it has something to say. */
  bar?: Component;
  /** What the server tells a person on arriving, and then on their own stream. */
  arrived?: (state: Hello["state"]) => void;
  mine?: (event: Event) => void;
  /** In the account menu, above signing out. */
  accountItems?: (app: App) => AccountItem[];
  /** Beside the timeline, at /r/ROOM/NAME/ARGUMENT. */
  panes?: Record<string, Lazy<{ room: OpenRoom; argument: string }>>;
  /** Instead of the shell, at /r/ROOM/NAME. */
  pages?: Record<string, Lazy<{ room: OpenRoom }>>;
  /** Beside the chat, at /NAME, with a place in the bar of areas. */
  areas?: Record<string, Area>;
}
