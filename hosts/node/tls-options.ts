import { isIP } from "node:net";
import { createSecureContext, type ConnectionOptions, type SecureContext } from "node:tls";
import { MqttError } from "mqtt-xs";

/** One or more certificates, or a key, in PEM. */
type Pem = string | Uint8Array;

/** How a server is verified, and who we are to it; the names are those of `node:tls`. */
export interface TlsOptions {
  /** The authorities to trust, in PEM. Default: those that Node comes with. */
  ca?: Pem | readonly Pem[];
  /** The client's certificate chain, in PEM, for servers that ask for one; needs `key`. */
  cert?: Pem;
  /** The private key of `cert`, in PEM. */
  key?: Pem;
  /** Decrypts `key`. */
  passphrase?: string;
  /** The name that the server's certificate must be for, and that the server is asked for. Default: the host. */
  servername?: string;
  /** Whether to refuse a server whose certificate does not prove who it is. Default true; false is for tests. */
  rejectUnauthorized?: boolean;
}

/** The same for `node:tls`. Throws `ERR_ARGUMENT` when a certificate or key cannot be used. */
export function tlsSettings(
  options: TlsOptions,
  host: string,
): Pick<ConnectionOptions, "secureContext" | "servername" | "rejectUnauthorized"> {
  const servername = options.servername ?? (isIP(host) === 0 ? host : undefined);
  return {
    secureContext: secureContext(options),
    rejectUnauthorized: options.rejectUnauthorized ?? true,
    ...(servername === undefined ? {} : { servername }),
  };
}

/** Reads the certificates once, so that a mistake in them shows at once. */
function secureContext({ ca, cert, key, passphrase }: TlsOptions): SecureContext {
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
