import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import type { Authenticator, Client, ClientOptions } from "mqtt-xs/v5";
import type { MqttError } from "../../../src/errors.js";
import { auth, connack, disconnect, publish, utf8 } from "../../support/v5/packets.js";
import { start } from "./support.js";

const USERNAME = "Some0ne";
const PASSWORD = "correct horse battery staple";
const DATA = "n,,n=Some0ne,r=n0nce";

/** The credentials as text, by their beginnings, in Base64 too. */
const AS_TEXT: readonly RegExp[] = [USERNAME, PASSWORD, DATA].flatMap((secret) => [
  new RegExp(secret.slice(0, 7), "i"),
  new RegExp(btoa(secret).slice(0, 8)),
]);

/** As the bytes that a console prints: in hexadecimal, and as lists of numbers. */
const AS_BYTES: readonly RegExp[] = [USERNAME, PASSWORD, DATA].flatMap((secret) => {
  const bytes = [...utf8(secret.slice(0, 7))];
  return [
    new RegExp(bytes.map((byte) => byte.toString(16)).join(" ?"), "i"),
    new RegExp(bytes.join(",\\s*")),
    new RegExp(bytes.map((byte) => `"\\d+":\\s*${byte}`).join(",\\s*")),
  ];
});

const AUTHENTICATOR: Authenticator = {
  method: "SCRAM-SHA-256",
  begin: () => utf8(DATA),
  challenge: (_, answer) => answer(utf8(DATA)),
  finish: () => undefined,
};

const SECRETS: readonly Partial<ClientOptions>[] = [
  { username: USERNAME, password: PASSWORD },
  { username: USERNAME, password: utf8(PASSWORD) },
  { password: PASSWORD },
  { username: USERNAME, password: PASSWORD, will: { topic: "w", payload: "x" } },
];

function expectNoCredential(text: string, forms: readonly RegExp[] = [...AS_TEXT, ...AS_BYTES]): void {
  for (const form of forms) expect(text).not.toMatch(form);
}

function errorText(error: unknown): string {
  const { message, stack = "", cause } = error instanceof Error ? error : new Error(String(error));
  const printed = inspect(error, { depth: 9, showHidden: true });
  return [message, stack, String(cause), String(error), JSON.stringify(error), printed].join("\n");
}

/** What a console, a debugger or a log prints of a client. */
function consoleText(client: Client): string {
  return [JSON.stringify(client), inspect(client), inspect({ client }, { depth: 12, showHidden: true })].join("\n");
}

describe("3.1.3.5 and 3.1.3.6 User Name and Password are nowhere to be read", () => {
  it("what the tests look for would be found", () => {
    for (const secret of [USERNAME, PASSWORD, DATA])
      for (const text of [secret, inspect({ secret: utf8(secret) }), JSON.stringify(utf8(secret)), btoa(secret)])
        expect([...AS_TEXT, ...AS_BYTES].some((form) => form.test(text))).toBe(true);
  });

  for (const [index, secrets] of SECRETS.entries()) {
    it(`no error tells of them, however a connection ends (${index})`, () => {
      const endings: Record<string, Uint8Array> = {
        "a refusal": connack({ reasonCode: 0x86 }),
        "a malformed CONNACK": connack({ properties: new Uint8Array([0xff]) }),
        "a CONNACK in the wrong place": connack({ sessionPresent: true }),
        "another packet": publish({ topic: "t" }),
        "an AUTH": auth(0x18, [["authenticationMethod", "m"]]),
      };
      for (const ending of Object.values(endings)) {
        const errors: (MqttError | undefined)[] = [];
        const { broker } = start({ clientId: "c", ...secrets, reconnectPeriod: 0, onDisconnect: (error) => errors.push(error) });
        broker.transport.accept();
        broker.expect("CONNECT");
        broker.send(ending);
        expect(errors).toHaveLength(1);
        expectNoCredential(errorText(errors[0]));
      }
    });

    it(`no error tells of them when the network fails or the server disconnects (${index})`, () => {
      const errors: (MqttError | undefined)[] = [];
      const { broker } = start({ clientId: "c", ...secrets, connectTimeout: 1_000, onDisconnect: (error) => errors.push(error) });
      broker.transport.refuse();
      broker.advance(0);
      broker.transport.accept();
      broker.advance(1_000);
      broker.advance(0);
      broker.acceptConnection();
      broker.send(disconnect(0x87, [["reasonString", "Not authorized"]]));
      broker.advance(0);
      broker.acceptConnection();
      broker.drop();
      expect(errors).toHaveLength(4);
      for (const error of errors) expectNoCredential(errorText(error));
    });

    for (const [what, forms] of [["text", AS_TEXT], ["bytes", AS_BYTES]] as const)
      it(`console.log and JSON of a client tell nothing of them as ${what}, in any state (${index})`, () => {
        const { broker, client } = start({ clientId: "c", ...secrets });
        expectNoCredential(consoleText(client), forms);
        broker.transport.accept();
        expectNoCredential(consoleText(client), forms);
        broker.expect("CONNECT");
        broker.send(connack());
        expectNoCredential(consoleText(client), forms);
        broker.drop();
        expectNoCredential(consoleText(client), forms);
        client.close();
        expectNoCredential(consoleText(client), forms);
      });
  }

  it("an option that is refused is named, and its value is not", () => {
    const wrong: Partial<ClientOptions>[] = [
      { username: `${USERNAME}\0` },
      { username: `${USERNAME}\ud800` },
      { username: USERNAME.repeat(10_000) },
      { password: `${PASSWORD}\ud800` },
      { password: PASSWORD.repeat(3_000) },
      { username: USERNAME, password: PASSWORD, keepalive: -1 },
      { username: USERNAME, password: PASSWORD, will: { topic: "#" } },
      { username: USERNAME, password: PASSWORD, userProperties: { [PASSWORD]: `${PASSWORD}\0` } },
      { username: USERNAME, password: PASSWORD, packetSize: 32 },
      { username: USERNAME, password: [PASSWORD] as unknown as string },
      { username: USERNAME, password: { password: PASSWORD } as unknown as string },
      { username: { USERNAME } as unknown as string },
      { authenticator: { ...AUTHENTICATOR, method: `${PASSWORD}\0` } },
    ];
    for (const options of wrong) {
      let thrown: unknown;
      try {
        start(options);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ name: "MqttError" });
      expectNoCredential(errorText(thrown));
    }
  });

  for (const [what, forms] of [["text", AS_TEXT], ["bytes", AS_BYTES]] as const)
    it(`authentication data is nowhere to be read either, as ${what}`, () => {
      const errors: (MqttError | undefined)[] = [];
      const { broker, client } = start({
        clientId: "c",
        authenticator: AUTHENTICATOR,
        reconnectPeriod: 0,
        onDisconnect: (error) => errors.push(error),
      });
      broker.transport.accept();
      broker.expect("CONNECT");
      expectNoCredential(consoleText(client), forms);
      broker.send(auth(0x18, [["authenticationMethod", "SCRAM-SHA-256"], ["authenticationData", "r=x"]]));
      broker.expect("AUTH", { properties: { authenticationData: DATA } });
      expectNoCredential(consoleText(client), forms);
      broker.send(connack({ reasonCode: 0x87 }));
      expect(errors).toHaveLength(1);
      expectNoCredential(errorText(errors[0]), forms);
    });
});
