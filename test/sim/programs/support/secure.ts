import type { Transport } from "mqtt-xs";
import { WebSocketTransport } from "mqtt-xs/websocket";
import { TlsTransport, type SecureOptions } from "../../../../hosts/device/tls.js";

/** Where a server is that speaks TLS, and whom to trust. Certificates and keys are DER in hexadecimal digits. */
export interface SecureAddress {
  readonly port: number;
  /** Whether it speaks WebSocket. */
  readonly webSocket?: boolean;
  readonly serverName?: string;
  readonly certificate?: string;
  readonly clientCertificates?: readonly string[];
  readonly clientKey?: string;
}

/** The device's transport to a server on this computer, which is `localhost` unless it has another name. */
export function secureTransport({ port, webSocket, serverName = "localhost", ...files }: SecureAddress): Transport {
  const secure: SecureOptions = { serverName };
  if (files.certificate !== undefined) secure.certificate = bytesOf(files.certificate);
  if (files.clientCertificates) secure.clientCertificates = files.clientCertificates.map(bytesOf);
  if (files.clientKey !== undefined) secure.clientKey = bytesOf(files.clientKey);
  const transport = new TlsTransport({ address: "127.0.0.1", port, secure });
  return webSocket ? new WebSocketTransport({ transport, host: `localhost:${port}` }) : transport;
}

/** DER of its hexadecimal digits. */
export function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}
