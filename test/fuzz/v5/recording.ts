import type { Authenticator, ClientOptions, Message, ReceivedProperties } from "mqtt-xs/v5";
import { MqttError } from "../../../src/errors.js";
import { toHex, type Property } from "../../support/v5/packets.js";
import { PROPERTIES, propertyNamed } from "../../support/v5/property-table.js";

/** One property, as this writes it down: its name in the standard and its value, data in hexadecimal. */
export type Written = readonly [name: string, value: unknown];

/** What a test has sent, as the application should see it. */
export function writtenOf(list: readonly Property[]): Written[] {
  return list.map(([name, value]) => [name, value instanceof Uint8Array ? toHex(value) : value]);
}

/** All that an iteration gives. */
export function write(properties: ReceivedProperties): Written[] {
  const found: Written[] = [];
  properties.rewind();
  while (properties.next()) found.push(writeOne(properties));
  return found;
}

function writeOne(properties: ReceivedProperties): Written {
  const name = propertyNamed(properties.identifier);
  if (name === undefined) throw new Error(`${properties.identifier} is no property's identifier`);
  const { type } = PROPERTIES[name];
  if (type === "binary") return [name, toHex(properties.bytes.slice(properties.start, properties.end))];
  if (type === "text") return [name, properties.text];
  return [name, type === "pair" ? [properties.name, properties.text] : properties.value];
}

/** The reason codes with which an application may refuse a message (3.4.2.1). */
export const REFUSALS = [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99] as const;

/** How the application answers a payload: 0, or that it refuses it. */
export function answerTo(payload: Uint8Array): number {
  const first = payload.at(0) ?? 0;
  return first > 200 ? REFUSALS[first % REFUSALS.length] : 0;
}

/** Data that no authenticator takes. */
export function isUnacceptable(data: Uint8Array): boolean {
  return data.at(0) === 0xff || data.length === 7;
}

/** Writes down what the application is told. */
export class Recording {
  readonly events: string[] = [];

  /** The callbacks of a client to be written down. */
  get callbacks(): Pick<
    ClientOptions,
    "onConnect" | "onDisconnect" | "onMessage" | "onDelivered" | "onError" | "onAuthenticated" | "authenticator"
  > {
    return {
      onConnect: (sessionPresent, properties) => this.tell("connected", sessionPresent, write(properties)),
      onDisconnect: (error, properties) => this.tell("disconnected", error?.code, error?.reasonCode, write(properties)),
      onMessage: this.handler("onMessage"),
      onDelivered: (identifier, reasonCode, properties) => this.tell("delivered", identifier, reasonCode, write(properties)),
      onError: (error) => this.tell("error", error.code),
      onAuthenticated: () => this.tell("authenticated"),
      authenticator: this.#authenticator(),
    };
  }

  /** A handler of messages under this name, which refuses some. */
  handler(name: string): (message: Message) => void {
    return (message) => {
      const { topic, qos, retain, duplicate, offset, length, total, payload, reasonCode } = message;
      this.tell("message", name, { topic, qos, retain, duplicate, properties: write(message.properties) }, { offset, length, total }, toHex(payload));
      if (offset > 0) return;
      if (reasonCode !== 0 && !name.endsWith(" too")) this.tell("the message has a reason code", reasonCode);
      message.reasonCode = answerTo(payload);
    };
  }

  /** Forgets what was told so far. */
  forget(): void {
    this.events.length = 0;
  }

  tell(...what: readonly unknown[]): void {
    this.events.push(JSON.stringify(what));
  }

  /** It answers every challenge at once with what it was given. */
  #authenticator(): Authenticator {
    const check = (data: Uint8Array): void => {
      if (isUnacceptable(data)) throw new MqttError("ERR_AUTHENTICATION", "not what the test expects", "server");
    };
    return {
      method: "M",
      begin: () => Uint8Array.of(1),
      challenge: (data, answer) => {
        this.tell("challenge", toHex(data));
        check(data);
        answer(data);
      },
      finish: (data) => {
        this.tell("finish", toHex(data));
        check(data);
      },
    };
  }
}
