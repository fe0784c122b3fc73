/** The API over WebSockets: subscriptions, slow readers, connections that break, and go-nitro's notifications. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { connect } from "node:net";
import { type ApiScene, openVirtual, startScene, tokenFor } from "../../../test/api-scene.ts";
import { adversarial, integration, unit } from "../../../test/kind.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import type { Address } from "../../crypto/address.ts";
import type { NodeEvent } from "../../events/event.ts";
import type { Clock } from "../../ports/clock.ts";
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
      const before = await scene.client("alice").call("get_payment_channel", { Id: channelId });
      const paid = BigInt(before.Balance.PaidSoFar) + 1n;
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
        params: {
          payload: {
            ID: channelId,
            Status: "Open",
            Balance: { PaidSoFar: `0x${paid.toString(16)}` },
          },
        },
      });
      const ledgers = line.messages.filter(({ method }) => method === "ledger_channel_updated");
      expect(ledgers.at(-1)?.params?.payload).toMatchObject({ Status: "Open" });
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

  adversarial(
    "a real connection that reads nothing holds some kilobytes here, and no more",
    async () => {
      const { engine } = scene.nodes.node("alice");
      const payment = { asset: `0x${"00".repeat(20)}` as Address, amount: 1n };
      for (let count = 0; count < 100; count += 1)
        await engine.pay(channelId as ChannelId, payment);
      const { load, port } = scene.api("alice");
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.pause();
      socket.write(
        `GET /api/v1/subscribe?notifications=none HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${"A".repeat(22)}==\r\nauthorization: Bearer ${tokenFor(["read"])}\r\n\r\n`,
      );
      while (load().sockets === 0) await Bun.sleep(1);
      // Sixteen times the whole log: more than the machine's own buffers hold.
      for (let id = 1; id <= 16; id += 1) socket.write(masked(subscribeAll));
      let largest = 0;
      for (let look = 0; look < 100; look += 1) {
        await Bun.sleep(3);
        largest = Math.max(largest, load().bufferedBytes);
      }
      socket.destroy();

      expect(largest).toBeGreaterThan(100_000);
      // The limit, and one event of each subscription on top.
      expect(largest).toBeLessThan(262_144 + 16 * 16_384);
      while (load().sockets > 0) await Bun.sleep(1);
    },
  );

  unit("without a token is closed after ten seconds, and stays open where that door is", () => {
    const closed = slowSocket(scene, scene.nodes.node("alice").store, undefined, { isOpen: false });
    const open = slowSocket(scene, scene.nodes.node("alice").store, undefined, { isOpen: true });
    for (const one of [closed, open]) one.socket.open(one.raw);
    for (const one of [closed, open]) one.timers.at(0)?.();

    expect(closed.closedWith()).toBe(CLOSE.unauthorized);
    expect(open.closedWith()).toBeUndefined();
    open.socket.closed();
  });

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

/** A text frame as a client sends it: masked, here with zeros. Source: RFC 6455, 5.2. */
function masked(text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  return Uint8Array.from([0x81, 0x80 | payload.length, 0, 0, 0, 0, ...payload]);
}

const subscribeAll = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "events_subscribe",
  params: { from: 0 },
});

/** A socket whose reader takes what it has only when told to; each message weighs a quarter of the limit. */
function slowSocket(
  scene: ApiScene,
  store: EventStore<NodeEvent>,
  lagMax: number | undefined,
  nobody?: { readonly isOpen: boolean },
) {
  const timers: (() => void)[] = [];
  const clock: Clock = {
    nowMs: systemClock.nowMs,
    after: (_delayMs, run) => {
      timers.push(run);
      return () => {};
    },
  };
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
    clock,
    notifier: scene.notifier("alice"),
    caller: {
      claims: nobody === undefined ? claims : undefined,
      isLoopback: true,
      isGo: false,
      socket: undefined,
    },
    isNotified: false,
    isOpen: nobody?.isOpen === true,
    lagMax,
  });
  return {
    socket,
    raw,
    timers,
    sent: () => count,
    bytes: () => buffered,
    take: () => {
      buffered = 0;
      socket.drained();
    },
    closedWith: () => code,
  };
}
