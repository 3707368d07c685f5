import { byKind } from "../../../fuzz/recording.js";
import { must } from "./violation.js";
import type { Sent, Version } from "./versions.js";

const PUBLISH = 3;
const EXACTLY_ONCE = 2;

/** What the client has sent, by kind, connection by connection. */
export type Kinds = Readonly<Record<string, readonly string[]>>;

/** What the client sends over one connection after the other, which must be what a client may send. */
export class Conversation {
  readonly #version: Version;
  readonly #connections: Sent[] = [];

  constructor(version: Version) {
    this.#version = version;
  }

  /**
   * Takes all that was sent over one connection.
   * @param limit bytes of the largest packet that the server takes.
   * @throws Violation
   */
  take(bytes: Uint8Array, limit: number): void {
    const sent = this.#parse(bytes);
    const types = sent.packets.map(({ type }) => type);
    must(types.length === 0 || types[0] === "CONNECT", () => `${types[0]} ahead of CONNECT`);
    must(types.lastIndexOf("CONNECT") <= 0, () => "a second CONNECT");
    must(!types.slice(0, -1).includes("DISCONNECT"), () => "a packet after DISCONNECT");
    must(sent.rest.length === 0 || sent.rest[0] >> 4 === PUBLISH, () => "a packet cut off that is no PUBLISH");
    must(sent.rest.length === 0 || types.at(-1) !== "DISCONNECT", () => "part of a packet after DISCONNECT");
    const told = types.findIndex((type) => type !== "CONNECT" && type !== "AUTH"); // CONNACK tells the limit, before all others
    const tooLarge = sent.packets.slice(told < 0 ? types.length : told).find((packet) => packet.bytes.length > limit);
    must(tooLarge === undefined, () => `${tooLarge?.type ?? ""} of more bytes than the server takes, which are ${limit}`);
    this.#connections.push(sent);
  }

  /** All of it. Repeated PUBRELs of messages of the client's own count once: one answers all PUBRECs that came before. */
  get kinds(): readonly Kinds[] {
    const all = this.#connections.flatMap(({ packets }) => packets);
    const own = all.filter(({ type, qos }) => type === "PUBLISH" && qos === EXACTLY_ONCE).map(({ identifier = 0 }) => identifier);
    return this.#connections.map(({ packets }) => byKind(packets, own));
  }

  #parse(bytes: Uint8Array): Sent {
    try {
      return this.#version.parse(bytes);
    } catch (error) {
      must(false, () => `not what a client may send: ${String(error)}`);
    }
  }
}
