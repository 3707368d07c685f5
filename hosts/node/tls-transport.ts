import type { Socket } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { checkInteger, checkText } from "../device/check.js";
import { SocketTransport } from "./socket-transport.js";
import { tlsSettings, type TlsOptions } from "./tls-options.js";

/** Options of a `TlsTransport`; the names are those of `node:tls`. */
export interface TlsTransportOptions extends TlsOptions {
  /** The server's name or address. */
  host: string;
  /** 1 to 65,535. Default 8883. */
  port?: number;
  /** Protocol names to offer, such as `["mqtt"]`. */
  ALPNProtocols?: readonly string[];
}

/**
 * A TLS connection through `node:tls`, which verifies the server.
 *
 * Nothing throws but the constructor: `ERR_ARGUMENT`, with the name of the option. `onClose` gets `ERR_CERTIFICATE` when
 * the server's certificate does not prove who it is, `ERR_CERTIFICATE_EXPIRED` when it is not valid any more or not yet,
 * `ERR_TLS` when the server refused the client's or TLS failed otherwise, and apart from that the same as with a
 * `TcpTransport`.
 */
export class TlsTransport extends SocketTransport {
  protected readonly openEvent = "secureConnect";
  readonly #options: ConnectionOptions;

  constructor(options: TlsTransportOptions) {
    const host = checkText("host", options.host);
    const port = checkInteger("port", options.port ?? 8883, 1, 0xffff);
    super(`${host}:${port}`);
    this.#options = {
      host,
      port,
      ...tlsSettings(options, host),
      ...(options.ALPNProtocols === undefined ? {} : { ALPNProtocols: [...options.ALPNProtocols] }),
    };
  }

  protected connect(): Socket {
    return connect(this.#options).setNoDelay();
  }
}
