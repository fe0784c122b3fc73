/** Whatever comes is answered with a code, and the others do not notice. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { type ApiScene, SECRET, startScene, tokenFor } from "../../../test/api-scene.ts";
import { adversarial, property } from "../../../test/kind.ts";
import { makeToken } from "./access-token.ts";
import { startApi } from "./api-server.ts";
import { METHODS } from "./method-table.ts";
import { checkPlace, isLoopback } from "./request-origin.ts";

type Answer = { readonly error?: { readonly code: number; readonly data?: unknown } };

describe("hostile requests", () => {
  let scene: ApiScene;
  const bugs: unknown[] = [];
  const refusals: string[] = [];
  beforeAll(async () => {
    scene = await startScene(["alice"], {
      onBug: (error) => bugs.push(error),
      onRefused: (code) => refusals.push(code),
      rate: { perSecond: 100_000, burst: 100_000 },
      allowed: { hosts: ["node.example"], origins: ["https://wallet.example"] },
    });
  });
  afterAll(() => scene.stop());

  const token = tokenFor(["manage"]);
  const send = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
    fetch(`${scene.api("alice").url}/api/v1`, {
      method: "POST",
      body,
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
  const codeOf = async (body: string | Uint8Array): Promise<number | undefined> =>
    ((await (await send(body)).json()) as Answer).error?.code;
  const request = (method: string, params: unknown): string =>
    JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const isAlive = async (): Promise<boolean> =>
    (await codeOf(request("node_info", {}))) === undefined;

  adversarial("does not share its port with another process of the same user", async () => {
    const { port } = scene.api("alice");
    const another = startApi(scene.nodes.node("alice"), { port, secret: SECRET });

    await expect(another).rejects.toMatchObject({ code: "ListenFailed" });
  });

  adversarial("garbage, deep nesting and great numbers have their codes", async () => {
    const tried: readonly (readonly [string | Uint8Array, number])[] = [
      ["", -32_700],
      ["\0\u{ffff}", -32_700],
      [new Uint8Array(1_000).fill(255), -32_700],
      ["[".repeat(100_000), -32_004],
      [`${'{"a":'.repeat(33)}1${"}".repeat(33)}`, -32_004],
      [`[${"1,".repeat(100)}1]`, -32_004],
      ["[]", -32_600],
      ["null", -32_010],
      ['"text"', -32_010],
      [`{"jsonrpc":"2.0","id":${"9".repeat(500)},"method":"node_info"}`, -32_600],
      ['{"jsonrpc":"2.0","id":1e999,"method":"node_info"}', -32_600],
      [request("__proto__", {}), -32_601],
      [request("constructor", {}), -32_601],
      [request("", {}), -32_601],
      [request("a".repeat(129), {}), -32_600],
      ['{"jsonrpc":"2.0","id":1,"method":"node_info","params":{"__proto__":{"x":1}}}', -32_602],
      [request("node_info", []), -32_602],
      [request("node_info", "x"), -32_602],
      [request("channels_get", { channelId: 5 }), -32_602],
      [request("channels_get", { channelId: `0x${"g".repeat(64)}` }), -32_602],
      [request("channels_list", { limit: 1e9 }), -32_602],
      [request("channels_list", { limit: -1 }), -32_602],
      [request("channels_list", { offset: 2 ** 60 }), -32_602],
      [request("channels_list", { offset: 1e9 }), -32_001],
      [request("objectives_get", { objectiveId: "DirectFunding-0x" }), -32_602],
      [
        request("payments_pay", { channelId: `0x${"00".repeat(32)}`, amount: "9".repeat(78) }),
        -32_602,
      ],
      [request("payments_pay", { channelId: `0x${"00".repeat(32)}`, amount: "-1" }), -32_602],
      [request("peers_add", { address: "0x0", place: "x" }), -32_602],
      [request("peers_add", { address: scene.nodes.addressOf("alice") }), -32_000],
      [request("pay", { payload: { Amount: -5, Channel: "0x" } }), -32_009],
      [request("pay", { payload: { Amount: 1.5, Channel: "0x" } }), -32_009],
      [request("pay", { payload: [] }), -32_009],
      [request("get_ledger_channel", { payload: { Id: "" } }), -32_603],
    ];
    for (const [body, code] of tried) {
      const shown = String(body).slice(0, 80);
      expect({ shown, code: await codeOf(body) }).toEqual({ shown, code });
    }
    expect(await isAlive()).toBe(true);
    expect(bugs).toEqual([]);
  });

  property("every method answers any parameters, and none finds a fault of ours", async () => {
    const anything = fc.json({ maxDepth: 3 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...METHODS.keys()), anything, async (method, params) => {
        const body = `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`;
        const response = await send(body);
        expect(response.status).toBe(200);
        const answer = (await response.json()) as object;
        expect("result" in answer || "error" in answer).toBe(true);
      }),
      { numRuns: 300 },
    );
    expect(bugs).toEqual([]);
  });

  property(
    "valid requests with one field of another type are refused, and nothing breaks",
    async () => {
      const methods = [...METHODS.values()].filter(
        ({ example }) => Object.keys(example as object).length > 0,
      );
      const other = fc.constantFrom<unknown>(
        null,
        true,
        -1,
        1.5,
        "",
        "0x",
        [],
        {},
        [[]],
        "constructor",
      );
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...methods),
          fc.nat(8),
          other,
          async (method, at, value) => {
            const example = method.example as Record<string, unknown>;
            const keys = Object.keys(example);
            const changed = { ...example, [keys[at % keys.length] ?? ""]: value };
            const params = method.form === "Payload" ? { payload: changed } : changed;
            const answer = (await (await send(request(method.name, params))).json()) as Answer;
            expect(answer.error === undefined || answer.error.code < 0).toBe(true);
          },
        ),
        { numRuns: 200 },
      );
      expect(bugs).toEqual([]);
    },
  );

  adversarial("a body above 1 MiB is not read", async () => {
    const response = await send(`"${"x".repeat(1_048_576)}"`);

    expect(response.status).toBe(413);
    expect(await isAlive()).toBe(true);
  });

  adversarial(
    "a page of another site reaches nothing, whatever name it has for this machine",
    async () => {
      const statusWith = async (headers: Record<string, string>): Promise<number> =>
        (await send(request("version", {}), headers)).status;

      expect(await statusWith({ origin: "https://evil.example" })).toBe(403);
      expect(await statusWith({ origin: "null" })).toBe(403);
      expect(await statusWith({ host: "evil.example" })).toBe(403);
      expect(await statusWith({ host: "127.0.0.1.evil.example" })).toBe(403);
      expect(await statusWith({ host: "node.example:4005" })).toBe(200);
      expect(await statusWith({ origin: "https://wallet.example" })).toBe(200);
      expect(refusals).toContain("OriginNotAllowed");
      expect(refusals).toContain("HostNotAllowed");
      const upgrade = await fetch(`${scene.api("alice").url}/api/v1/subscribe`, {
        headers: { origin: "https://evil.example", upgrade: "websocket", connection: "upgrade" },
      });
      expect(upgrade.status).toBe(403);
    },
  );

  adversarial("whoever asks too often waits, and the others do not", async () => {
    const busy = await startScene(["alice"], { rate: { perSecond: 5, burst: 10 } });
    const ask = async (name: string): Promise<Answer> => {
      const claims = { scopes: ["read"], expiresAtSec: 4_000_000_000, name } as const;
      const response = await fetch(`${busy.api("alice").url}/api/v1`, {
        method: "POST",
        body: request("version", { authtoken: makeToken(SECRET, claims) }),
      });
      return (await response.json()) as Answer;
    };
    try {
      const answers: Answer[] = [];
      for (let count = 0; count < 20; count += 1) answers.push(await ask("greedy"));
      const refused = answers.filter(({ error }) => error?.code === -32_003);
      expect(refused.length).toBeGreaterThan(5);
      expect(refused[0]?.error?.data).toMatchObject({ retryAfterMs: expect.any(Number) });
      expect((await ask("modest")).error).toBeUndefined();
    } finally {
      await busy.stop();
    }
  });

  adversarial("connections that begin a request and never end it hold nobody up", async () => {
    const { port } = scene.api("alice");
    const sockets: Socket[] = [];
    for (let count = 0; count < 300; count += 1) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      const head = "POST /api/v1 HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000\r\n";
      socket.write(count % 2 === 0 ? head : `${head}\r\n{`);
      sockets.push(socket);
    }
    await Bun.sleep(50);
    expect(await isAlive()).toBe(true);
    expect(scene.api("alice").load().requests).toBeLessThanOrEqual(256);
    for (const socket of sockets) socket.destroy();
    while (scene.api("alice").load().requests > 0) await Bun.sleep(1);
    expect(await isAlive()).toBe(true);
  });
});

describe("checkPlace", () => {
  adversarial("takes addresses and known names alone", () => {
    const allowed = { hosts: ["node.example"], origins: [] };
    const of = (host: string): string | undefined =>
      checkPlace(new Headers(host === "" ? {} : { host }), allowed);

    const good = ["localhost", "localhost:4005", "127.0.0.1:80", "[::1]:4005", "NODE.example:1"];
    expect(good.map(of)).toEqual(good.map(() => undefined));
    const bad = [
      "",
      "evil",
      "localhost.evil",
      "127.0.0.1.nip.io",
      "[evil]",
      "1.2.3",
      "node.example.evil",
    ];
    expect(bad.map(of)).toEqual(bad.map(() => "HostNotAllowed"));
  });

  adversarial("tells this machine from others", () => {
    expect(["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"].every(isLoopback)).toBe(true);
    expect(["10.0.0.1", "::2", "1.127.0.0.1", ""].some(isLoopback)).toBe(false);
  });
});
