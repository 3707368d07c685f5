import type { Client, ClientOptions } from "mqtt-xs";
import * as packets3 from "../../support/packets.js";
import type { ClientPacketFields } from "../../support/packets.js";
import type { ScriptedBrokerOptions, VersionedBroker } from "../../support/scripted-broker.js";
import * as packets5 from "../../support/v5/packets.js";
import * as support3 from "../support.js";
import * as support5 from "../v5/support.js";

// For tests of what both standards require alike; ../support.ts has helpers that serve them, too. What only one of them has, and
// what differs, is tested for each by itself.

/** What CONNACK says in both versions, besides what they call their codes. */
interface Answer {
  readonly sessionPresent?: boolean;
}

/** Those options of a client that mean the same in both versions. */
type Options = Partial<Omit<ClientOptions, "protocolVersion" | "will" | "onConnect" | "onDisconnect" | "onDelivered">>;

/** What `Client`s of both versions have. */
type CommonClient = Pick<Client, "connect" | "close" | "connected" | "inflight" | "publish" | "subscribe" | "unsubscribe">;

/** What a client's packets have in both versions. AUTH is here for the sake of 5.0's types. */
interface CommonFields extends Omit<ClientPacketFields, "CONNECT"> {
  CONNECT: Omit<ClientPacketFields["CONNECT"], "protocolLevel" | "clean">;
  AUTH: object;
}

/** A client with the broker it talks to, and what it told its application. */
export interface Fixture {
  readonly broker: VersionedBroker<CommonFields, Answer>;
  readonly client: CommonClient;
  readonly events: string[];
}

/** The builders of `test/support`, as far as they build the same packets in both versions. */
type Packets = Pick<typeof packets3, "connack" | "pingresp" | "puback" | "pubcomp" | "publish" | "pubrec" | "pubrel">;

/** A version of MQTT, with what tests of it are written with. */
export interface Version extends Packets {
  /** As it stands in titles. */
  readonly name: string;
  /** SUBACK with one code: the builders differ in how they are given several. */
  readonly suback: (identifier: number, code: number) => Uint8Array;
  /** The one of two values that is for this version. */
  readonly either: <Value>(in3: Value, in5: Value) => Value;
  /**
   * The title of a test.
   * @param statements that it proves, with commas between: of 3.1.1 and of 5.0 or, where they have the same numbers, of both.
   * @param what it shows.
   */
  readonly named: (statements: string | readonly [in3: string, in5: string], what: string) => string;
  readonly start: (options?: Options, brokerOptions?: ScriptedBrokerOptions) => Fixture;
  readonly connectPacket: (options?: Options) => Uint8Array;
  readonly connect: (options?: Options, brokerOptions?: ScriptedBrokerOptions, answer?: Answer) => Fixture;
}

/** MQTT 3.1.1. */
export const V3: Version = version("MQTT 3.1.1", (in3) => in3, { ...packets3, ...support3 });
/** MQTT 5.0. */
export const V5: Version = version("MQTT 5.0", (_, in5) => in5, { ...packets5, ...support5 });

/** Both, for `describe.each`. */
export const VERSIONS: readonly Version[] = [V3, V5];

function version(name: string, either: Version["either"], support: Omit<Version, "name" | "either" | "named">): Version {
  const named: Version["named"] = (statements, what) =>
    `${typeof statements === "string" ? statements : either(...statements)}: ${what}`;
  return { ...support, name, either, named };
}
