/** Disputes while strangers move the money by contracts of their own, which say nothing of what they did. */
import { describe, expect } from "bun:test";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import { reclaimCall, transferCall } from "../../src/chain/adjudicator.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { encodeOutcome } from "../../src/channel/outcome-encoding.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import { toHex } from "../../src/primitives/hex.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { channelOf, type DisputeScene, playDispute, WINDOW_SEC } from "./dispute-scene.ts";
import { forwarded, forwarderCreation } from "./forwarder.ts";

const evm = chainOfFile("evm");

/** The chain, as endpoints show it that give no traces. */
function untraced(): SimulatedChain {
  const chain = evm();
  const { rpc } = chain.local;
  const request: EthereumRpc["request"] = (method, params) => {
    if (!method.startsWith("debug_")) return rpc.request(method, params);
    throw new NodeError("RpcRefused", "this endpoint gives no traces");
  };
  return { ...chain, local: { ...chain.local, rpc: { request } } };
}

/** What the adjudicator will have on record of a channel once its challenge is over. */
async function recordOf({ world }: DisputeScene, channelId: ChannelId) {
  const { adjudication } = await channelOf(world, "alice", channelId);
  assert(adjudication.type !== "Open", "somebody has challenged");
  const outcome = assertDefined(adjudication.outcome, "a known outcome");
  const { stateHash } = adjudication;
  return { outcome, outcomeBytes: toHex(encodeOutcome(outcome)), stateHash };
}

/** How long the owner is away: what the chain has done comes to her bit by bit, or all in one piece. */
const HEARD = [
  { awaySec: 0, heard: "at once" },
  { awaySec: 600, heard: "together with the end of the challenges" },
];

describe.each([
  { traces: "gives traces", chainOf: evm },
  { traces: "gives no traces", chainOf: untraced },
])(
  "a stranger who calls through a contract of her own, where the endpoint $traces,",
  ({ chainOf }) => {
    adversarial(
      "and pays out one of two equal shares cannot keep the other one from its owner",
      async () => {
        let won = -1n;
        await playDispute(
          { chain: chainOf(), cast: ["alice", "bob"], isWatched: false },
          async (scene) => {
            const { call, chain, stage, world } = scene;
            const { alice, bob, eth } = stage;
            const { adjudicator } = world.options.chain.deployment;
            const before = await alice.wallet(eth);
            const channelId = await alice.openChannel([bob], [{ asset: eth, amounts: [50n, 50n] }]);
            bob.crash();
            await call(forwarderCreation, "a forwarder");
            const over = alice.dispute(channelId);
            await world.pause(60_000);
            const { outcomeBytes, stateHash } = await recordOf(scene, channelId);
            const first = { assetIndex: 0, channelId, outcomeBytes, stateHash, indices: [1] };
            await chain.mineUntil(chain.newestSec() + WINDOW_SEC - 60);
            alice.crash();
            await chain.mineUntil(chain.newestSec() + 60);
            await call(forwarded(transferCall(adjudicator, first)), "pay Bob alone");
            await alice.restart();
            await over;
            won = (await alice.wallet(eth)) - before;
          },
        );
        expect(won).toBe(0n);
      },
      60_000,
    );

    for (const { awaySec, heard } of HEARD) {
      adversarial(
        `and reclaims a guarantee does not keep the rest of the ledger from its owners, who hear of it ${heard}`,
        async () => {
          let won = -1n;
          const cast = ["alice", "irene", "bob"] as const;
          await playDispute({ chain: chainOf(), cast, isWatched: false }, async (scene) => {
            const { call, chain, stage, world } = scene;
            const { alice, bob, eth, irene } = stage;
            const { adjudicator } = world.options.chain.deployment;
            const before = await alice.wallet(eth);
            const deposits = [{ asset: eth, amounts: [100n, 100n] }];
            const ledger = await alice.openLedger(irene, deposits);
            await irene.openLedger(bob, deposits);
            const count = chainOf === evm ? 2 : 1;
            const targets: ChannelId[] = [];
            for (let index = 0; index < count; index++) {
              targets.push(await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]));
            }
            irene.crash();
            bob.crash();
            await call(forwarderCreation, "a forwarder");
            const over = alice.dispute(ledger);
            await chain.mineUntil(chain.newestSec() + WINDOW_SEC - 60);
            alice.crash();
            const source = await recordOf(scene, ledger);
            const target = await recordOf(scene, assertDefined(targets.at(-1), "the last channel"));
            await chain.mineUntil(chain.newestSec() + 120);
            const reclaim = {
              sourceChannelId: ledger,
              sourceStateHash: source.stateHash,
              sourceOutcomeBytes: source.outcomeBytes,
              sourceAssetIndex: 0,
              indexOfTargetInSource: count - 1,
              targetStateHash: target.stateHash,
              targetOutcomeBytes: target.outcomeBytes,
              targetAssetIndex: 0,
            };
            await call(forwarded(reclaimCall(adjudicator, reclaim)), "reclaim the last guarantee");
            await chain.mineUntil(chain.newestSec() + awaySec);
            await alice.restart();
            await over;
            won = (await alice.wallet(eth)) - before;
          });
          expect(won).toBe(0n);
        },
        60_000,
      );
    }
  },
);
