import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { ScramSha256, type ScramSha256Options } from "mqtt-xs/scram-sha-256";
import { utf8 } from "../support/packets.js";

/** The exchange of RFC 7677 (3), message by message. */
export const RFC_7677 = {
  nonce: "rOprNGfwEbeRWgbNEkqO",
  clientFirst: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
  serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  clientFinal: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
} as const;

/** The user of RFC 7677, whose nonces are all that of its example. */
export function user(options: Partial<ScramSha256Options> = {}): ScramSha256 {
  return new ScramSha256({ username: "user", password: "pencil", nonce: () => RFC_7677.nonce, ...options });
}

export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Has a challenge answered. @returns the answers, to which later ones are added. */
export function answersTo(scram: ScramSha256, message: string): string[] {
  const answers: string[] = [];
  scram.challenge(utf8(message), (data) => answers.push(textOf(data ?? new Uint8Array())));
  return answers;
}

/** The platform's HMAC, by Node.js. */
export function nodeHmac(key: Uint8Array): (message: Uint8Array) => Uint8Array {
  return (message) => new Uint8Array(createHmac("sha256", key).update(message).digest());
}

/** What a server does that knows a password, after RFC 5802 (3), by node:crypto. */
export class Server {
  readonly #password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;

  constructor(password: string, salt: Uint8Array, iterations = 4_096) {
    this.#password = password;
    this.salt = salt;
    this.iterations = iterations;
  }

  /** Answers client-first-message, with a nonce that it ends by `nonce`. */
  first(clientFirst: string, nonce = "server"): string {
    const ours = clientFirst.slice(clientFirst.indexOf(",r=") + 3);
    return `r=${ours}${nonce},s=${Buffer.from(this.salt).toString("base64")},i=${this.iterations}`;
  }

  /** Answers client-final-message, when its proof is right. */
  final(clientFirst: string, serverFirst: string, clientFinal: string): string | undefined {
    const [unproven, proof] = clientFinal.split(",p=");
    const bare = clientFirst.slice(clientFirst.indexOf(",n=") + 1);
    const message = utf8(`${bare},${serverFirst},${unproven}`);
    const salted = pbkdf2Sync(this.#password, this.salt, this.iterations, 32, "sha256");
    const clientKey = nodeHmac(salted)(utf8("Client Key"));
    const signature = nodeHmac(createHash("sha256").update(clientKey).digest())(message);
    const expected = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at])).toString("base64");
    if (proof !== expected) return undefined;
    return `v=${Buffer.from(nodeHmac(nodeHmac(salted)(utf8("Server Key")))(message)).toString("base64")}`;
  }
}
