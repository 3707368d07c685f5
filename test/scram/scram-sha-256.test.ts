import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { ScramSha256, type ScramSha256Options } from "mqtt-xs/scram-sha-256";
import { utf8 } from "../support/packets.js";
import { answersTo, nodeHmac, RFC_7677, Server, textOf, user } from "./server.js";

/** A `defer` whose callbacks are called when the test says so. */
class Later {
  readonly #callbacks: (() => void)[] = [];
  /** How many there have been. */
  count = 0;

  readonly defer = (callback: () => void): void => {
    this.count++;
    this.#callbacks.push(callback);
  };

  get isEmpty(): boolean {
    return this.#callbacks.length === 0;
  }

  /** Calls what waits now. */
  turn(): void {
    for (const callback of this.#callbacks.splice(0)) callback();
  }

  /** Calls until nothing waits. */
  run(): void {
    while (!this.isEmpty) this.turn();
  }
}

const refusal = (message: RegExp): unknown =>
  expect.objectContaining({ code: "ERR_AUTHENTICATION", fault: "server", message: expect.stringMatching(message) as unknown });

const wrongOption = (name: string): unknown =>
  expect.objectContaining({ code: "ERR_ARGUMENT", fault: "caller", message: expect.stringMatching(`^${name}: expected `) as unknown });

const NONCE = RFC_7677.nonce;

describe("the exchange of RFC 7677 (3)", () => {
  const later = new Later();
  const WAYS: readonly (readonly [string, Partial<ScramSha256Options>])[] = [
    ["at once", {}],
    ["a few iterations at a time", { defer: later.defer }],
    ["with the platform's HMAC", { hmac: nodeHmac }],
    ["with the platform's HMAC, a few iterations at a time", { hmac: nodeHmac, defer: later.defer }],
  ];

  it.each(WAYS)("is had message by message, %s", (_way, options) => {
    const scram = user(options);
    expect(scram.method).toBe("SCRAM-SHA-256");
    expect(textOf(scram.begin())).toBe(RFC_7677.clientFirst);
    const answers = answersTo(scram, RFC_7677.serverFirst);
    later.run();
    expect(answers).toEqual([RFC_7677.clientFinal]);
    scram.finish(utf8(RFC_7677.serverFinal));
  });

  it("may have extensions in both messages of the server", () => {
    const scram = user();
    const server = new Server("pencil", utf8("salt"));
    const first = `${server.first(textOf(scram.begin()))},x=häßlich,y==`;
    const [final] = answersTo(scram, first);
    scram.finish(utf8(`${server.final(RFC_7677.clientFirst, first, final) ?? "none"},z=1`));
  });
});

describe("a password", () => {
  it.each(["plain", "platform's"])("is proved to a server by node:crypto, and the server to us, with the %s HMAC", (how) => {
    const text = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(text, text, fc.uint8Array({ minLength: 1, maxLength: 70 }), fc.integer({ min: 4_096, max: 4_200 }), (username, password, salt, count) => {
        const scram = new ScramSha256({ username, password, ...(how === "plain" ? {} : { hmac: nodeHmac }) });
        const server = new Server(password, salt, count);
        const clientFirst = textOf(scram.begin());
        const serverFirst = server.first(clientFirst);
        const [clientFinal] = answersTo(scram, serverFirst);
        const serverFinal = server.final(clientFirst, serverFirst, clientFinal);
        expect(serverFinal).toBeDefined();
        scram.finish(utf8(serverFinal ?? ""));
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ["composed, and left so", "é", "é"],
    ["put together, and composed", "e\u0301", "é"],
    ["of a width, and made plain", "\uff50", "p"],
    ["a Roman numeral, as in RFC 4013 (3)", "\u2168", "IX"],
    ["a feminine ordinal, as in RFC 4013 (3)", "\u00aa", "a"],
    ["with a space that does not break, which becomes one", "a\u00a0b", "a b"],
    ["beyond the basic plane", "\u{1f600}", "\u{1f600}"],
    ["in capitals, which stay", "USER", "USER"],
  ])("and a name are prepared where the platform has normalize: %s", (_what, given, prepared) => {
    const scram = user({ username: given, password: given });
    const server = new Server(prepared, utf8("salt"));
    const clientFirst = textOf(scram.begin());
    expect(clientFirst).toBe(`n,,n=${prepared},r=${NONCE}`);
    const first = server.first(clientFirst);
    expect(server.final(clientFirst, first, answersTo(scram, first)[0])).toBeDefined();
  });

  it("and a name are left as they are where the platform has no normalize for them", () => {
    const normalize = vi.spyOn(String.prototype, "normalize").mockImplementation(() => {
      throw new RangeError("not built-in");
    });
    try {
      expect(textOf(user({ username: "e\u0301" }).begin())).toBe(`n,,n=e\u0301,r=${NONCE}`);
      expect(normalize).toHaveBeenCalled();
    } finally {
      normalize.mockRestore();
    }
  });

  it("is shown neither by the console nor as JSON, nor are the keys", () => {
    const scram = user();
    scram.begin();
    answersTo(scram, RFC_7677.serverFirst);
    expect(JSON.stringify(scram)).toBe('{"method":"SCRAM-SHA-256"}');
    expect(inspect(scram, { depth: 10 })).toBe("ScramSha256 { method: 'SCRAM-SHA-256' }");
    expect(Reflect.ownKeys(scram)).toEqual(["method"]);
  });
});

describe("the first message", () => {
  it.each([
    ["a,b", "a=2Cb"],
    ["a=b", "a=3Db"],
    ["=2C,", "=3D2C=2C"],
    ["user name", "user name"],
  ])("has the name %j as %j", (username, escaped) => {
    expect(textOf(user({ username }).begin())).toBe(`n,,n=${escaped},r=${NONCE}`);
  });

  it("has an authorization identity, of which the last one tells the server again", () => {
    const scram = user({ authorizationIdentity: "other,=one" });
    expect(textOf(scram.begin())).toBe(`n,a=other=2C=3Done,n=user,r=${NONCE}`);
    const header = Buffer.from("n,a=other=2C=3Done,").toString("base64");
    expect(answersTo(scram, RFC_7677.serverFirst)[0]).toMatch(new RegExp(`^c=${header},`));
  });

  it("has a nonce of 24 characters that is another each time, unless it is given one", () => {
    const scram = new ScramSha256({ username: "user", password: "pencil" });
    const nonces = Array.from({ length: 100 }, () => textOf(scram.begin()).split(",r=")[1]);
    for (const nonce of nonces) expect(nonce).toMatch(/^[\w+/]{24}$/);
    expect(new Set(nonces).size).toBe(100);
  });

  it.each([["nothing", ""], ["a comma", "a,b"], ["a space", "a b"], ["beyond ASCII", "ä"], ["a control", "a\u007f"], ["a number", 5]])(
    "refuses a nonce with %s",
    (_what, nonce) => {
      const scram = user({ nonce: () => nonce as string });
      expect(() => scram.begin()).toThrow(wrongOption("nonce"));
    },
  );

  it("takes a nonce of all that is printable", () => {
    const printable = Array.from({ length: 94 }, (_, at) => String.fromCharCode(0x21 + at)).join("").replace(",", "");
    expect(textOf(user({ nonce: () => printable }).begin())).toBe(`n,,n=user,r=${printable}`);
  });
});

describe("options", () => {
  const NO_TEXTS: readonly unknown[] = ["", "a\u0000", "a\u0007", "\u001f", "\u007f", "a\u0085", "\ud800", undefined, null, 5];

  it.each(NO_TEXTS)("refuse %j as a name, a password or an authorization identity, and do not show it", (text) => {
    const given = text as string;
    expect(() => user({ username: given })).toThrow(wrongOption("username"));
    expect(() => user({ password: given })).toThrow(wrongOption("password"));
    if (text !== undefined) expect(() => user({ authorizationIdentity: given })).toThrow(wrongOption("authorizationIdentity"));
    expect(() => user({ password: "secret\u0007" })).toThrow(expect.not.objectContaining({ message: expect.stringContaining("secret") as unknown }));
  });

  it.each([4_095, 0, -1, 5_000.5, Infinity, Number.NaN, "5000"])("refuse %j as the limit of iterations", (limit) => {
    expect(() => user({ iterationLimit: limit as number })).toThrow(wrongOption("iterationLimit"));
  });
});

describe("the challenge is refused with", () => {
  const refuse = (message: string | Uint8Array, why: RegExp, options: Partial<ScramSha256Options> = {}): void => {
    const scram = user(options);
    scram.begin();
    const answer = vi.fn();
    const data = typeof message === "string" ? utf8(message) : message;
    expect(() => scram.challenge(data, answer)).toThrow(refusal(why));
    expect(answer).not.toHaveBeenCalled();
    // and the exchange is over
    expect(() => scram.challenge(utf8(RFC_7677.serverFirst), answer)).toThrow(refusal(/where none was expected/));
    expect(() => scram.finish(utf8(RFC_7677.serverFinal))).toThrow(refusal(/has not proved/));
  };

  it.each([
    ["nothing", ""],
    ["no salt", `r=${NONCE}x,i=4096`],
    ["no count", `r=${NONCE}x,s=QSXCR+Q6sek8bf92`],
    ["another order", `s=QSXCR+Q6sek8bf92,r=${NONCE}x,i=4096`],
    ["something before", `x=1,r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=4096`],
    ["something behind", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=4096,`],
    ["an extension without a value", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=4096,x=`],
    ["an extension without a name", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=4096,=1`],
    ["an extension of a longer name", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=4096,xy=1`],
    ["a demanded extension further behind", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=4096,m=1`],
    ["U+0000 in an extension", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=4096,x=\u0000`],
    ["an empty salt", `r=${NONCE}x,s=,i=4096`],
    ["a salt that is no base64", `r=${NONCE}x,s=QSXCR_Q6sek8bf92,i=4096`],
    ["a salt without padding", `r=${NONCE}x,s=QSX,i=4096`],
    ["no digits in the count", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=`],
    ["zeros before the count", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=04096`],
    ["a count with a sign", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=+4096`],
    ["a count with a fraction", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=4096.0`],
    ["a count in other digits", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=0x1000`],
    ["a nonce with a space", `r=${NONCE} x,s=QSXCR+Q6sek8bf92,i=4096`],
    ["a line break at its end", `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=4096\n`],
  ])("%s", (_what, message) => {
    refuse(message, /expected r=<nonce>,s=<salt>,i=<iterations>/);
  });

  it.each([
    ["another nonce", "r=rOprNGfwEbeRWgbNEkqPx"],
    ["the beginning of ours", `r=${NONCE.slice(0, -1)}`],
    ["ours alone", `r=${NONCE}`],
    ["ours at its end", `r=x${NONCE}`],
  ])("%s", (_what, nonce) => {
    refuse(`${nonce},s=QSXCR+Q6sek8bf92,i=4096`, /expected our nonce with the server's behind it/);
  });

  it.each(["1", "4095", "100001", "99999999999999999999", "9".repeat(400)])("%s iterations", (count) => {
    refuse(`r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=${count}`, /expected 4096 to 100000 iterations, got /);
  });

  it("more iterations than the limit", () => {
    refuse(`r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=5001`, /expected 4096 to 5000 iterations, got 5001/, { iterationLimit: 5_000 });
    expect(answersTo(begun(user({ iterationLimit: 5_000 })), `r=${NONCE}x,s=QSXCR+Q6sek8bf92,i=5000`)).toHaveLength(1);
  });

  it("bytes that are not UTF-8", () => {
    for (const end of [[0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) refuse(Uint8Array.of(...utf8(`${RFC_7677.serverFirst},x=`), ...end), /UTF-8/);
  });

  it("more than 1,024 bytes", () => {
    const long = (length: number): string => `${RFC_7677.serverFirst},x=`.padEnd(length, "x");
    refuse(long(1_025), /up to 1024 bytes/);
    expect(answersTo(begun(user()), long(1_024))).toHaveLength(1);
  });

  it("an extension that is demanded", () => {
    refuse(`m=1,${RFC_7677.serverFirst}`, /an unknown extension is demanded/);
  });

  it.each([
    ["e=invalid-proof", /the server says invalid-proof$/],
    ["e=unknown-user", /the server says unknown-user$/],
    ["e=other-error", /the server says other-error$/],
    ["e=pencil", /the server says other-error$/],
    ["e=user", /the server says other-error$/],
    ["e=invalid-proof,x=pencil", /the server says other-error$/],
    ["e=", /the server says other-error$/],
  ])("the server's error: %s, of which nothing is told that could be secret", (message, why) => {
    refuse(message, why);
  });

  it("any bytes at all, by a named error, unless they are one", () => {
    const pieces = fc.constantFrom("r=", NONCE, "x", ",", "s=", "QQ==", "i=", "4096", "m=", "e=", "=", "v=", "\u0000", "ä");
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.array(pieces, { maxLength: 12 }).map((some) => utf8(some.join("")))), (data) => {
        const scram = begun(user({ hmac: () => () => new Uint8Array(32) }));
        const valid = new RegExp(`^r=${NONCE}[^,]+,s=QQ==,i=4096(,|$)`).test(textOf(data));
        try {
          scram.challenge(data, () => {});
          expect(valid).toBe(true);
        } catch (error) {
          expect(error).toEqual(refusal(/^SCRAM: /));
        }
      }),
    );
  });
});

function begun(scram: ScramSha256): ScramSha256 {
  scram.begin();
  return scram;
}

function answered(scram = user()): ScramSha256 {
  answersTo(begun(scram), RFC_7677.serverFirst);
  return scram;
}

describe("out of turn", () => {
  it("a challenge is refused before the beginning, twice, and after the end", () => {
    const scram = user();
    expect(() => answersTo(scram, RFC_7677.serverFirst)).toThrow(refusal(/where none was expected/));
    answered(scram);
    expect(() => answersTo(scram, RFC_7677.serverFirst)).toThrow(refusal(/where none was expected/));
    answered(scram).finish(utf8(RFC_7677.serverFinal));
    expect(() => answersTo(scram, RFC_7677.serverFirst)).toThrow(refusal(/where none was expected/));
  });

  it("an error of the server is told nevertheless", () => {
    expect(() => answersTo(answered(), "e=invalid-proof")).toThrow(refusal(/invalid-proof$/));
  });

  it.each<[string, () => ScramSha256]>([
    ["before the beginning", user],
    ["before the challenge", () => begun(user())],
    ["after a beginning anew", () => begun(answered())],
    ["before the answer", () => answered(user({ defer: () => {} }))],
  ])("success is refused %s", (_when, make) => {
    expect(() => make().finish(utf8(RFC_7677.serverFinal))).toThrow(refusal(/has not proved/));
  });

  it("success is refused twice", () => {
    const scram = answered();
    scram.finish(utf8(RFC_7677.serverFinal));
    expect(() => scram.finish(utf8(RFC_7677.serverFinal))).toThrow(refusal(/has not proved/));
  });
});

describe("success is refused with", () => {
  it.each([
    ["nothing", ""],
    ["no signature", "v="],
    ["another signature", RFC_7677.serverFinal.replace("6r", "7r")],
    ["a signature in part", RFC_7677.serverFinal.slice(0, -1)],
    ["more behind", `${RFC_7677.serverFinal}=`],
    ["a comma behind", `${RFC_7677.serverFinal},`],
    ["a demanded extension behind", `${RFC_7677.serverFinal},m=1`],
    ["something before", `x=1,${RFC_7677.serverFinal}`],
    ["another attribute", RFC_7677.serverFinal.replace("v=", "p=")],
  ])("%s", (_what, message) => {
    expect(() => answered().finish(utf8(message))).toThrow(refusal(/has not proved/));
  });

  it("an error, which is told, a demanded extension, or what is no text", () => {
    expect(() => answered().finish(utf8("e=invalid-proof"))).toThrow(refusal(/invalid-proof$/));
    expect(() => answered().finish(utf8(`m=1,${RFC_7677.serverFinal}`))).toThrow(refusal(/extension/));
    expect(() => answered().finish(Uint8Array.of(0xff))).toThrow(refusal(/UTF-8/));
  });
});

describe("the keys", () => {
  /** How many messages a HMAC has been given that counts them. */
  function counting(): { hmac: NonNullable<ScramSha256Options["hmac"]>; count: () => number } {
    let count = 0;
    const hmac = (key: Uint8Array) => (message: Uint8Array) => {
      count++;
      return nodeHmac(key)(message);
    };
    return { hmac, count: () => count };
  }

  function exchange(scram: ScramSha256, server: Server): void {
    const clientFirst = textOf(scram.begin());
    const serverFirst = server.first(clientFirst);
    const [clientFinal] = answersTo(scram, serverFirst);
    scram.finish(utf8(server.final(clientFirst, serverFirst, clientFinal) ?? "wrong proof"));
  }

  it("are remembered for a salt and a count, so that connecting again costs 2 codes instead of more than 4,096", () => {
    const { hmac, count } = counting();
    const scram = new ScramSha256({ username: "user", password: "pencil", hmac });
    const server = new Server("pencil", utf8("salt"));
    exchange(scram, server);
    expect(count()).toBe(4_096 + 2 + 2);
    exchange(scram, server);
    expect(count()).toBe(4_096 + 4 + 2);
  });

  it("are made anew for another salt, and for another count", () => {
    const { hmac, count } = counting();
    const scram = new ScramSha256({ username: "user", password: "pencil", hmac });
    exchange(scram, new Server("pencil", utf8("salt")));
    exchange(scram, new Server("pencil", utf8("salz")));
    expect(count()).toBe(2 * 4_100);
    exchange(scram, new Server("pencil", utf8("salz"), 4_097));
    expect(count()).toBe(3 * 4_100 + 1);
  });

  it("are made 16 iterations at a time with defer", () => {
    const later = new Later();
    const answers = answersTo(begun(user({ hmac: nodeHmac, defer: later.defer })), RFC_7677.serverFirst);
    for (let turns = 0; turns < 255; turns++) {
      expect(answers).toEqual([]);
      later.turn();
    }
    expect(answers).toEqual([RFC_7677.clientFinal]);
    expect(later.isEmpty).toBe(true);
  });

  it("go on when the connection is lost meanwhile, and answer the next challenge alone, without beginning again", () => {
    const later = new Later();
    const scram = user({ defer: later.defer });
    const lost = answersTo(begun(scram), RFC_7677.serverFirst);
    for (let turns = 0; turns < 100; turns++) later.turn();
    const answers = answersTo(begun(scram), RFC_7677.serverFirst);
    later.run();
    expect(later.count).toBe(255);
    expect(lost).toEqual([]);
    expect(answers).toEqual([RFC_7677.clientFinal]);
    scram.finish(utf8(RFC_7677.serverFinal));
  });

  it("are there when the connection is made again after they are, and nothing is answered in between", () => {
    const later = new Later();
    const scram = user({ defer: later.defer });
    const lost = answersTo(begun(scram), RFC_7677.serverFirst);
    scram.begin();
    later.run();
    expect(lost).toEqual([]);
    expect(answersTo(scram, RFC_7677.serverFirst)).toEqual([RFC_7677.clientFinal]);
    expect(later.count).toBe(255);
  });

  it("give way to those of another salt", () => {
    const later = new Later();
    const scram = user({ defer: later.defer });
    const lost = answersTo(begun(scram), RFC_7677.serverFirst.replace("W22", "W33"));
    later.turn();
    const answers = answersTo(begun(scram), RFC_7677.serverFirst);
    later.run();
    expect(lost).toEqual([]);
    expect(answers).toEqual([RFC_7677.clientFinal]);
  });

  it("are made anew after the platform's HMAC has failed, whose error is passed on", () => {
    let failing = true;
    const hmac = (key: Uint8Array) => (message: Uint8Array) => {
      if (failing && message.length === 32) throw new Error("no hardware");
      return nodeHmac(key)(message);
    };
    const later = new Later();
    const scram = user({ hmac, defer: later.defer });
    expect(() => answersTo(begun(scram), RFC_7677.serverFirst)).toThrow("no hardware");
    failing = false;
    const answers = answersTo(begun(scram), RFC_7677.serverFirst);
    later.run();
    expect(answers).toEqual([RFC_7677.clientFinal]);
  });
});
