import { TLS_MARGIN } from "./socket.js";
import { SocketTransport, type SocketTransportOptions } from "./socket-transport.js";

/** A `SocketTransport` that also sends bytes from where they are, and minds what TLS adds to them. */
export class PacketTransport extends SocketTransport {
  private readonly margin: number;

  constructor(options: SocketTransportOptions) {
    super(options);
    this.margin = options.socket.TCP ? TLS_MARGIN : 0; // as the dictionary of a socket has it that is made of another
  }

  /** How many bytes may be written; negative when there is no room. */
  get free(): number {
    return this.room - this.margin;
  }

  override write(source: Uint8Array, length: number): boolean {
    if (length <= this.free) return super.write(source, length);
    this.wantsRoom = true;
    return false;
  }

  /** Sends the first `length` bytes of `head` and then `payload`, which a TLS socket puts into one record. */
  sendBoth(head: Uint8Array, length: number, payload: Uint8Array): void {
    const buffer = head.buffer as ArrayBuffer;
    buffer.resize(length);
    this.send(head, { more: true, byteLength: length + payload.length });
    buffer.resize(buffer.maxByteLength);
    if (this.room >= 0) this.send(payload);
  }

  /** Sends `bytes`; with `more`, what follows may go out together with them. */
  send(bytes: Uint8Array, options?: { more: true; byteLength: number }): void {
    try {
      this.room = (this.socket?.write(bytes, options) as number | undefined) ?? -1;
    } catch {
      this.room = -1;
    }
    if (!(this.room >= 0)) this.failLater();
  }
}
