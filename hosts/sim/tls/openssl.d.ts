/**
 * The host's native module behind `embedded:io/socket/tcp/tls`: the client's side of a TLS 1.2 connection, over OpenSSL.
 * Whoever owns it carries the bytes from and to the server. Steps return how they ended, as in outcome.ts.
 */
declare module "openssl" {
  export default class Session {
    /**
     * @param verify whether the server's certificate, and those that are trusted, have to be valid
     * @throws Error when the host was built without OpenSSL
     */
    constructor(serverName: string, verify: boolean);

    /** Adds a CA's certificate, DER. */
    trust(der: ArrayBuffer | Uint8Array): number;
    /** Adds a client certificate, DER: the client's own first, then the chain. */
    present(der: ArrayBuffer | Uint8Array): number;
    /** Sets the client's RSA key, PKCS #8 in DER. A key that is none is noticed when it is needed. */
    unlock(der: ArrayBuffer | Uint8Array): number;
    /** Sets the protocols to offer, in the wire format of ALPN. */
    offer(protocols: Uint8Array): number;

    /** Begins the handshake. */
    handshake(): number;
    /** Takes one record of the server, whole. */
    feed(record: Uint8Array): number;
    /** Bytes that wait to be sent to the server. */
    readonly pending: number;
    /** Moves as many of them as fit into `target`. */
    take(target: Uint8Array): void;

    /** Whether the handshake is done. */
    readonly ready: boolean;
    /** Copies the application data of the last record, which is shorter than that. @returns bytes. */
    read(target: Uint8Array): number;
    /** Makes a record of application data, which then is pending. */
    write(source: Uint8Array): void;

    /** The last alert of the server, or the one that is due for its version: level << 8 | description; -1: none. */
    readonly alert: number;
    /** Why the last step has `Failed`. */
    readonly reason: string;
  }
}
