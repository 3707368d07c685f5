import { isIP, type Socket } from "node:net";
import { connect, createSecureContext, type ConnectionOptions, type SecureContext } from "node:tls";
import { MqttError } from "mqtt-xs";
import { checkInteger, checkText } from "../device/check.js";
import { SocketTransport } from "./socket-transport.js";

/** One or more certificates, or a key, in PEM. */
type Pem = string | Uint8Array;

/** Options of a `TlsTransport`; the names are those of `node:tls`. */
export interface TlsTransportOptions {
  /** The server's name or address. */
  host: string;
  /** 1 to 65,535. Default 8883. */
  port?: number;
  /** The authorities to trust, in PEM. Default: those that Node comes with. */
  ca?: Pem | readonly Pem[];
  /** The client's certificate chain, in PEM, for servers that ask for one; needs `key`. */
  cert?: Pem;
  /** The private key of `cert`, in PEM. */
  key?: Pem;
  /** Decrypts `key`. */
  passphrase?: string;
  /** The name that the server's certificate must be for, and that the server is asked for. Default: `host`. */
  servername?: string;
  /** Whether to refuse a server whose certificate does not prove who it is. Default true; false is for tests. */
  rejectUnauthorized?: boolean;
  /** Protocol names to offer, such as `["mqtt"]`. */
  ALPNProtocols?: readonly string[];
}

/**
 * A TLS connection through `node:tls`, which verifies the server.
 *
 * Nothing throws but the constructor: `ERR_ARGUMENT`, with the name of the option. `onClose` gets `ERR_TLS` when either
 * side refused the other's certificate or TLS failed otherwise, and apart from that the same as with a `TcpTransport`.
 */
export class TlsTransport extends SocketTransport {
  protected readonly openEvent = "secureConnect";
  readonly #options: ConnectionOptions;

  constructor(options: TlsTransportOptions) {
    const host = checkText("host", options.host);
    const port = checkInteger("port", options.port ?? 8883, 1, 0xffff);
    super(`${host}:${port}`);
    const servername = options.servername ?? (isIP(host) === 0 ? host : undefined);
    this.#options = {
      host,
      port,
      secureContext: secureContext(options),
      rejectUnauthorized: options.rejectUnauthorized ?? true,
      ...(servername === undefined ? {} : { servername }),
      ...(options.ALPNProtocols === undefined ? {} : { ALPNProtocols: [...options.ALPNProtocols] }),
    };
  }

  protected connect(): Socket {
    return connect(this.#options).setNoDelay();
  }
}

/** Reads the certificates once, so that a mistake in them shows at once. */
function secureContext({ ca, cert, key, passphrase }: TlsTransportOptions): SecureContext {
  if ((cert === undefined) !== (key === undefined)) throw new MqttError("ERR_ARGUMENT", "cert and key need each other", "caller");
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca: isPem(ca) ? bufferOf(ca) : ca.map(bufferOf) }),
      ...(cert === undefined ? {} : { cert: bufferOf(cert) }),
      ...(key === undefined ? {} : { key: bufferOf(key) }),
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new MqttError("ERR_ARGUMENT", `ca, cert, key or passphrase cannot be used${code}`, "caller");
  }
}

function isPem(value: Pem | readonly Pem[]): value is Pem {
  return typeof value === "string" || value instanceof Uint8Array;
}

function bufferOf(pem: Pem): string | Buffer {
  return typeof pem === "string" ? pem : Buffer.from(pem);
}
