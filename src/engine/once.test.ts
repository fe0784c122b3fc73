/** Wishes with a key are granted once, also over a restart; and vouchers come by any way. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { integration } from "../../test/kind.ts";
import { LivingNodes } from "../../test/living-nodes.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { externalDestination } from "../channel/destination.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import type { Once } from "./once.ts";
import type { Request } from "./request.ts";

const once = (key: string, wish = "0"): Once => ({
  key: `0x${key.padStart(64, "0")}` as Hash,
  wish: `0x${wish.padStart(64, "0")}` as Hash,
});

describe("a wish with a key", () => {
  let nodes: LivingNodes;
  let channelId: ChannelId;
  beforeAll(async () => {
    nodes = await LivingNodes.start(["alice", "bob", "irene"]);
    for (const name of ["alice", "bob"] as const) {
      const { engine } = nodes.node(name);
      const opened = await engine.submit(ledger(nodes, nodes.addressOf(name)));
      assert(opened.ok, "the ledger is asked for");
      await engine.settled(opened.value);
    }
    const { engine } = nodes.node("alice");
    const opened = await engine.submit(virtual(nodes));
    assert(opened.ok, "the virtual channel is asked for");
    const objective = await engine.settled(opened.value);
    expect(objective.status).toBe("Completed");
    channelId = objective.channelId;
  });
  afterAll(() => nodes.stop());

  integration("pays once, however often it is asked for, also after a restart", async () => {
    const payment = { asset: ZERO_ADDRESS, amount: 3n };
    const first = await nodes.node("alice").engine.pay(channelId, payment, { once: once("a1") });
    const again = await nodes.node("alice").engine.pay(channelId, payment, { once: once("a1") });
    nodes.stopNode("alice");
    await nodes.startNode("alice");
    const { engine } = nodes.node("alice");
    const later = await engine.pay(channelId, payment, { once: once("a1") });
    const other = await engine.pay(channelId, payment, { once: once("a2") });
    const mistaken = await engine.pay(channelId, payment, { once: once("a1", "1") });

    expect(first.ok && first.value.amounts).toEqual([3n]);
    expect(again).toEqual(first);
    expect(later).toEqual(first);
    expect(other.ok && other.value.amounts).toEqual([6n]);
    expect(mistaken).toEqual({ ok: false, reason: { code: "KeyReused" } });
  });

  integration("opens one channel, though two ask at the same moment", async () => {
    const { engine } = nodes.node("alice");
    const request = ledger(nodes, nodes.addressOf("alice"));
    const [one, other] = await Promise.all([
      engine.submit(request, once("b1")),
      engine.submit(request, once("b1")),
    ]);

    expect(one.ok).toBe(true);
    expect(other).toEqual(one);
  });

  integration("is refused at once by a node that has stopped", async () => {
    const { engine } = nodes.node("irene");
    nodes.stopNode("irene");
    const payment = { asset: ZERO_ADDRESS, amount: 1n };
    const stopped = { ok: false, reason: { code: "NodeStopped" } };

    expect(await engine.pay(channelId, payment)).toEqual(stopped as never);
    expect(await engine.submit({ type: "Dispute", channelId })).toEqual(stopped as never);
    await nodes.startNode("irene");
  });

  integration("is not used up by a refusal", async () => {
    const { engine } = nodes.node("alice");
    const tooMuch = await engine.pay(
      channelId,
      { asset: ZERO_ADDRESS, amount: 10n ** 9n },
      { once: once("c1") },
    );
    const enough = await engine.pay(
      channelId,
      { asset: ZERO_ADDRESS, amount: 1n },
      { once: once("c1") },
    );

    expect(tooMuch.ok).toBe(false);
    expect(enough.ok).toBe(true);
  });

  integration("a voucher that is handed over pays what it adds, and pays once", async () => {
    const { engine } = nodes.node("alice");
    const bob = nodes.node("bob").engine;
    const receivedByBob = () => bob.channel(channelId)?.vouchers.received?.amounts[0] ?? 0n;
    const issued = assertDefined(engine.channel(channelId)?.vouchers.issued, "a voucher");
    while (receivedByBob() < (issued.amounts[0] ?? 0n)) await Bun.sleep(1);
    const before = receivedByBob();
    const payment = { asset: ZERO_ADDRESS, amount: 5n };
    const paid = await engine.pay(channelId, payment, { isHandedOver: true });
    assert(paid.ok, "the payment is made");
    await Bun.sleep(20);
    expect(receivedByBob()).toBe(before);

    const handed = { ...paid.value, counted: undefined };
    const forged = await bob.handOver(channelId, { ...handed, counter: handed.counter + 1 });
    const taken = await bob.handOver(channelId, handed);
    const again = await bob.handOver(channelId, handed);

    expect(forged).toEqual({ ok: false, reason: { code: "WrongSignature" } });
    expect(taken).toEqual({ ok: true, value: { total: [before + 5n], delta: [5n] } });
    expect(again).toEqual({ ok: true, value: { total: [before + 5n], delta: [0n] } });
  });
});

/** A ledger channel with Irene. */
function ledger({ addressOf, chain }: LivingNodes, me: Address): Request {
  const participants = [me, addressOf("irene")];
  const allocations = participants.map((one) => ({
    destination: externalDestination(one),
    amount: 1_000n,
    allocationType: 0,
    metadata: "0x" as const,
  }));
  return {
    type: "FundDirectly",
    participants,
    outcome: [
      { asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations },
    ],
    appDefinition: chain.deployment.ledgerApp,
    appData: "0x",
    challengeDurationSec: 86_400,
  };
}

/** A virtual channel of Alice and Bob over Irene. */
function virtual({ addressOf, chain }: LivingNodes): Request {
  return {
    type: "FundVirtually",
    payee: addressOf("bob"),
    route: { intermediaries: [addressOf("irene")], fees: [0n] },
    ledgerId: undefined,
    shares: [{ asset: ZERO_ADDRESS, left: 100n, right: 0n }],
    appDefinition: chain.deployment.paymentApp,
    challengeDurationSec: 86_400,
  };
}
