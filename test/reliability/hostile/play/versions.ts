import type { Transport } from "mqtt-xs";
import { WebSocketTransport } from "mqtt-xs/websocket";
import type { ManualClock } from "../../../support/manual-clock.js";
import { firstPacket as firstPacket3 } from "../../../support/packets.js";
import { wholePackets } from "../../../support/whole-packets.js";
import { firstPacket as firstPacket5 } from "../../../support/v5/packets.js";
import type { SentPacket } from "../../../fuzz/recording.js";
import { Recording as Recording3 } from "../../../fuzz/recording.js";
import { Recording as Recording5 } from "../../../fuzz/v5/recording.js";
import { BINARY, ClientFrames, CLOSE, frame } from "../../../websocket/frames.js";
import { agreement } from "../../../websocket/handshake-peer.js";
import { Application3, type Carrier } from "./application3.js";
import { Application5 } from "./application5.js";
import type { Application } from "./stage.js";
import type { VersionName } from "./version-name.js";
import type { Witness3, Witness5 } from "./witness.js";

/** What the client has sent over one connection: whole packets, and what there is of one that has not gone out whole. */
export interface Sent {
  readonly packets: readonly SentPacket[];
  readonly rest: Uint8Array;
}

/** An application, and what it was told. */
export interface Making {
  readonly application: Application;
  readonly recording: { readonly events: readonly string[] };
  /** Why connections have ended. */
  readonly errors: readonly unknown[];
  /** What carries the connection, if anything does besides the wire. */
  readonly socket?: WebSocketTransport;
}

/** How to play to the client of a version. */
export interface Version {
  /** Blocks of the library that one call of `onReadable` may cost, besides what it may for each byte. */
  readonly workPerCall: number;
  make(setup: number, transport: Transport, clock: ManualClock, react: () => void): Making;
  /** Takes apart what the client has sent. Throws for anything that it may not send. */
  parse(bytes: Uint8Array): Sent;
}

/** By their names on the command line. */
export const VERSIONS: Readonly<Record<VersionName, Version>> = {
  "3": {
    workPerCall: 2_000,
    make(setup, transport, clock, react) {
      const { recording, errors, witness } = witness3();
      return { application: new Application3(setup, transport, clock, witness, react), recording, errors };
    },
    parse: (bytes) => parse(bytes, firstPacket3),
  },
  "5": {
    workPerCall: 2_000,
    make(setup, transport, clock, react) {
      const recording = new Recording5();
      const errors: unknown[] = [];
      const { callbacks } = recording;
      const onDisconnect: typeof callbacks.onDisconnect = (error, properties) => {
        if (error !== undefined) errors.push(error);
        callbacks.onDisconnect?.(error, properties);
      };
      const witness: Witness5 = { callbacks: { ...callbacks, onDisconnect }, handler: (of) => recording.handler(of) };
      return { application: new Application5(setup, transport, clock, witness, react), recording, errors };
    },
    parse: (bytes) => parse(bytes, firstPacket5),
  },
  websocket: {
    workPerCall: 20_000, // the answer to the request, of up to 2 kB, is taken apart at its end
    make(setup, transport, clock, react) {
      const { recording, errors, witness } = witness3();
      const socket = new WebSocketTransport({ transport, host: "h", random: () => 0.5 });
      return { application: new Application3(setup, socket, clock, witness, react, WEBSOCKET), recording, errors, socket };
    },
    parse: (bytes) => parse(inFrames(bytes), firstPacket3),
  },
};

function witness3(): { recording: Recording3; errors: unknown[]; witness: Witness3 } {
  const recording = new Recording3();
  const errors: unknown[] = [];
  const { callbacks } = recording;
  const onDisconnect: typeof callbacks.onDisconnect = (error) => {
    if (error !== undefined) errors.push(error);
    callbacks.onDisconnect?.(error);
  };
  return { recording, errors, witness: { callbacks: { ...callbacks, onDisconnect }, handler: (of) => recording.handler(of) } };
}

/** The key that the client makes of `random`. */
const KEY = Buffer.alloc(16, 128).toString("base64");

/** The server's part of a WebSocket. */
export const WEBSOCKET: Carrier = {
  greeting: Buffer.from(agreement(`Sec-WebSocket-Key: ${KEY}\r\n`)),
  frame: (bytes) => frame(BINARY, bytes),
};

function parse(bytes: Uint8Array, first: (bytes: Uint8Array) => SentPacket | undefined): Sent {
  const packets = wholePackets(bytes, first);
  return { packets, rest: bytes.slice(packets.reduce((sum, packet) => sum + packet.bytes.length, 0)) };
}

/** The payload of a WebSocket's binary frames; after a request, and before a close frame. */
function inFrames(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes);
  const end = text.indexOf("\r\n\r\n");
  if (end < 0 && text.length > 0 && !text.toString().startsWith("GET ")) throw new Error("no request for a WebSocket");
  const frames = new ClientFrames();
  const all = frames.take(text.subarray(end < 0 ? text.length : end + 4));
  if (frames.left > 0) throw new Error("a WebSocket frame cut off");
  const closing = all.findIndex(({ opcode }) => opcode === CLOSE);
  if (closing >= 0 && closing < all.length - 1) throw new Error("a WebSocket frame after the one that closes");
  return Buffer.concat(all.filter(({ opcode }) => opcode === BINARY).map(({ payload }) => payload));
}
