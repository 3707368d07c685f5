import type { Socket } from "node:net";
import { BINARY, CLOSE, closeFrame, ClientFrames, CONTINUATION, frame, PING, PONG } from "../../websocket/frames.js";
import { agreement, headerOf } from "../../websocket/handshake-peer.js";

/** A connection that carries bytes of MQTT. */
export interface Channel {
  send(bytes: Uint8Array): void;
  /** Ends it; what was sent before arrives. */
  end(): void;
}

/** Makes one of a socket. What comes in goes to `take`. */
export type ChannelKind = (socket: Socket, take: (bytes: Buffer) => void) => Channel;

/** MQTT over TCP. */
export const overTcp: ChannelKind = (socket, take) => {
  socket.on("data", take);
  return { send: (bytes) => void socket.write(bytes), end: () => void socket.end() };
};

/** How a server speaks WebSocket. */
export interface Manner {
  /** Puts bytes into frames. */
  frame(bytes: Uint8Array): Uint8Array;
  /** Takes the answer to a ping. */
  pong?(payload: Buffer): void;
}

/** Everything in one frame. */
export const plainly: Manner = { frame: (bytes) => frame(BINARY, bytes) };

/** In fragments of 1, 2, 3 and so on up to a number of bytes, with pings in between. */
export class Fragments implements Manner {
  /** Answers to pings, as they came. */
  readonly pongs: string[] = [];
  readonly #most: number;
  #pings = 0;

  constructor(most: number) {
    this.#most = most;
  }

  frame(bytes: Uint8Array): Uint8Array {
    const frames: Uint8Array[] = [];
    for (let start = 0, size = 1; start < bytes.length; start += size, size = Math.min(size + 1, this.#most)) {
      const isLast = start + size >= bytes.length;
      frames.push(frame(start === 0 ? BINARY : CONTINUATION, bytes.subarray(start, start + size), isLast));
      if (frames.length % 8 === 1) frames.push(frame(PING, `ping ${++this.#pings}`));
    }
    return Buffer.concat(frames);
  }

  pong(payload: Buffer): void {
    this.pongs.push(payload.toString());
  }
}

/** MQTT over WebSocket, with nothing from `src`. A client that breaks a rule of it, or of MQTT's use of it, throws. */
export function overWebSocket(manner: Manner): ChannelKind {
  return (socket, take) => {
    const frames = new ClientFrames();
    let request = "";
    let isOpen = false;
    const takeFrames = (bytes: Buffer): void => {
      for (const { opcode, payload } of frames.take(bytes)) {
        if (opcode === BINARY) take(payload);
        if (opcode === PONG) manner.pong?.(payload);
        if (opcode === CLOSE) socket.end(frame(CLOSE, payload));
      }
    };
    const takeRequest = (bytes: Buffer): void => {
      request += bytes.toString("latin1");
      isOpen = request.endsWith("\r\n\r\n");
      if (!isOpen) return;
      check(request);
      socket.write(agreement(request));
    };
    socket.on("data", (bytes: Buffer) => {
      if (isOpen) takeFrames(bytes);
      else takeRequest(bytes);
    });
    return { send: (bytes) => void socket.write(manner.frame(bytes)), end: () => void socket.end(closeFrame(1001)) };
  };
}

function check(request: string): void {
  if (!request.startsWith("GET /mqtt HTTP/1.1\r\n")) throw new Error(`a request for another path: ${request}`);
  if (headerOf(request, "Sec-WebSocket-Protocol") !== "mqtt") throw new Error("a request without MQTT's subprotocol");
}
