import { ALERTED, EXPIRED, NO_KEY, SPOILT, UNTRUSTED } from "./outcome.js";

/** What the SDK's TLS throws. */
export class TlsError extends Error {}
// Set here, since in flash an instance cannot hide it.
TlsError.prototype.name = "TLS";

/** The error for the outcome of a step, with the SDK's type and words where it has some. */
export function errorFor(outcome: number, alert: number, reason: string): Error {
  switch (outcome) {
    case UNTRUSTED:
      return new TlsError("certificate: auth err");
    case EXPIRED:
      return new Error("date validation failed");
    case NO_KEY:
      return new Error("BER: not an integer");
    case ALERTED:
      return new TlsError(`alert: ${alert >> 8}, ${alert & 0xff}`);
    case SPOILT:
      return new TlsError("recordProtocol auth failed");
    default:
      return new TlsError(`OpenSSL: ${reason}`);
  }
}
