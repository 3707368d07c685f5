import type { TcpSocket } from "./tcp.js";

/** What a TLS socket is made with. The TCP socket gets all of it too, other callbacks aside. */
export interface TlsSocketOptions {
  host?: string | undefined;
  secure?: SecureOptions | undefined;
  TCP: { io: new (options: object) => TcpSocket };
  onReadable?: ((count: number) => void) | undefined;
  onWritable?: ((count: number) => void) | undefined;
  onError?: (() => void) | undefined;
}

/** What is trusted, and how the client shows who it is. */
export interface SecureOptions {
  serverName?: string | undefined;
  certificate?: ArrayBuffer | Uint8Array | undefined;
  clientCertificates?: readonly (ArrayBuffer | Uint8Array)[] | undefined;
  clientKey?: ArrayBuffer | Uint8Array | undefined;
  applicationLayerProtocolNegotiation?: Protocol | readonly Protocol[] | undefined;
  verify?: boolean | undefined;
}

export type Protocol = string | ArrayBuffer | Uint8Array;
