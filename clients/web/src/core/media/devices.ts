// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { deviceRefusal, type DeviceKind } from "./session";

/** How often the level meter looks, milliseconds. */
const METER_MS = 80;
/** The tone of the sound test: frequency in Hz, length in seconds. */
const TONE_HZ = 440;
const TONE_S = 0.8;

export interface Device {
  kind: DeviceKind;
  id: string;
  label: string;
}

/** Devices the browser lets us know. Labels are empty until the person has allowed one. */
export async function devices(): Promise<Device[]> {
  // Without a secure page, or by policy, browsers offer no devices at all: join as a listener still works.
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return all.map(({ kind, deviceId, label }) => ({ kind, id: deviceId, label }));
}

export function onDevicesChanged(changed: () => void): () => void {
  navigator.mediaDevices?.addEventListener("devicechange", changed);
  return () => navigator.mediaDevices?.removeEventListener("devicechange", changed);
}

/** Open a device for the check. Raises DeviceRefused. */
export async function open(kind: "audioinput" | "videoinput", id: string): Promise<MediaStream> {
  const wanted: MediaTrackConstraints = id ? { deviceId: id } : {};
  try {
    return await navigator.mediaDevices.getUserMedia(
      kind === "audioinput" ? { audio: wanted } : { video: { ...wanted, width: 1280, height: 720 } },
    );
  } catch (error) {
    throw deviceRefusal(error);
  }
}

export function close(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Loudness of a microphone, 0..1, until the returned function is called. */
export function meter(stream: MediaStream, level: (value: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // -60 dB is silence, -10 dB is loud speech.
    level(Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-9) + 60) / 50)));
  }, METER_MS);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** A short tone, to hear whether the loudspeaker works. */
export async function playTone(speaker: string): Promise<void> {
  const context = new AudioContext();
  if (speaker && "setSinkId" in context) {
    await (context as AudioContext & { setSinkId: (id: string) => Promise<void> }).setSinkId(speaker);
  }
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = TONE_HZ;
  volume.gain.setValueAtTime(0.2, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + TONE_S);
  tone.connect(volume).connect(context.destination);
  tone.onended = () => void context.close();
  tone.start();
  tone.stop(context.currentTime + TONE_S);
}
