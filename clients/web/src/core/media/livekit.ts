// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import {
  ConnectionError,
  ConnectionQuality,
  DisconnectReason,
  Room,
  RoomEvent,
  ScreenSharePresets,
  setLogLevel,
  Track,
  VideoPresets,
  type LocalParticipant,
  type Participant as LiveKitParticipant,
  type ReconnectPolicy,
  type RemoteTrack,
} from "livekit-client";
import {
  CallUnreachable,
  deviceRefusal,
  type DeviceKind,
  type EndReason,
  type MediaHooks,
  type MediaSession,
  type Participant,
  type VideoSource,
} from "./session";

// What matters is said on the stage; the library's own log names people and rooms.
setLogLevel("silent");

/** Waits between attempts to come back into a call, milliseconds; half of each is chance, so that not all come at once. */
const BACK_MS = [0, 300, 1_000, 2_000, 3_000];
/** A call that cannot be reached for this long is lost, milliseconds. */
const LOST_MS = 90_000;

/** The library's own waits grow to 7 s, and a restarted media server needs two attempts: one it refuses, one anew. */
const comeBack: ReconnectPolicy = {
  nextRetryDelayInMs({ retryCount, elapsedMs }) {
    const wait_ms = BACK_MS[Math.min(retryCount, BACK_MS.length - 1)] ?? 0;
    return elapsedMs > LOST_MS ? null : (wait_ms * (1 + Math.random())) / 2;
  },
};

const SOURCES: Record<VideoSource, Track.Source> = {
  camera: Track.Source.Camera,
  screen: Track.Source.ScreenShare,
};

const REASONS: Partial<Record<DisconnectReason, EndReason>> = {
  [DisconnectReason.CLIENT_INITIATED]: "left",
  [DisconnectReason.PARTICIPANT_REMOVED]: "removed",
  [DisconnectReason.ROOM_DELETED]: "closed",
  [DisconnectReason.ROOM_CLOSED]: "closed",
  [DisconnectReason.DUPLICATE_IDENTITY]: "elsewhere",
};

function connection(quality: ConnectionQuality): Participant["connection"] {
  switch (quality) {
    case ConnectionQuality.Excellent:
    case ConnectionQuality.Good:
      return "good";
    case ConnectionQuality.Poor:
      return "poor";
    case ConnectionQuality.Lost:
      return "lost";
    default:
      return "unknown";
  }
}

/** The track that can be shown now: there, received and not muted. */
function picture(one: LiveKitParticipant, source: VideoSource): string | null {
  const publication = one.getTrackPublication(SOURCES[source]);
  return publication?.videoTrack && !publication.isMuted ? publication.trackSid : null;
}

/** MediaSession on livekit-client: our own media server and LiveKit's speak the same protocol. */
export class LiveKitSession implements MediaSession {
  readonly #hooks: MediaHooks;
  readonly #room = new Room({
    adaptiveStream: true,
    reconnectPolicy: comeBack,
    dynacast: true,
    stopLocalTrackOnUnpublish: true,
    videoCaptureDefaults: { resolution: VideoPresets.h720.resolution },
    publishDefaults: {
      simulcast: true,
      red: true,
      dtx: true,
      screenShareEncoding: ScreenSharePresets.h1080fps15.encoding,
    },
  });
  readonly #sound = new Set<HTMLMediaElement>();

  constructor(hooks: MediaHooks) {
    this.#hooks = hooks;
    const room = this.#room;
    const tell = () => hooks.participants(this.#participants());
    for (const event of [
      RoomEvent.ParticipantConnected,
      RoomEvent.ParticipantDisconnected,
      RoomEvent.TrackPublished,
      RoomEvent.TrackUnpublished,
      RoomEvent.TrackSubscribed,
      RoomEvent.TrackUnsubscribed,
      RoomEvent.TrackMuted,
      RoomEvent.TrackUnmuted,
      RoomEvent.LocalTrackPublished,
      RoomEvent.LocalTrackUnpublished,
      RoomEvent.ActiveSpeakersChanged,
      RoomEvent.ConnectionQualityChanged,
    ] as const) {
      room.on(event, tell);
    }
    room.on(RoomEvent.TrackSubscribed, (track) => this.#play(track));
    room.on(RoomEvent.TrackUnsubscribed, (track) => this.#silence(track));
    room.on(RoomEvent.SignalReconnecting, () => hooks.status("reconnecting", null));
    room.on(RoomEvent.Reconnecting, () => hooks.status("reconnecting", null));
    room.on(RoomEvent.Reconnected, () => {
      hooks.status("connected", null);
      tell();
    });
    room.on(RoomEvent.Disconnected, (reason) => {
      for (const element of this.#sound) element.remove();
      this.#sound.clear();
      hooks.status("ended", (reason !== undefined && REASONS[reason]) || "lost");
    });
    room.on(RoomEvent.AudioPlaybackStatusChanged, () => hooks.soundBlocked(!room.canPlaybackAudio));
  }

  async join(url: string, token: string): Promise<void> {
    this.#hooks.status("connecting", null);
    try {
      await this.#room.connect(url, token);
    } catch (error) {
      throw error instanceof ConnectionError ? new CallUnreachable("connect", { cause: error }) : error;
    }
    this.#hooks.status("connected", null);
    this.#hooks.participants(this.#participants());
  }

  async leave(): Promise<void> {
    await this.#room.disconnect();
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.#publish((me) => me.setMicrophoneEnabled(on));
  }

  setCamera(on: boolean): Promise<void> {
    return this.#publish((me) => me.setCameraEnabled(on));
  }

  /** Text must stay legible: detail before motion, and no simulcast layer below the full size. */
  setScreen(on: boolean): Promise<void> {
    return this.#publish((me) =>
      me.setScreenShareEnabled(
        on,
        { contentHint: "detail", resolution: ScreenSharePresets.h1080fps15.resolution, audio: false },
        { simulcast: false },
      ),
    );
  }

  async useDevice(kind: DeviceKind, id: string): Promise<void> {
    try {
      await this.#room.switchActiveDevice(kind, id);
    } catch (error) {
      throw deviceRefusal(error);
    }
  }

  show(person: string, source: VideoSource, element: HTMLVideoElement): () => void {
    const track = this.#participant(person)?.getTrackPublication(SOURCES[source])?.videoTrack;
    if (!track) return () => {};
    track.attach(element);
    return () => {
      track.detach(element);
    };
  }

  allowSound(): Promise<void> {
    return this.#room.startAudio();
  }

  async #publish(change: (me: LocalParticipant) => Promise<unknown>): Promise<void> {
    try {
      await change(this.#room.localParticipant);
    } catch (error) {
      throw deviceRefusal(error);
    } finally {
      this.#hooks.participants(this.#participants());
    }
  }

  #participant(person: string): LiveKitParticipant | undefined {
    const me = this.#room.localParticipant;
    return me.identity === person ? me : this.#room.remoteParticipants.get(person);
  }

  #participants(): Participant[] {
    const me = this.#room.localParticipant;
    return [me, ...this.#room.remoteParticipants.values()].map((one) => ({
      id: one.identity,
      me: one === me,
      speaking: one.isSpeaking,
      microphone: one.isMicrophoneEnabled,
      camera: one.isCameraEnabled,
      screen: one.isScreenShareEnabled,
      pictures: { camera: picture(one, "camera"), screen: picture(one, "screen") },
      connection: connection(one.connectionQuality),
    }));
  }

  #play(track: RemoteTrack): void {
    if (track.kind !== Track.Kind.Audio) return;
    const element = track.attach();
    element.hidden = true;
    document.body.append(element);
    this.#sound.add(element);
  }

  #silence(track: RemoteTrack): void {
    if (track.kind !== Track.Kind.Audio) return;
    for (const element of track.detach()) {
      element.remove();
      this.#sound.delete(element);
    }
  }
}
