/** The API over HTTP: every method, who may call it, go-nitro's clients, and answers that are given once. */
import { afterAll, beforeAll, describe, expect, spyOn } from "bun:test";
import { type ApiScene, openVirtual, startScene, tokenFor } from "../../../test/api-scene.ts";
import { adversarial, integration, invariant, unit } from "../../../test/kind.ts";
import { nodeAt } from "../../engine/reconstruction.ts";
import { NodeCallError } from "../client/node-call-error.ts";
import { connectNode } from "../client/node-client.ts";
import { API_ERRORS, type ApiErrorName } from "./api-error.ts";
import { METHODS } from "./method-table.ts";
import { errorsOf, openRpcDocument } from "./open-rpc.ts";

const COIN = `0x${"00".repeat(20)}`;

type Answer = {
  readonly id: unknown;
  readonly result?: never;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: never };
};

describe("the API", () => {
  let scene: ApiScene;
  let channelId: string;
  const bugs: unknown[] = [];
  beforeAll(async () => {
    scene = await startScene(["alice", "bob", "irene"], {
      goNitroAuth: true,
      onBug: (error) => bugs.push(error),
    });
    channelId = await openVirtual(scene);
  });
  afterAll(async () => {
    await scene.stop();
    expect(bugs).toEqual([]);
  });

  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${scene.api("alice").url}/api/v1`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers,
    });
  const ask = async (method: string, params: unknown, token?: string): Promise<Answer> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await post({ jsonrpc: "2.0", id: 7, method, params }, headers);
    return (await response.json()) as Answer;
  };
  const nitro = async (method: string, payload: unknown, authtoken = ""): Promise<Answer> => {
    const response = await post({ jsonrpc: "2.0", id: 7, method, params: { authtoken, payload } });
    return (await response.json()) as Answer;
  };

  invariant(
    "answers every method's example with its result, or with one of its errors",
    async () => {
      const token = tokenFor(["manage"]);
      for (const method of METHODS.values()) {
        const { example, form, name } = method;
        expect({ name, fits: method.params.safeParse(example).success }).toEqual({
          name,
          fits: true,
        });
        const answer = await ask(name, form === "Payload" ? { payload: example } : example, token);
        if (answer.error === undefined) {
          const checked = method.result.safeParse(answer.result);
          expect({ name, problems: checked.error?.issues ?? [] }).toEqual({ name, problems: [] });
        } else {
          const declared = errorsOf(method).map((error) => API_ERRORS[error].code);
          expect({
            name,
            declared,
            isDeclared: declared.includes(answer.error.code),
          }).toMatchObject({
            isDeclared: true,
          });
        }
      }
    },
  );

  invariant("the OpenRPC document that is served has every method and nothing else", async () => {
    const served = await (await fetch(`${scene.api("alice").url}/openrpc.json`)).json();
    const { result } = await ask("rpc.discover", {});
    const document = openRpcDocument([...METHODS.values()], "0.1.0") as {
      readonly methods: readonly { readonly name: string; readonly params: readonly unknown[] }[];
    };

    expect(served).toEqual(JSON.parse(JSON.stringify(document)));
    expect(result as unknown).toEqual(served);
    expect(document.methods.map(({ name }) => name)).toEqual([...METHODS.keys()]);
    const pay = document.methods.find(({ name }) => name === "payments_pay");
    expect(pay?.params).toContainEqual({
      name: "channelId",
      required: true,
      schema: { type: "string", pattern: "^0x[0-9a-fA-F]{64}$" },
    });
  });

  invariant(
    "no method but the open ones answers without a token, or with too small a scope",
    async () => {
      for (const { form, name, scope, example } of METHODS.values()) {
        if (scope === "none") continue;
        const params = form === "Payload" ? { payload: example } : example;
        expect((await ask(name, params)).error?.code).toBe(API_ERRORS.InvalidToken.code);
        const lower = { read: undefined, pay: "read", manage: "pay" } as const;
        const below = lower[scope];
        if (below === undefined) continue;
        const { error } = await ask(name, params, tokenFor([below]));
        expect({ name, code: error?.code }).toEqual({ name, code: API_ERRORS.ScopeMissing.code });
      }
    },
  );

  unit(
    "takes a token in the header or beside the parameters, and none that has ended",
    async () => {
      const token = tokenFor(["read"]);

      expect((await ask("node_info", {}, token)).error).toBeUndefined();
      expect((await ask("node_info", { authtoken: token })).error).toBeUndefined();
      expect((await ask("node_info", {}, tokenFor(["read"], -1))).error?.code).toBe(-32_008);
      expect((await ask("node_info", { authtoken: tokenFor(["read"], -1) })).error).toMatchObject({
        code: -32_008,
        data: { code: "Expired" },
      });
    },
  );

  integration("pays once under a key, over a restart of the node", async () => {
    const pay = (amount: string, idempotencyKey: string) =>
      scene.client("alice").call("payments_pay", { channelId, amount, idempotencyKey });
    const first = await pay("3", "k1");
    await scene.restart("alice");
    const again = await pay("3", "k1");
    const other = await pay("3", "k2");
    const mistaken = await pay("4", "k1").catch((error: unknown) => error);

    expect(again.voucher).toEqual(first.voucher);
    expect(other.voucher.amounts).not.toEqual(first.voucher.amounts);
    expect(mistaken).toBeInstanceOf(NodeCallError);
    expect(mistaken).toMatchObject({ code: API_ERRORS.KeyReused.code });
  });

  integration("tells of channels and objectives at any offset", async () => {
    const client = scene.client("alice");
    const { events } = await client.call("events_list", { channelId, from: 0, limit: 1_000 });
    const created = events.find(({ type }) => type === "ChannelCreated")?.offset ?? -1;
    const before = await client.call("channels_get", { channelId, offset: created + 1 });
    const now = await client.call("channels_get", { channelId });
    const early = await client.call("channels_list", { offset: created });
    const objectiveId = `VirtualFund-${channelId}`;
    const asked = events.find(({ type }) => type === "ObjectiveCreated")?.offset ?? -1;
    const opening = await client.call("objectives_get", { objectiveId, offset: asked + 1 });

    expect(before.phase).toBe("Funding");
    expect(now.phase).toBe("Running");
    expect(early.channels.map((one) => one.channelId)).not.toContain(channelId);
    expect(opening.status).toBe("Unapproved");
  });

  integration("tells of the past through snapshots, as it would without them", async () => {
    const { snapshots, store } = scene.nodes.node("alice");
    const looked = snapshots && spyOn(snapshots, "startFor");
    const client = scene.client("alice");

    for (let offset = 0; offset <= store.length; offset += 3) {
      const { channels } = await client.call("channels_list", { offset });
      const folded = await (await nodeAt(store, offset)).list("channels");
      expect(channels.map((one) => one.channelId)).toEqual([...folded.keys()].sort());
    }
    const found = await client.call("channels_get", { channelId, offset: store.length });
    expect(found).toEqual(await client.call("channels_get", { channelId }));
    expect(looked?.mock.calls.length).toBeGreaterThan(store.length / 3);
    looked?.mockRestore();
  });

  integration("lists events page by page without a gap", async () => {
    const client = scene.client("alice");
    const offsets: number[] = [];
    let from = 0;
    let length = 1;
    while (from < length) {
      const page = await client.call("events_list", { from, limit: 7 });
      offsets.push(...page.events.map(({ offset }) => offset));
      from = page.next;
      length = page.length;
    }

    expect(offsets).toEqual(Array.from({ length }, (_, offset) => offset));
  });

  integration("pays in a direct channel by an update, and refuses what does not fit", async () => {
    const client = scene.client("alice");
    const peer = scene.nodes.addressOf("bob");
    const shares = [{ asset: COIN, mine: "10", theirs: "5" }];
    const opened = await client.call("channels_open_direct", { peer, shares });
    await client.call("objectives_wait", { objectiveId: opened.objectiveId });
    const change = { type: "Pay", asset: COIN, amount: "4" } as const;
    const id = opened.channelId;
    const { objectiveId } = await client.call("channels_update", { channelId: id, change });
    const paid = await client.call("objectives_wait", { objectiveId });
    const { balances } = await client.call("channels_get", { channelId: id });
    const tooMuch = await ask(
      "channels_update",
      { channelId: id, change: { ...change, amount: "7" } },
      tokenFor(["pay"]),
    );

    expect(paid.status).toBe("Completed");
    expect(balances).toEqual([{ asset: COIN, mine: "6", theirs: "9" }]);
    expect(tooMuch.error).toMatchObject({
      code: API_ERRORS.Refused.code,
      data: { code: "InsufficientFunds", available: "6", asked: "7" },
    });
  });

  integration("works with the requests of go-nitro's client as they are", async () => {
    const token = (await nitro("get_auth_token", {})).result ?? "";
    const address: string = (await nitro("get_address", {})).result ?? "";
    const info = await nitro("get_payment_channel", { Id: channelId }, token);
    const ledgers = await nitro("get_all_ledger_channels", {}, token);
    const paid = await nitro("pay", { Amount: 2, Channel: channelId }, token);
    const refused = await nitro("pay", { Amount: 100_000, Channel: channelId }, token);

    expect(address).toMatch(/^0xA11ce/i);
    expect(address).not.toBe(address.toLowerCase());
    expect(Object.keys(info.result ?? {})).toEqual(["ID", "Status", "Balance"]);
    expect(info.result).toMatchObject({
      Status: "Open",
      Balance: { AssetAddress: COIN, Payer: address.toLowerCase() },
    });
    expect(ledgers.result).toMatchObject([{ Status: "Open", Balance: { TheirBalance: "0x3e8" } }]);
    expect(paid.result as unknown).toEqual({ Amount: 2, Channel: channelId });
    expect(refused.error).toMatchObject({ code: -32_603, message: "InsufficientFunds" });
  });

  integration("hands vouchers from go-nitro's payer to go-nitro's payee", async () => {
    const token = tokenFor(["manage"]);
    const made: { readonly Amount: number } =
      (await nitro("create_voucher", { Amount: 6, Channel: channelId }, token)).result ??
      ({} as never);
    const bring = async (voucher: unknown, agent: string): Promise<Answer> => {
      const response = await fetch(`${scene.api("bob").url}/api/v1`, {
        method: "POST",
        headers: { "user-agent": agent },
        body: JSON.stringify({
          jsonrpc: "2.0",
          id: 1,
          method: "receive_voucher",
          params: { authtoken: token, payload: voucher },
        }),
      });
      return (await response.json()) as Answer;
    };
    const forged = await bring({ ...made, Amount: made.Amount + 1 }, "axios");
    const taken = await bring(made, "axios");
    const again = await bring(made, "Go-http-client/1.1");

    expect(Object.keys(made)).toEqual(["ChannelId", "Amount", "Signature"]);
    expect(forged.error).toMatchObject({ code: -32_603, message: "WrongSignature" });
    expect(taken.result as unknown).toEqual({ Total: `${made.Amount}`, Delta: "6" });
    expect(again.result as unknown).toEqual({ Total: made.Amount, Delta: 0 });
  });

  integration("opens and closes a ledger channel for go-nitro's client", async () => {
    const token = tokenFor(["manage"]);
    const bob = scene.nodes.addressOf("bob");
    const side = (who: string) => ({
      Destination: who,
      Amount: 100,
      AllocationType: 0,
      Metadata: null,
    });
    const opened = await nitro(
      "create_ledger_channel",
      {
        CounterParty: bob,
        ChallengeDuration: 0,
        Outcome: [
          {
            Asset: COIN,
            AssetMetadata: { AssetType: 0, Metadata: null },
            Allocations: [side(scene.nodes.addressOf("alice")), side(bob)],
          },
        ],
        AppDefinition: COIN,
        AppData: "0x00",
        Nonce: 1_700_000_000_000,
      },
      token,
    );
    const { ChannelId, Id }: { Id: string; ChannelId: string } = opened.result ?? ({} as never);
    const open = await scene.client("alice").call("objectives_wait", { objectiveId: Id });
    const close = (await nitro("close_ledger_channel", { ChannelId }, token)).result ?? "";
    await scene.client("alice").call("objectives_wait", { objectiveId: close });
    const after = await nitro("get_ledger_channel", { Id: ChannelId }, token);

    expect(Id).toBe(`DirectFunding-${ChannelId}`);
    expect(open.status).toBe("Completed");
    expect(close as string).toBe(`DirectDefunding-${ChannelId}`);
    expect(after.result).toMatchObject({ ID: ChannelId, Status: "Complete" });
  });

  unit("answers with go-nitro's error codes", async () => {
    const token = tokenFor(["manage"]);
    const codeOf = async (body: unknown): Promise<number | undefined> =>
      ((await (await post(body)).json()) as Answer).error?.code;
    const request = { jsonrpc: "2.0", id: 1, method: "pay" };

    expect(await codeOf("{")).toBe(-32_700);
    expect(await codeOf("5")).toBe(-32_010);
    expect(await codeOf({ ...request, id: -1 })).toBe(-32_600);
    expect(await codeOf({ ...request, jsonrpc: "1.0" })).toBe(-32_600);
    expect(await codeOf({ ...request, method: "toString" })).toBe(-32_601);
    expect((await nitro("pay", { Amount: "5" }, token)).error?.code).toBe(-32_009);
    expect((await nitro("pay", { Amount: 0, Channel: channelId }, token)).error?.code).toBe(
      -32_602,
    );
    expect((await nitro("pay", { Amount: 5, Channel: channelId }, "x")).error?.code).toBe(-32_008);
  });

  unit("keeps the order of a batch, and answers each of its requests", async () => {
    const token = tokenFor(["pay"]);
    const one = (id: number, method: string, params: unknown) => ({
      jsonrpc: "2.0",
      id,
      method,
      params,
    });
    const pay = { channelId, amount: "1", authtoken: token };
    const response = await post([
      one(1, "payments_pay", pay),
      5,
      one(3, "nothing", {}),
      one(4, "payments_pay", pay),
    ]);
    const answers = (await response.json()) as readonly Answer[];

    expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
      [1, undefined],
      [null, -32_600],
      [3, -32_601],
      [4, undefined],
    ]);
  });

  adversarial("gives no token to whoever asks where that door is closed", async () => {
    const closed = await startScene(["alice"]);
    try {
      const client = connectNode({ url: closed.api("alice").url });
      const answer = await client.call("get_auth_token", {}).catch((error: unknown) => error);
      expect(answer).toMatchObject({ code: -32_008 });
    } finally {
      await closed.stop();
    }
  });

  adversarial("who asks through a proxy is not on this machine", async () => {
    const { url } = scene.api("alice");
    const headers = { "x-forwarded-for": "203.0.113.5" };
    const metrics = await fetch(`${url}/metrics`, { headers });
    const readable = await fetch(`${url}/metrics`, {
      headers: { ...headers, authorization: `Bearer ${tokenFor(["read"])}` },
    });
    const request = { jsonrpc: "2.0", id: 1, method: "get_auth_token", params: {} };
    const answer = (await (await post(request, headers)).json()) as Answer;

    expect([metrics.status, readable.status]).toEqual([401, 200]);
    expect(answer.error?.code).toBe(-32_008);
  });

  unit("serves health and metrics", async () => {
    const { url } = scene.api("alice");
    const texts = await Promise.all(
      ["/healthz", "/readyz", "/metrics", "/api/v1/health"].map(async (path) => {
        const response = await fetch(`${url}${path}`);
        return [response.status, await response.text()];
      }),
    );

    expect(texts[0]).toEqual([200, '{"live":true,"ready":true,"notReady":[]}']);
    expect(texts[1]?.[0]).toBe(200);
    expect(texts[2]).toEqual([200, "channels_up 1\n"]);
    expect(texts[3]).toEqual([200, "OK"]);
  });
});

/** Each name once: two errors with one number could not be told apart. */
describe("API_ERRORS", () => {
  invariant("every error has a number of its own", () => {
    const codes = (Object.keys(API_ERRORS) as ApiErrorName[]).map((name) => API_ERRORS[name].code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
