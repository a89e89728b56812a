// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { close, devices, onDevicesChanged, open, type Device } from "../../core/media/devices";
import { DeviceRefused, type DeviceKind } from "../../core/media/session";
import { inWords } from "../../state/notices.svelte";

const KEPT = "fachwerk.devices";

/** Cameras, microphones and loudspeakers, the chosen ones, and what the check has opened. */
export class DeviceChoice {
  all = $state.raw<Device[]>([]);
  chosen = $state<Record<DeviceKind, string>>({ audioinput: "", audiooutput: "", videoinput: "" });
  microphone = $state.raw<MediaStream | null>(null);
  camera = $state.raw<MediaStream | null>(null);
  /** The browser has said which devices there are. */
  known = $state(false);
  trouble = $state("");
  /** Counts openings and closings: a device that opens when it is no longer wanted is closed at once. */
  readonly #turns = { audioinput: 0, videoinput: 0 };
  #stop: () => void = () => {};

  start(): void {
    const kept = localStorage.getItem(KEPT);
    if (kept) this.chosen = { ...this.chosen, ...(JSON.parse(kept) as Record<DeviceKind, string>) };
    void this.refresh();
    this.#stop = onDevicesChanged(() => void this.refresh());
  }

  stop(): void {
    this.#stop();
    this.closeMicrophone();
    this.closeCamera();
  }

  of(kind: DeviceKind): Device[] {
    return this.all.filter((device) => device.kind === kind && device.id !== "");
  }

  async refresh(): Promise<void> {
    this.all = await devices();
    this.known = true;
  }

  choose(kind: DeviceKind, id: string): void {
    this.chosen[kind] = id;
    localStorage.setItem(KEPT, JSON.stringify(this.chosen));
  }

  /** False if the device is refused; the words are in `trouble`. */
  openMicrophone(): Promise<boolean> {
    this.closeMicrophone();
    return this.#open("audioinput", (stream) => (this.microphone = stream));
  }

  openCamera(): Promise<boolean> {
    this.closeCamera();
    return this.#open("videoinput", (stream) => (this.camera = stream));
  }

  closeMicrophone(): void {
    this.#turns.audioinput++;
    if (this.microphone) close(this.microphone);
    this.microphone = null;
  }

  closeCamera(): void {
    this.#turns.videoinput++;
    if (this.camera) close(this.camera);
    this.camera = null;
  }

  async #open(kind: "audioinput" | "videoinput", opened: (stream: MediaStream) => void): Promise<boolean> {
    const turn = this.#turns[kind];
    this.trouble = "";
    try {
      const stream = await open(kind, this.chosen[kind]);
      if (turn === this.#turns[kind]) opened(stream);
      else close(stream);
      // Only now does the browser tell the names of devices.
      await this.refresh();
      return true;
    } catch (error) {
      if (!(error instanceof DeviceRefused)) throw error;
      this.trouble = inWords(error) ?? "";
      return false;
    }
  }
}
