import TLSSocket from "embedded:io/socket/tcp/tls";
import Timer from "timer";
import { MqttError, type TransportListener } from "mqtt-xs";
import { SocketTransport } from "mqtt-xs/device";
import { TLS_MARGIN } from "../../src/ecma419/socket.js";
import { endpoint, type EndpointOptions } from "./endpoint.js";
import { type GuardOwner, GuardedSocket } from "./guarded-socket.js";

/** The SDK's dictionary of a TLS session: certificates and keys in DER, as resources give them. */
export interface SecureOptions {
  /** The name, or IPv4 address, that the server's certificate must be for. Default: `host`, or else `address`. */
  serverName?: string;
  /** A certificate to trust, besides those that the firmware has as resources. */
  certificate?: ArrayBufferLike | Uint8Array;
  /** The client's certificate chain, for servers that ask for one; needs `clientKey`. */
  clientCertificates?: (ArrayBufferLike | Uint8Array)[];
  /** The private key of the client's certificate, in PKCS #8. */
  clientKey?: ArrayBufferLike | Uint8Array;
  /** Protocol names to offer (ALPN), such as `["mqtt"]`. */
  applicationLayerProtocolNegotiation?: string | string[];
  /** Whether to refuse a server whose certificate does not prove who it is. Default true; false is for tests. */
  verify?: boolean;
  /** Whatever else the SDK's session knows. */
  [option: string]: unknown;
}

/** Options of a `TlsTransport`: those of a `TcpTransport`, with a `port` of 8883 by default, and `secure`. */
export interface TlsTransportOptions extends EndpointOptions {
  secure?: SecureOptions;
}

/** What the TLS socket and `TLS_MARGIN` leave of the SDK's send buffer on ESP32. */
const WRITE_LIMIT = 8_000;

/**
 * A TLS connection through the device's `embedded:io/socket/tcp/tls`, which verifies the server unless told otherwise.
 *
 * TLS itself allocates, with every record. The constructor throws `ERR_ARGUMENT`. `onClose` gets `ERR_CERTIFICATE` when the
 * server's certificate was refused (the platform does not tell why: unknown authority, another name, or expired, as every
 * certificate is while the clock has not been set), `ERR_TLS` when TLS failed otherwise, and apart from that the same as
 * with a `TcpTransport`.
 */
export class TlsTransport extends SocketTransport implements GuardOwner, TransportListener {
  /** Of the connection at hand; for itself. */
  guard: GuardedSocket | undefined;
  private readonly serverName: string;
  private owner: TransportListener | undefined;
  /** What the owner has thrown, on its way to the host. */
  private thrown: unknown;
  /** Tells that there could be no socket. */
  private timer: Timer | undefined;

  constructor(options: TlsTransportOptions) {
    const { host, address } = options;
    const secure = { serverName: host ?? address, ...options.secure };
    const socket = { io: TLSSocket, TCP: { io: GuardedSocket }, secure };
    const settings = endpoint({ writeLimit: WRITE_LIMIT, ...options }, 8883, socket);
    super(settings);
    settings.socket.owner = this;
    this.serverName = String(secure.serverName);
  }

  override open(listener: TransportListener): void {
    this.owner = listener;
    super.open(this);
  }

  protected override connect(address: string | undefined): void {
    try {
      super.connect(address);
    } catch (cause) {
      // Such as over a certificate to trust that has expired. Not at once: the owner is not to be called from `open`.
      this.timer = Timer.set(() => {
        this.timer = undefined;
        this.failed(cause);
      });
    }
  }

  override read(target: Uint8Array, start: number, end: number): number {
    const { guard } = this;
    if (!guard) return 0;
    guard.isHiding = true;
    const count = super.read(target, start, end);
    guard.resume();
    return count;
  }

  override write(source: Uint8Array, length: number): boolean {
    return length + TLS_MARGIN <= this.room ? super.write(source, length) : this.waitForRoom();
  }

  /** TLS would make a record of it: it is the socket beneath that is asked. */
  protected override takesNothing(): boolean {
    return super.takesNothing(this.guard);
  }

  override close(): void {
    if (this.timer) Timer.clear(this.timer);
    this.timer = this.guard = undefined;
    super.close();
  }

  /** TLS threw, or what it called did: an exception of the owner's is the host's to report. */
  broken(cause: unknown, guard: GuardedSocket): void {
    if (cause === this.thrown) {
      this.thrown = undefined;
      throw cause;
    }
    // TLS sockets that have been closed throw, too, where TCP sockets call after that.
    if (guard === this.guard) this.failed(cause);
  }

  private failed(cause: unknown): void {
    this.lost(tlsError(String(cause), this.serverName));
  }

  // ---- between the socket and the owner ----------------------------------------------------------------------------

  onOpen(): void {
    try {
      this.owner?.onOpen();
    } catch (cause) {
      this.thrown = cause;
      throw cause;
    }
  }

  onReadable(): void {
    try {
      this.owner?.onReadable();
    } catch (cause) {
      this.thrown = cause;
      throw cause;
    }
  }

  onWritable(): void {
    try {
      this.owner?.onWritable();
    } catch (cause) {
      this.thrown = cause;
      throw cause;
    }
  }

  onClose(error: MqttError): void {
    try {
      this.owner?.onClose(error);
    } catch (cause) {
      this.thrown = cause;
      throw cause;
    }
  }
}

/** The words are those of the SDK's TLS. */
function tlsError(cause: string, serverName: string): MqttError {
  if (cause.includes("certificate: auth err"))
    return new MqttError(
      "ERR_CERTIFICATE",
      `the certificate of ${serverName} was refused: not signed by a trusted authority, for another name, or not valid on ${today()}`,
      "network",
    );
  if (cause.includes("date validation failed"))
    return new MqttError("ERR_CERTIFICATE_EXPIRED", `the certificate of ${serverName}, or the one to trust, is not valid on ${today()}`, "network");
  return new MqttError("ERR_TLS", `TLS with ${serverName} failed: ${cause}`, "network");
}

/** As the clock has it, which may never have been set. */
function today(): string {
  return new Date().toISOString().slice(0, 10);
}
