import { SocketTransport } from "./socket-transport.js";

/** A `SocketTransport` that also sends bytes from where they are, for which there must be room. */
export class PacketTransport extends SocketTransport {
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
