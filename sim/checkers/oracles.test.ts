/** The oracles are alive: each finds the fault that is planted for it, and none finds anything else. */
import { describe, expect } from "bun:test";
import { mintCall } from "../../contracts/test-token.ts";
import type { ContractCall } from "../../src/chain/adjudicator.ts";
import { depositCall } from "../../src/chain/adjudicator.ts";
import { signTransaction } from "../../src/chain/transaction.ts";
import { phaseOf } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { ALLOCATION_TYPE } from "../../src/channel/outcome.ts";
import { stateHash } from "../../src/channel/state.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { signatureBackend } from "../../src/crypto/signatures.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { RecordHash } from "../../src/events/record.ts";
import { encodeMessage } from "../../src/messages/codec.ts";
import { encodeFrame } from "../../src/network/frame.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { adversarial, integration } from "../../test/kind.ts";
import { playWorld } from "../../test/played-world.ts";
import { type ActorName, keyOf } from "../actors.ts";
import { BASE_FEE_WEI, LOCAL_CHAIN_ID } from "../chain/local-chain.ts";
import { addressOf } from "../simulated-chain.ts";
import type { World } from "../world.ts";
import { type Oracles, watchWorld } from "./oracles.ts";

const chain = chainOfFile("evm");

/** A world with a channel of Alice and Bob, and those who look on. */
type Watched = { readonly world: World; readonly oracles: Oracles; readonly channelId: ChannelId };

type Plant = {
  /** Before anything happens. */
  readonly prepare?: (world: World) => void;
  /** Once the channel runs, or once both believe so. */
  readonly act?: (watched: Watched) => Promise<void>;
};

/** Plays a channel in a world with a fault, and gives what the oracles said of it. */
async function findingsOf({ prepare, act }: Plant): Promise<readonly string[]> {
  let oracles: Oracles | undefined;
  const found: string[] = [];
  await playWorld(
    {
      seed: 7,
      cast: ["alice", "bob"],
      chain: chain(),
      prepare: async (world) => {
        prepare?.(world);
        oracles = await watchWorld(world);
      },
    },
    async (world) => {
      const watching = assertDefined(oracles, "the oracles");
      const channelId = await open(world);
      await act?.({ world, oracles: watching, channelId });
      await watching.finish();
      // The world must end well: what was found is what is asked for here.
      found.push(...world.violations.map(({ message, oracle }) => `${oracle}: ${message}`));
      world.violations.length = 0;
    },
  );
  return found;
}

async function open(world: World): Promise<ChannelId> {
  const people = (["alice", "bob"] as const).map((name) => world.node(name).address);
  const answer = await world.node("alice").engine.submit({
    type: "FundDirectly",
    participants: people,
    outcome: [
      {
        asset: ZERO_ADDRESS,
        assetMetadata: { assetType: 0, metadata: "0x" },
        allocations: people.map((person, index) => ({
          destination: externalDestination(person),
          amount: index === 0 ? 6n : 4n,
          allocationType: ALLOCATION_TYPE.simple,
          metadata: "0x",
        })),
      },
    ],
    appDefinition: world.options.chain.deployment.consensusApp,
    appData: "0x",
    challengeDurationSec: 86_400,
  });
  const [channel] = world.node("alice").engine.channels();
  expect(answer.ok).toBe(true);
  const { id } = assertDefined(channel, "the channel");
  const isRunning = (name: ActorName): boolean => {
    const known = world.node(name).engine.channel(id);
    return known !== undefined && phaseOf(known) === "Running";
  };
  while (!isRunning("alice") || !isRunning("bob")) await world.pause(1_000);
  return id;
}

/** Shows an oracle one more record of a node, which the node has never written. */
function forge({ oracles, world }: Watched, node: ActorName, event: NodeEvent): void {
  const { length } = world.node(node).store;
  const hash = `0x${"00".repeat(32)}` as RecordHash;
  oracles.sawRecord(node, { offset: length, timeMs: world.timeline.nowMs, event, hash });
}

/** What Alice would sign next: she pays Bob `amount`. */
function payment({ channelId, world }: Watched, turnNum: number, amount: bigint) {
  const channel = assertDefined(world.node("alice").engine.channel(channelId), "the channel");
  const [exit] = channel.fundingOutcome;
  const [first, second] = exit?.allocations ?? [];
  if (exit === undefined || first === undefined || second === undefined) throw new Error("empty");
  const allocations = [
    { ...first, amount: first.amount - amount },
    { ...second, amount: second.amount + amount },
  ];
  const outcome = [{ ...exit, allocations }];
  const variablePart = { outcome, appData: "0x", turnNum, isFinal: false } as const;
  const key = keyOf("alice");
  const signature = world.options.signatures.signHash(stateHash(channelId, variablePart), key);
  const objectiveId = `Update-${channelId}-0-0` as never;
  return { objectiveId, channelId, variablePart, signature };
}

/** Sends a transaction of Eve, who has no node here, and waits until it is mined. */
async function sendFromEve(world: World, call: ContractCall): Promise<void> {
  const rpc = world.door.rpcOf("eve");
  const from = addressOf("eve");
  const nonce = Number(await rpc.request("eth_getTransactionCount", [from, "latest"]));
  const { raw } = signTransaction(
    {
      ...call,
      chainId: BigInt(LOCAL_CHAIN_ID),
      nonce,
      gasLimit: 200_000n,
      maxFeePerGasWei: 2n * BASE_FEE_WEI,
      maxPriorityFeePerGasWei: BASE_FEE_WEI,
    },
    (digest) => signatureBackend.signDigest(digest, keyOf("eve")),
  );
  await rpc.request("eth_sendRawTransaction", [raw]);
  await world.pause(30_000);
}

describe("a world without a fault", () => {
  integration(
    "gives the oracles nothing to say, while it is funded, paid in and closed",
    async () => {
      const found = await findingsOf({
        act: async ({ channelId, world }) => {
          const change = { type: "Pay", asset: ZERO_ADDRESS, to: 1, amount: 1n } as const;
          const { engine } = world.node("alice");
          const paid = await engine.submit({ type: "UpdateChannel", channelId, change });
          if (paid.ok) await engine.settled(paid.value);
          const closed = await engine.submit({ type: "DefundDirectly", channelId });
          if (closed.ok) await engine.settled(closed.value);
          expect([paid.ok, closed.ok]).toEqual([true, true]);
        },
      });

      expect(found).toEqual([]);
    },
  );
});

describe("double signature", () => {
  adversarial("names both places where a key signed two states for one turn", async () => {
    const found = await findingsOf({
      act: async (watched) => {
        forge(watched, "alice", { type: "StateSigned", ...payment(watched, 2, 1n) });
        forge(watched, "bob", { type: "StateReceived", ...payment(watched, 2, 2n), by: 0 });
      },
    });

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^double signature: bob's log at offset \d+: 0xa11ce\w+ signed turn 2 of 0x\w+ as two states, the other one in alice's log at offset \d+$/,
    );
  });

  adversarial(
    "finds a signature after the final state, and a final state below another turn",
    async () => {
      const final = (watched: Watched, turnNum: number) => {
        const { variablePart, ...rest } = payment(watched, turnNum, 1n);
        return { ...rest, variablePart: { ...variablePart, isFinal: true } };
      };
      const after = await findingsOf({
        act: async (watched) => {
          forge(watched, "bob", { type: "StateReceived", ...final(watched, 2), by: 0 });
          const { length } = watched.world.node("bob").store;
          const event: NodeEvent = { type: "StateReceived", ...payment(watched, 4, 1n), by: 0 };
          const hash = `0x${"00".repeat(32)}` as RecordHash;
          watched.oracles.sawRecord("bob", { offset: length + 1, timeMs: 0, event, hash });
        },
      });
      const below = await findingsOf({
        act: async (watched) => {
          forge(watched, "bob", { type: "StateReceived", ...payment(watched, 6, 1n), by: 0 });
          forge(watched, "alice", { type: "StateSigned", ...final(watched, 2) });
        },
      });

      expect(after.join()).toMatch(/signed turn 4 of 0x\w+ after the final state of turn 2$/);
      expect(below.join()).toMatch(/signed turn 2 of 0x\w+ as final, below turn 6$/);
    },
  );
});

describe("monotone", () => {
  adversarial("finds a supported turn that falls, and a signature below another one", async () => {
    const found = await findingsOf({
      act: async (watched) => {
        const { channelId } = watched;
        forge(watched, "alice", { type: "SupportedStateAdvanced", channelId, turnNum: 0 });
        const { variablePart, ...rest } = payment(watched, 1, 0n);
        forge(watched, "bob", { type: "StateSigned", ...rest, variablePart });
      },
    });

    const monotone = found.filter((text) => text.startsWith("monotone: "));
    expect(monotone).toHaveLength(2);
    expect(monotone[0]).toMatch(
      /alice's log at offset \d+: the supported turn of \w+ goes from 1 to 0/,
    );
    expect(monotone[1]).toMatch(/bob's log at offset \d+: the signed turn of \w+ goes from 1 to 1/);
  });
});

describe("fold", () => {
  adversarial("says which event cannot stand where it stands", async () => {
    const found = await findingsOf({
      act: async (watched) => {
        const { channelId } = watched;
        forge(watched, "bob", { type: "SupportedStateAdvanced", channelId, turnNum: 9 });
      },
    });

    expect(found.join()).toMatch(
      /^fold: bob's log at offset \d+: a SupportedStateAdvanced cannot stand here: .*turn 9/,
    );
  });
});

describe("coverage", () => {
  adversarial(
    "finds a channel that its nodes believe funded, because their chain lied",
    async () => {
      const found = await findingsOf({
        prepare: (world) => {
          for (const { parts } of world.nodes.values()) {
            (parts as { rpc: EthereumRpc }).rpc = lying(parts.rpc);
          }
        },
      });

      expect(found).toHaveLength(2);
      for (const text of found) {
        expect(text).toMatch(
          /^coverage: (alice|bob)'s log at offset \d+: \1 counts on 0x\w+; allocation 1 claims 4 of 0x0{40}, and 0 of 6 are left for it, as the contract has it$/,
        );
      }
    },
  );

  adversarial("finds a fund that is complete before its node knows of the deposits", async () => {
    const found = await findingsOf({
      prepare: (world) => {
        const { parts } = world.node("bob");
        const onRecord = parts.onRecord;
        (parts as { onRecord: typeof onRecord }).onRecord = (name, record) => {
          const { event } = record;
          const isDeposit = event.type === "DepositDetected" && event.holdings === 10n;
          const seen = isDeposit ? { ...event, holdings: 7n } : event;
          onRecord(name, { ...record, event: seen });
        };
      },
    });

    expect(found).not.toEqual([]);
    expect(found[0]).toMatch(
      /^coverage: bob's log at offset \d+: allocation 1 claims 4 of 0x0{40}, and 1 of 7 are left for it in 0x\w+, as far as the node knows$/,
    );
  });
});

describe("conservation", () => {
  adversarial("names the block in which coins came out of nothing", async () => {
    const found = await findingsOf({
      act: async ({ world }) => {
        const { token } = world.options.chain;
        await sendFromEve(world, mintCall(token.address, addressOf("alice"), 5n));
      },
    });

    expect(found[0]).toMatch(
      /^conservation: block \d+: there were 8000000000000000000000 units of TOK; wallets, adjudicator and gas explain 8000000000000000000005$/,
    );
  });

  adversarial("finds gas that nobody booked", async () => {
    const found = await findingsOf({
      prepare: (world) => {
        world.witnesses.push = (...witnesses) => {
          const honest = witnesses.map((witness) => ({
            sawRecord: witness.sawRecord.bind(witness),
            sawBlock: (block: Parameters<typeof witness.sawBlock>[0]) =>
              witness.sawBlock({ ...block, receipts: block.receipts.slice(1) }),
          }));
          return Array.prototype.push.apply(world.witnesses, honest);
        };
      },
    });

    expect(found[0]).toMatch(/^conservation: block \d+: there were \d+ wei of ETH; wallets, /);
  });

  adversarial("books apart what a stranger puts into a channel", async () => {
    let surplus: readonly bigint[] = [];
    const found = await findingsOf({
      act: async ({ channelId, oracles, world }) => {
        const { adjudicator } = world.options.chain.deployment;
        const deposit = { asset: ZERO_ADDRESS, channelId, expectedHeld: 10n, amount: 5n };
        const before = oracles.surplusOf(channelId, ZERO_ADDRESS);
        await sendFromEve(world, depositCall(adjudicator, deposit));
        surplus = [before, oracles.surplusOf(channelId, ZERO_ADDRESS)];
      },
    });

    expect(found).toEqual([]);
    expect(surplus).toEqual([0n, 5n]);
  });
});

describe("signatures on the wire", () => {
  adversarial("finds one that a node sends without a word in its log", async () => {
    const found = await findingsOf({
      act: async (watched) => {
        const { world } = watched;
        const payload = encodeMessage({
          type: "SignedState",
          ...payment(watched, 2, 1n),
          baseSignatures: [],
          moverSignature: undefined,
        });
        const frame = encodeFrame({ type: "Data", sequence: 90, lowest: 90, payload });
        world.wire.transportOf("alice").send("bob", frame);
      },
    });

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^signatures on the wire: alice's SignedState to bob, message 90, holds the signature 0x\w+, which no log held at \d+ ms$/,
    );
  });
});

/** An RPC that tells of each deposit as if it had filled the channel. */
function lying(rpc: EthereumRpc): EthereumRpc {
  return {
    request: async (method, params) => {
      const answer = await rpc.request(method, params);
      if (method !== "eth_getLogs") return answer;
      const logs = answer as readonly { readonly data: string }[];
      return logs.map((log) => ({ ...log, data: log.data.replace(/6$/, "a") }));
    },
  };
}
