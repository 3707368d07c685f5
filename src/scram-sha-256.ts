export type { ScramSha256Options } from "./scram/options.js";
export { ScramSha256 } from "./scram/scram-sha-256.js";
export type { Authenticator } from "./v5/authenticator.js";
