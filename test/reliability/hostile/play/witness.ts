// Runs on XS, too: nothing of Node's.
import type { ClientOptions as Options3, Message as Message3 } from "mqtt-xs";
import type { ClientOptions as Options5, Message as Message5 } from "mqtt-xs/v5";

/** Whom an application tells what its client tells it; 3.1.1. */
export interface Witness3 {
  readonly callbacks: Pick<Options3, "onConnect" | "onDisconnect" | "onMessage" | "onDelivered" | "onError">;
  handler(name: string): (message: Message3) => void;
}

/** The same of 5.0, and who proves who the client is. */
export interface Witness5 {
  readonly callbacks: Pick<
    Options5,
    "onConnect" | "onDisconnect" | "onMessage" | "onDelivered" | "onError" | "onAuthenticated" | "authenticator"
  >;
  handler(name: string): (message: Message5) => void;
}
