import { publish, type Property, type PropertyList } from "../../support/v5/packets.js";
import { acknowledging } from "../../sim/v5/support/server.js";
import { measure, oneByOne, PAYLOAD, TOPIC, type Units } from "../units.js";

/** What the messages have that is measured with: the same as in 3.1.1, if nothing else is said. */
export interface Kind {
  /** Whether an alias stands for the topic, which the other side knows already. */
  readonly alias?: boolean;
  /** Whether there are the four properties of `makeProperties`, 36 bytes. */
  readonly properties?: boolean;
}

const PROPERTIES: readonly Property[] = [
  ["payloadFormatIndicator", 1],
  ["messageExpiryInterval", 3_600],
  ["contentType", "text/plain"],
  ["userProperty", ["unit", "C"]],
];
/** How many aliases each side takes, where there are any. */
const ALIASES = 4;

/** Units to publish a message of QoS 0 in MQTT 5.0. */
export async function unitsToPublish(kind: Kind = {}): Promise<Units> {
  return measure("v5/publish", { arguments: argumentsOf(kind), answer: serverFor(kind) });
}

/** Units to receive, check and route a message of QoS 0 in MQTT 5.0. */
export async function unitsToReceive(kind: Kind = {}): Promise<Units> {
  const [first, next] = messages(kind);
  let sent = 0;
  return measure("v5/receive", {
    arguments: [kind.alias ? String(ALIASES) : "0"],
    answer: serverFor(kind),
    onReport: (peer, name) => {
      if (name === "next") peer.send(sent++ === 0 ? first : next);
    },
  });
}

/** Units to take a PUBACK of two bytes in MQTT 5.0. */
export async function unitsToAcknowledge(kind: Kind = {}): Promise<Units> {
  return measure("v5/acknowledge", { arguments: argumentsOf(kind), ...oneByOne(serverFor(kind)) });
}

/** The first message that the program receives, and every other. */
function messages({ alias, properties }: Kind): [first: Uint8Array, next: Uint8Array] {
  const list: PropertyList = [...(alias ? [["topicAlias", 1] as const] : []), ...(properties ? PROPERTIES : [])];
  const message = (topic: string): Uint8Array => publish({ topic, payload: PAYLOAD, properties: list });
  return [message(TOPIC), message(alias ? "" : TOPIC)];
}

function argumentsOf({ alias, properties }: Kind): string[] {
  return [alias, properties].map((has) => (has ? "yes" : "no"));
}

function serverFor({ alias }: Kind): ReturnType<typeof acknowledging> {
  return acknowledging(alias ? { announced: [["topicAliasMaximum", ALIASES]] } : {});
}
