/** A ledger goes on in the next one when the chain has paid it by the end of a withdrawal, whatever was told before. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import type { PureNetwork } from "../../test/pure-network.ts";
import { ASSETS, channelAt, openLedger, statusOf } from "../../test/wishful-ledger.ts";
import type { AdjudicatorEvent } from "../chain/adjudicator-logs.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { isUsedUp } from "../channel/holdings.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { assertDefined } from "../primitives/assert.ts";
import { questionsAfter } from "./successor-holdings.ts";

const LEADER = 0;
const FOLLOWER = 1;

/** Above all blocks of the network. */
const FIRST_BLOCK = 1_000;

const hashOf = (blockNumber: number): Hash =>
  `0x${blockNumber.toString(16).padStart(64, "0")}` as Hash;

/** What a log says, without its place. */
type Said = AdjudicatorEvent extends infer Log
  ? Log extends { readonly position: unknown }
    ? Omit<Log, "position">
    : never
  : never;

/** The leader hears of one log, in a block of its own. */
function tell(network: PureNetwork, blockNumber: number, said: Said): void {
  const block = { blockNumber, blockHash: hashOf(blockNumber) };
  const position = { ...block, transactionIndex: 0, logIndex: 0, transactionHash: hashOf(1) };
  const log = { ...said, position } as AdjudicatorEvent;
  const news = { type: "LogsConfirmed", logs: [log], block, blockTimeSec: blockNumber } as const;
  network.decide(LEADER, { type: "Chain", news });
}

const isChain = (queue: string): boolean => /^(chain|account)/.test(queue);

/** The leader has signed the end, for a withdrawal of hers; the follower keeps his signature back. */
function withheld() {
  const { ledgerId, network } = openLedger();
  const id = network.ask(LEADER, {
    type: "Withdraw",
    channelId: ledgerId,
    amounts: [{ asset: ZERO_ADDRESS, leader: 30n, follower: 0n }],
  });
  const ledger = () => channelAt(network, LEADER, ledgerId);
  while (!ledger().finalSignedByMe && network.act(0));
  while (network.actIn((queue) => queue === `${LEADER} to ${FOLLOWER}`));
  const next = [...network.node(LEADER).state.channels.keys()].at(-1);
  return { network, ledgerId, id, ledger, next: assertDefined(next, "the next ledger") };
}

const payout = (channelId: ChannelId, assetIndex = 0): Said => ({
  type: "AllocationUpdated",
  channelId,
  assetIndex,
  initialHoldings: 200n,
  finalHoldings: 0n,
  indices: [],
});

describe("a ledger that the chain has concluded", () => {
  adversarial("goes on in the next one, though it looked as if an older state had paid it", () => {
    const { id, ledger, ledgerId, network, next } = withheld();
    const shown = assertDefined(ledger().supported, "the state before");
    const signatures = shown.signatures.flatMap((one) => one ?? []);
    const candidate = { variablePart: shown.variablePart, signatures };
    const about = { channelId: ledgerId, finalizesAtSec: FIRST_BLOCK + 100 };
    tell(network, FIRST_BLOCK, { type: "ChallengeRegistered", ...about, candidate, proof: [] });
    // The log of the conclude comes late: the payout behind it seems to be that of the challenge.
    tell(network, FIRST_BLOCK + 2, payout(ledgerId));
    expect(statusOf(network, LEADER, id)).toBe("ChannelDisputed");

    const blockOf = (blockNumber: number) => ({ blockNumber, blockHash: hashOf(blockNumber) });
    const [fork, from] = [blockOf(FIRST_BLOCK), blockOf(FIRST_BLOCK + 2)];
    const reorged = { type: "ChainReorged", fork, from, to: from } as const;
    network.decide(LEADER, { type: "Chain", news: reorged });
    const finalizesAtSec = FIRST_BLOCK + 1;
    tell(network, FIRST_BLOCK + 1, { type: "Concluded", channelId: ledgerId, finalizesAtSec });
    const { length } = network.node(LEADER).log;
    tell(network, FIRST_BLOCK + 2, payout(ledgerId));

    const { log, state } = network.node(LEADER);
    expect(ledger().ledger?.successor).toBe(next);
    expect(state.channels.get(next)?.ledger?.predecessor).toBe(ledgerId);
    const asked = questionsAfter(state, log.slice(length)).map(({ channelId }) => channelId);
    expect(asked).toEqual([next]);
  });
});

describe("a withdrawal that the chain has paid", () => {
  unit("waits for what the next ledger holds, though its time is over by then", () => {
    const { id, ledger, ledgerId, network } = withheld();
    while (ledger().ledger?.successor === undefined && network.actIn((queue) => !isChain(queue)));
    const finalizesAtSec = FIRST_BLOCK;
    tell(network, FIRST_BLOCK, { type: "Concluded", channelId: ledgerId, finalizesAtSec });
    for (const index of ASSETS.keys()) {
      tell(network, FIRST_BLOCK + 1 + index, payout(ledgerId, index));
    }
    expect(isUsedUp(ledger())).toBe(true);

    network.decide(LEADER, { type: "Expired", objectiveId: id });

    expect(statusOf(network, LEADER, id)).toBe("Approved");
  });
});
