/** What a client, or the broker between two of them, may do wrong with messages. */
export type Wrong =
  | "lost"
  | "duplicated"
  | "out of order"
  | "foreign"
  | "never told as delivered"
  | "told as delivered twice"
  | "session lost"
  | "limit exceeded"
  | "thrown"
  | "not at rest";

/** One thing that went wrong. */
export interface Violation {
  readonly what: Wrong;
  /** With which message, and how, in one line. */
  readonly detail: string;
}
