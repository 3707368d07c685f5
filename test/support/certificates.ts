import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate authority, made for one test run, and a server certificate that it signed. */
export interface Certificates {
  /** The authority's certificate, PEM. */
  readonly ca: string;
  /** The server's certificate for `localhost` and 127.0.0.1, PEM. */
  readonly cert: string;
  /** The server's private key, PEM. */
  readonly key: string;
  /** Where the same are as files: `ca.pem`, `server.pem`, `server.key`. */
  readonly directory: string;
  /** Deletes the files. */
  remove(): void;
}

/** When the server's certificate is valid. */
export type Validity = "now" | "in the past" | "in the future";

/** From and until how many days from now. */
const DAYS: Readonly<Record<Validity, readonly [from: number, until: number]>> = {
  now: [-1, 1],
  "in the past": [-2, -1],
  "in the future": [1, 2],
};

/** What `openssl ca` wants to know, which is the command that takes dates. */
const AUTHORITY = `
[ca]
default_ca = authority
[authority]
database = issued
serial = serial
new_certs_dir = .
default_md = sha256
policy = policy
x509_extensions = extensions
[policy]
commonName = supplied
[extensions]
subjectAltName = DNS:localhost,IP:127.0.0.1
`;

const KEY_OPTIONS = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes them with the `openssl` binary, which must be installed. Takes about 50 ms. */
export function makeCertificates(validity: Validity = "now"): Certificates {
  const directory = mkdtempSync(join(tmpdir(), "mqtt-xs-certificates-"));
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
  };
  const read = (name: string): string => readFileSync(join(directory, name), "utf8");
  openssl("req", "-x509", "-days", "2", ...KEY_OPTIONS, "-subj", "/CN=mqtt-xs test CA", "-keyout", "ca.key", "-out", "ca.pem");
  openssl("req", ...KEY_OPTIONS, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr");
  for (const [name, text] of Object.entries({ "ca.conf": AUTHORITY, issued: "", serial: "01\n" })) writeFileSync(join(directory, name), text);
  const [from, until] = DAYS[validity].map(daysFromNow);
  const dates = ["-startdate", from, "-enddate", until];
  openssl("ca", "-batch", "-notext", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key", ...dates, "-in", "server.csr", "-out", "server.pem");
  return {
    ca: read("ca.pem"),
    cert: read("server.pem"),
    key: read("server.key"),
    directory,
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** As `openssl` wants it: YYYYMMDDhhmmssZ. */
function daysFromNow(days: number): string {
  return `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/\D/g, "").slice(0, 14)}Z`;
}
