/** The API over WebSockets: subscriptions, slow readers, connections that break, and go-nitro's notifications. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { type ApiScene, openVirtual, startScene, tokenFor } from "../../../test/api-scene.ts";
import { adversarial, integration, unit } from "../../../test/kind.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import type { NodeEvent } from "../../events/event.ts";
import type { EventStore } from "../../store/event-store.ts";
import { connectNode } from "../client/node-client.ts";
import { ApiSocket, CLOSE, type RawSocket } from "./api-socket.ts";
import type { EventView } from "./api-types.ts";

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly error?: { readonly code: number };
  readonly result?: unknown;
  readonly params?: { readonly payload?: unknown; readonly event?: EventView };
};

/** A WebSocket and what came over it. */
class Line {
  readonly messages: Message[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;

  constructor(url: string, headers: Record<string, string> = {}, query = "") {
    const place = `${url.replace("http", "ws")}/api/v1/subscribe${query}`;
    this.socket = new WebSocket(place, { headers });
    this.socket.onmessage = ({ data }) => this.messages.push(JSON.parse(String(data)) as Message);
    this.closed = new Promise((resolve) => {
      this.socket.onclose = ({ code }) => resolve(code);
    });
  }

  async opened(): Promise<this> {
    await new Promise((resolve) => {
      this.socket.onopen = resolve;
    });
    return this;
  }

  send(id: number, method: string, params: unknown): void {
    this.socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
  }

  async until(found: (messages: readonly Message[]) => boolean): Promise<void> {
    while (!found(this.messages)) await Bun.sleep(1);
  }

  async answer(id: number): Promise<Message> {
    await this.until((messages) =>
      messages.some((one) => one.id === id && one.method === undefined),
    );
    return this.messages.find((one) => one.id === id && one.method === undefined) ?? {};
  }
}

describe("a WebSocket", () => {
  let scene: ApiScene;
  let channelId: string;
  beforeAll(async () => {
    scene = await startScene(["alice", "bob", "irene"]);
    channelId = await openVirtual(scene);
  });
  afterAll(() => scene.stop());

  const lineTo = (query = "?notifications=none", token = tokenFor(["manage"])): Promise<Line> =>
    new Line(scene.api("alice").url, { authorization: `Bearer ${token}` }, query).opened();
  const offsetsIn = ({ messages }: Line): readonly number[] =>
    messages.flatMap(({ params }) => (params?.event === undefined ? [] : [params.event.offset]));

  integration("tells every event from an offset on, past and to come", async () => {
    const line = await lineTo();
    line.send(1, "events_subscribe", { from: 5 });
    await line.answer(1);
    await scene.client("alice").call("payments_pay", { channelId, amount: "1" });
    const { length } = scene.nodes.node("alice").store;
    await line.until(() => (offsetsIn(line).at(-1) ?? 0) >= length - 1);
    line.send(2, "events_unsubscribe", { subscription: 1 });
    expect((await line.answer(2)).result).toEqual({ ended: true });
    line.socket.close();

    const offsets = offsetsIn(line);
    expect(offsets).toEqual(Array.from(offsets, (_, index) => index + 5));
  });

  integration("tells only what is asked for", async () => {
    const line = await lineTo();
    line.send(1, "events_subscribe", { from: 0, channelId });
    await line.until(() => offsetsIn(line).length > 5);
    line.socket.close();
    const types = line.messages.flatMap(({ params }) => params?.event?.tags ?? []);

    expect(types).toContain(`channel:${channelId}`);
    expect(
      line.messages.every(
        ({ params }) =>
          params?.event === undefined || params.event.tags.includes(`channel:${channelId}`),
      ),
    ).toBe(true);
  });

  unit("lets in whoever shows a token first, and nobody without one", async () => {
    const line = await new Line(scene.api("alice").url).opened();
    line.send(1, "node_info", {});
    expect((await line.answer(1)).error?.code).toBe(-32_008);
    line.send(2, "session_authenticate", { token: "cht1.x.y" });
    expect((await line.answer(2)).error?.code).toBe(-32_008);
    line.send(3, "session_authenticate", { token: tokenFor(["read"]) });
    expect((await line.answer(3)).result).toEqual({ scopes: ["read"] });
    line.send(4, "node_info", {});
    expect((await line.answer(4)).error).toBeUndefined();
    line.send(5, "payments_pay", { channelId, amount: "1" });
    expect((await line.answer(5)).error?.code).toBe(-32_002);
    line.socket.close();
  });

  unit("subscriptions need a WebSocket, and are no more than sixteen", async () => {
    const over = await scene
      .client("alice")
      .call("events_subscribe", {})
      .catch((error: unknown) => error);
    const line = await lineTo();
    for (let id = 1; id <= 17; id += 1) line.send(id, "events_subscribe", {});
    const last = await line.answer(17);
    line.socket.close();

    expect(over).toMatchObject({ code: -32_006 });
    expect(last.error?.code).toBe(-32_004);
    expect((await line.answer(16)).error).toBeUndefined();
  });

  integration(
    "tells go-nitro's clients of channels and objectives without being asked",
    async () => {
      const line = await lineTo("");
      const quiet = await lineTo();
      await scene.client("alice").call("payments_pay", { channelId, amount: "1" });
      await line.until((messages) => messages.length > 0);
      const asset = `0x${"00".repeat(20)}`;
      const opened = await scene.client("alice").call("channels_open_ledger", {
        peer: scene.nodes.addressOf("bob"),
        shares: [{ asset, mine: "1", theirs: "1" }],
      });
      const done = `DirectFunding-${opened.channelId}`;
      await line.until((messages) => messages.some(({ params }) => params?.payload === done));
      line.socket.close();
      quiet.socket.close();

      expect(line.messages[0]).toMatchObject({
        jsonrpc: "2.0",
        method: "payment_channel_updated",
        params: { payload: { ID: channelId, Status: "Open" } },
      });
      const methods = new Set(line.messages.map(({ method }) => method));
      expect(methods).toContain("ledger_channel_updated");
      expect(methods).toContain("objective_completed");
      expect(quiet.messages).toEqual([]);
    },
  );

  integration("the client goes on from where it was when its node starts anew", async () => {
    const seen: number[] = [];
    const ending = new AbortController();
    let losses = 0;
    const onLost = (): void => {
      losses += 1;
    };
    const port = scene.api("alice").port;
    const proxy = connectNode({ url: scene.api("alice").url, token: tokenFor(["read"]) });
    const reading = (async () => {
      const options = { from: 0, signal: ending.signal, onLost };
      for await (const { offset } of proxy.events(options)) seen.push(offset);
    })();
    while (seen.length < 10) await Bun.sleep(1);
    await scene.restart("alice", port);
    await scene.client("alice").call("payments_pay", { channelId, amount: "1" });
    const { length } = scene.nodes.node("alice").store;
    while (seen.length < length) await Bun.sleep(1);
    ending.abort();
    await reading;

    expect(losses).toBeGreaterThan(0);
    expect(seen).toEqual(Array.from(seen, (_, index) => index));
  });

  adversarial(
    "a reader that takes nothing costs no memory, and is cut off with a code",
    async () => {
      const { store } = scene.nodes.node("alice");
      const slow = slowSocket(scene, store, 20);
      slow.socket.open(slow.raw);
      await slow.socket.received(subscribeAll);
      while (slow.sent() < 2) await Bun.sleep(1);
      await Bun.sleep(20);
      const kept = slow.bytes();
      // Four events, and the answer to the subscription.
      expect(kept).toBe(5 * 70_000);
      for (let count = 0; count < 25; count += 1) {
        await scene.client("alice").call("payments_pay", { channelId, amount: "1" });
      }
      expect(slow.closedWith()).toBe(CLOSE.tooSlow);
      expect(slow.bytes()).toBe(kept);
    },
  );

  adversarial("a reader that is only slow gets everything", async () => {
    const { store } = scene.nodes.node("alice");
    const slow = slowSocket(scene, store, undefined);
    slow.socket.open(slow.raw);
    await slow.socket.received(subscribeAll);
    const { length } = store;
    while (slow.sent() < length + 1) {
      slow.take();
      await Bun.sleep(0);
    }
    slow.socket.closed();
    expect(slow.closedWith()).toBeUndefined();
  });
});

const subscribeAll = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "events_subscribe",
  params: { from: 0 },
});

/** A socket whose reader takes what it has only when told to; each message weighs a quarter of the limit. */
function slowSocket(scene: ApiScene, store: EventStore<NodeEvent>, lagMax: number | undefined) {
  const weight = 70_000;
  let buffered = 0;
  let count = 0;
  let code: number | undefined;
  const raw: RawSocket = {
    send: () => {
      count += 1;
      buffered += weight;
    },
    getBufferedAmount: () => buffered,
    close: (given) => {
      code ??= given;
    },
  };
  const claims = { scopes: ["manage"], expiresAtSec: 4_000_000_000, name: "slow" } as const;
  const socket = new ApiSocket({
    dispatch: {
      context: { ...scene.context("alice"), node: { ...scene.nodes.node("alice"), store } },
      secret: new Uint8Array(32),
      nowMs: systemClock.nowMs,
      rates: scene.rates(),
      onAnswer: () => {},
      onBug: (error) => {
        throw error;
      },
    },
    clock: systemClock,
    notifier: scene.notifier("alice"),
    caller: { claims, isLoopback: true, isGo: false, socket: undefined },
    isNotified: false,
    isOpen: false,
    lagMax,
  });
  return {
    socket,
    raw,
    sent: () => count,
    bytes: () => buffered,
    take: () => {
      buffered = 0;
      socket.drained();
    },
    closedWith: () => code,
  };
}
