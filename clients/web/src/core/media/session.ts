// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

export type VideoSource = "camera" | "screen";

/** One person in a call, as the stage shows them. */
export interface Participant {
  /** The person's id. */
  id: string;
  me: boolean;
  speaking: boolean;
  microphone: boolean;
  camera: boolean;
  screen: boolean;
  /** Names of the pictures that can be shown now; null while there is none. They change with the picture. */
  pictures: Record<VideoSource, string | null>;
  connection: "good" | "poor" | "lost" | "unknown";
}

export type MediaStatus = "connecting" | "connected" | "reconnecting" | "ended";

/** Why a call is over for me. */
export type EndReason = "left" | "removed" | "closed" | "elsewhere" | "lost";

export interface MediaHooks {
  participants: (all: Participant[]) => void;
  status: (status: MediaStatus, reason: EndReason | null) => void;
  /** The browser plays no sound before the person has pressed something. */
  soundBlocked: (blocked: boolean) => void;
}

export type DeviceKind = "audioinput" | "audiooutput" | "videoinput";

/** A call as the user interface knows it; which media server is behind it stays here. */
export interface MediaSession {
  /** Raises CallUnreachable. */
  join(url: string, token: string): Promise<void>;
  leave(): Promise<void>;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  setScreen(on: boolean): Promise<void>;
  useDevice(kind: DeviceKind, id: string): Promise<void>;
  /** Show a person's picture in this element until the returned function is called. */
  show(person: string, source: VideoSource, element: HTMLVideoElement): () => void;
  allowSound(): Promise<void>;
}

/** The media server does not answer, or not to us. */
export class CallUnreachable extends Error {
  override name = "CallUnreachable";
}

/** The person did not allow the device, or it is missing or in use. */
export class DeviceRefused extends Error {
  override name = "DeviceRefused";
  readonly why: "forbidden" | "missing" | "busy";

  constructor(why: "forbidden" | "missing" | "busy", options?: ErrorOptions) {
    super(why, options);
    this.why = why;
  }
}

/** What the browser's refusal means; anything else is passed on. */
export function deviceRefusal(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return new DeviceRefused("forbidden", { cause: error });
    case "NotFoundError":
    case "OverconstrainedError":
      return new DeviceRefused("missing", { cause: error });
    case "NotReadableError":
    case "AbortError":
      return new DeviceRefused("busy", { cause: error });
    default:
      return error;
  }
}
