/** The part of ECMA-419's DNS resolver that is used here. */
export interface Resolver {
  resolve(options: {
    host: string;
    onResolved: (host: string, address: string) => void;
    onError: (host: string) => void;
  }): void;
  close(): void;
}

/** What a resolver is made from, as in `device.network`. */
export interface ResolverOptions {
  /** The resolver's class. It is given this whole dictionary. */
  io: new (options: never) => Resolver;
  /** Whatever else the class needs, such as `servers` and `socket`. */
  [option: string]: unknown;
}
