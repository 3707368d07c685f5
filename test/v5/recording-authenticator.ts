import type { Authenticator } from "mqtt-xs/v5";
import { concat, toHex, utf8 } from "../support/packets.js";
import { auth, connack, type PropertyList } from "../support/v5/packets.js";

type Answer = (data?: Uint8Array) => void;

/** An `Authenticator` that does as the test says and tells what it was asked for. */
export class RecordingAuthenticator implements Authenticator {
  /** Such as "begin", "challenge 01 02", "finish", in order. */
  readonly calls: string[] = [];
  /** What answers each challenge so far. */
  readonly answers: Answer[] = [];

  /** @param does what, in place of beginning with "first" and answering each challenge with "re:" and its data. */
  constructor(
    private readonly does: Partial<Omit<Authenticator, "method">> = {},
    readonly method = "M",
  ) {}

  begin(): Uint8Array | undefined {
    this.calls.push("begin");
    return this.does.begin ? this.does.begin() : utf8("first");
  }

  challenge(data: Uint8Array, answer: Answer): void {
    this.calls.push(`challenge ${toHex(data)}`.trimEnd());
    this.answers.push(answer);
    if (this.does.challenge) this.does.challenge(data, answer);
    else answer(concat(utf8("re:"), data));
  }

  finish(data: Uint8Array): void {
    this.calls.push(`finish ${toHex(data)}`.trimEnd());
    this.does.finish?.(data);
  }
}

/** The method and, where there are any, the data. */
export function credentials(data?: Uint8Array | string, method = "M"): PropertyList {
  return data === undefined
    ? [["authenticationMethod", method]]
    : [["authenticationMethod", method], ["authenticationData", data]];
}

/** AUTH with reason 0x18, as either side sends it. */
export function authContinue(data?: Uint8Array | string, method?: string): Uint8Array {
  return auth(0x18, credentials(data, method));
}

/** AUTH with reason 0x00, which ends a re-authentication. */
export function authSuccess(data?: Uint8Array | string, method?: string): Uint8Array {
  return auth(0x00, credentials(data, method));
}

/** AUTH with reason 0x19, with which the client begins a re-authentication. */
export function reauthenticate(data?: Uint8Array | string, method?: string): Uint8Array {
  return auth(0x19, credentials(data, method));
}

/** CONNACK after an authentication. */
export function authenticated(data?: Uint8Array | string, method?: string): Uint8Array {
  return connack({ properties: credentials(data, method) });
}
