/** Alice, the hub Irene, and Bob: three nodes and a chain, each in a process of its own, on loopback. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ETH } from "../../sim/assets.ts";
import { addressOf } from "../../sim/simulated-chain.ts";
import { Daemon, type DaemonOptions } from "./daemon.ts";
import { type RealChain, startRealChain } from "./real-chain.ts";

/** What each side puts into a ledger, in wei. */
const LEDGER_WEI = 10n ** 18n;

/** Longest time until an objective is over, in milliseconds, while nodes come and go. */
const OBJECTIVE_MS_MAX = 180_000;

/** The cast. */
export type ThreeNodes = {
  readonly chain: RealChain;
  readonly alice: Daemon;
  readonly irene: Daemon;
  readonly bob: Daemon;
};

/** By which wire they talk, and what is between them. */
export type Between = {
  readonly wire: DaemonOptions["wire"];
  /** Where others dial a place. */
  readonly through?: (place: string) => string;
};

/** Starts all, lets a test use them, and leaves nothing. */
export async function withThreeNodes<Answer>(
  { through = (place) => place, wire }: Between,
  use: (nodes: ThreeNodes) => Promise<Answer>,
): Promise<Answer> {
  const home = mkdtempSync(join(tmpdir(), "channels-processes-"));
  const names = ["alice", "irene", "bob"] as const;
  const chain = await startRealChain(names.map(addressOf));
  const irene: Daemon = new Daemon({
    name: "irene",
    home: join(home, "irene"),
    chainUrl: chain.url,
    wire,
    peers: () => [],
  });
  // Each life knows where the others were when it began.
  const end = (name: "alice" | "bob", known: () => readonly Daemon[]): Daemon =>
    new Daemon({
      name,
      home: join(home, name),
      chainUrl: chain.url,
      wire,
      peers: () => known().map(({ address, place }) => ({ address, places: [through(place)] })),
    });
  const alice: Daemon = end("alice", () => (bob.wasStarted ? [irene, bob] : [irene]));
  const bob: Daemon = end("bob", () => [irene, alice]);
  const nodes = { chain, irene, alice, bob };
  try {
    await irene.start();
    await nodes.alice.start();
    await nodes.bob.start();
    await alice.client().call("peers_add", { address: bob.address, place: through(bob.place) });
    return await use(nodes);
  } finally {
    for (const node of [nodes.alice, nodes.bob, irene]) await node.kill();
    await chain.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Opens a ledger channel of one coin from each side, and waits until it is funded. */
export async function openLedger(node: Daemon, hub: Daemon): Promise<string> {
  const shares = [{ asset: ETH.address, mine: `${LEDGER_WEI}`, theirs: `${LEDGER_WEI}` }];
  const wanted = { peer: hub.address, shares, idempotencyKey: "the ledger" };
  const opened = await node.insist("channels_open_ledger", wanted);
  await completed(node, opened.objectiveId);
  return opened.channelId;
}

/** A virtual channel over the hub in which only the one who opens it can pay. */
export type VirtualWish = {
  readonly amount: bigint;
  readonly hub: Daemon;
  readonly payee: Daemon;
  /** Told apart from others of its node by this. */
  readonly name: string;
};

/** Opens a virtual channel, and waits until it can be paid in. */
export async function openVirtual(
  node: Daemon,
  { amount, hub, name, payee }: VirtualWish,
): Promise<string> {
  const opened = await node.insist("channels_open_virtual", {
    payee: payee.address,
    intermediaries: [hub.address],
    shares: [{ asset: ETH.address, mine: `${amount}`, theirs: "0" }],
    idempotencyKey: `open ${name}`,
  });
  await completed(node, opened.objectiveId);
  return opened.channelId;
}

/** Closes a channel and waits until that is over. */
export async function close(node: Daemon, channelId: string): Promise<void> {
  const idempotencyKey = `close ${channelId}`;
  const { objectiveId } = await node.insist("channels_close", { channelId, idempotencyKey });
  await completed(node, objectiveId);
}

/** Waits until an objective is over, however often its node goes away meanwhile. */
async function completed(node: Daemon, objectiveId: string): Promise<void> {
  const deadlineMs = performance.now() + OBJECTIVE_MS_MAX;
  for (;;) {
    const view = await node.insist("objectives_wait", { objectiveId, timeoutMs: 20_000 });
    if (view.status === "Completed") return;
    if (view.status === "Rejected" || performance.now() > deadlineMs) {
      throw new Error(`${node.name}: ${objectiveId} is not completed: ${JSON.stringify(view)}`);
    }
  }
}
