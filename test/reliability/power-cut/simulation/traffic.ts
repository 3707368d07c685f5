/** A message of the scenario, known by its number, from which all of it follows. */
export interface Message {
  readonly number: number;
  readonly topic: string;
  readonly qos: 1 | 2;
  readonly payload: Uint8Array;
}

/** Bytes at the front of a payload that hold its message's number. */
const NUMBER_SIZE = 2;
const MAXIMUM = 0xffff;

/** Begins the topics of messages that go through the device's queue. */
export const QUEUED = "queued/";
/** Topics under which the device publishes. */
export const OUTGOING_TOPICS: readonly string[] = Object.freeze(["out/a", `${QUEUED}b`, "out/temperature", `${QUEUED}d`]);
const INCOMING_TOPICS: readonly string[] = Object.freeze(["in/a", "in/command"]);

/** What the device is to be subscribed to. */
export const FILTER = "in/#";

/** The messages of one direction, from number 1 on. */
export class Traffic {
  private readonly messages: Message[] = [];

  constructor(
    private readonly count: number,
    private readonly topics: readonly string[],
  ) {}

  /** The message of this number; undefined when there is none. */
  message(number: number): Message | undefined {
    if (number < 1 || number > this.count) return undefined;
    return (this.messages[number] ??= makeMessage(number, this.topics));
  }
}

/** As many messages from the device, 65,535 at most. */
export function outgoing(count = MAXIMUM): Traffic {
  return new Traffic(count, OUTGOING_TOPICS);
}

/** As many messages to the device, 65,535 at most. */
export function incoming(count = MAXIMUM): Traffic {
  return new Traffic(count, INCOMING_TOPICS);
}

/** The number in a payload; 0 where there is none. */
export function numberOf(payload: Uint8Array): number {
  return payload.length < NUMBER_SIZE ? 0 : (payload[0] << 8) | payload[1];
}

/** Whether that is the message, byte for byte. */
export function isSame(message: Message, topic: string, qos: number, payload: Uint8Array): boolean {
  if (message.topic !== topic || message.qos !== qos || message.payload.length !== payload.length) return false;
  for (let at = 0; at < payload.length; at++) if (message.payload[at] !== payload[at]) return false;
  return true;
}

/** QoS and topic vary independently of each other: each topic has both. */
function makeMessage(number: number, topics: readonly string[]): Message {
  const payload = new Uint8Array(NUMBER_SIZE + ((number * 7) % 29));
  for (let at = 0; at < payload.length; at++) payload[at] = number * 31 + at;
  payload[0] = number >> 8;
  payload[1] = number;
  return { number, topic: topics[number % topics.length], qos: (number >> 2) % 2 === 0 ? 2 : 1, payload };
}
