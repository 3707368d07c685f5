/** Whom a statement binds; a client must prove those that name it, and those that bind both sides. */
export type Binds = "client-send" | "client-receive" | "both" | "server" | "app";

/** One numbered statement of a standard. */
export interface Statement {
  readonly identifier: string;
  readonly binds: Binds;
  /** Number and title of the section it stands in. */
  readonly section: string;
  readonly summary: string;
}

/** A `Statement` of these parts. */
export function statement(identifier: string, binds: Binds, section: string, summary: string): Statement {
  return { identifier, binds, section, summary };
}
