/** The TCP socket under a TLS socket. The two numbers are kept by its owner. */
export interface TcpSocket {
  /** Bytes that wait to be read. */
  readable: number;
  /** Bytes that can be written. */
  writable: number;
  read(view: Uint8Array): unknown;
  write(view: Uint8Array): number | undefined;
  close(): void;
}
