/**
 * A method of MQTT 5.0's enhanced authentication (4.12), such as SCRAM, for one connection at a time. What the methods throw
 * ends the connection, and reaches the application as the reason; no message may hold a credential.
 */
export interface Authenticator {
  /** The Authentication Method by its name, as CONNECT and every AUTH have it: 1 to 65,535 bytes of UTF-8. */
  readonly method: string;

  /**
   * Begins from the start: called for every CONNECT, and for every re-authentication (4.12.1). Whatever was under way is over.
   * @returns the Authentication Data to send along, up to 65,535 bytes; undefined for none.
   */
  begin(): Uint8Array | undefined;

  /**
   * The server goes on: an AUTH has come in with reason 0x18, Continue authentication.
   * @param data a copy of its Authentication Data, empty where it had none.
   * @param answer sends an AUTH with the data it is given, or without any. To be called once, at once or later: when the
   *   connection has been lost or begun anew meanwhile, it does nothing.
   * @throws to give up: the connection is closed.
   */
  challenge(data: Uint8Array, answer: (data?: Uint8Array) => void): void;

  /**
   * The server is content: CONNACK, or the AUTH that ends a re-authentication, has come in with reason 0x00.
   * @param data a copy of its Authentication Data, empty where it had none.
   * @throws when the server has not proved itself: the connection is closed.
   */
  finish(data: Uint8Array): void;
}
