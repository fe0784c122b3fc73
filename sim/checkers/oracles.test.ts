/** The oracles are alive: each finds the fault that is planted for it, and none finds anything else. */
import { describe, expect } from "bun:test";
import { mintCall } from "../../contracts/test-token.ts";
import type { ContractCall } from "../../src/chain/adjudicator.ts";
import { depositCall } from "../../src/chain/adjudicator.ts";
import { signTransaction } from "../../src/chain/transaction.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { stateHash } from "../../src/channel/state.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { signatureBackend } from "../../src/crypto/signatures.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { encodeMessage } from "../../src/messages/codec.ts";
import { encodeFrame } from "../../src/network/frame.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { adversarial, integration } from "../../test/kind.ts";
import { doctor, findingsOf, forge, type Watched } from "../../test/planted-fault.ts";
import { keyOf } from "../actors.ts";
import { ETH } from "../assets.ts";
import { BASE_FEE_WEI, LOCAL_CHAIN_ID } from "../chain/local-chain.ts";
import { addressOf } from "../simulated-chain.ts";
import type { World } from "../world.ts";

const chain = chainOfFile("evm");

/** A watched world with a channel of Alice and Bob. */
type Opened = Watched & { readonly channelId: ChannelId };

type Plant = {
  readonly prepare?: (world: World) => void;
  /** Once the channel runs, or once both believe so. */
  readonly act?: (opened: Opened) => Promise<void>;
};

/** Plays a channel to which Alice gives 6 wei and Bob 4, and gives what the oracles said of it. */
function findings({ act, prepare }: Plant): Promise<readonly string[]> {
  return findingsOf(chain(), {
    cast: ["alice", "bob"],
    prepare,
    story: async (watched) => {
      const { alice, bob } = watched.actors;
      const channelId = await alice.openChannel([bob], [{ asset: ETH, amounts: [6n, 4n] }]);
      await act?.({ ...watched, channelId });
    },
  });
}

/** What Alice would sign next: she pays Bob `amount`. */
function payment({ channelId, world }: Opened, turnNum: number, amount: bigint) {
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
      const found = await findings({
        act: async ({ actors: { alice, bob }, channelId }) => {
          await alice.pay(channelId, bob, ETH, 1n);
          await bob.closeChannel(channelId);
        },
      });

      expect(found).toEqual([]);
    },
  );
});

describe("double signature", () => {
  adversarial("names both places where a key signed two states for one turn", async () => {
    const found = await findings({
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
      const final = (watched: Opened, turnNum: number) => {
        const { variablePart, ...rest } = payment(watched, turnNum, 1n);
        return { ...rest, variablePart: { ...variablePart, isFinal: true } };
      };
      const after = await findings({
        act: async (watched) => {
          const late: NodeEvent = { type: "StateReceived", ...payment(watched, 4, 1n), by: 0 };
          const end: NodeEvent = { type: "StateReceived", ...final(watched, 2), by: 0 };
          forge(watched, "bob", end, late);
        },
      });
      const below = await findings({
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
    const found = await findings({
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
    const found = await findings({
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
      const found = await findings({
        prepare: (world) => {
          for (const { parts } of world.nodes.values()) {
            (parts as { rpcs: readonly EthereumRpc[] }).rpcs = parts.rpcs.map(lying);
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
    const found = await findings({
      prepare: (world) => {
        doctor(world, "bob", (event) => {
          const isLast = event.type === "DepositDetected" && event.holdings === 10n;
          return isLast ? { ...event, holdings: 7n } : event;
        });
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
    const found = await findings({
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
    const found = await findings({
      prepare: (world) => {
        world.witnesses.push = (...witnesses) => {
          const honest = witnesses.map((witness) => ({
            sawRecord: witness.sawRecord.bind(witness),
            sawBlock: (block: Parameters<typeof witness.sawBlock>[0]) =>
              witness.sawBlock({ ...block, receipts: block.receipts.slice(1) }),
            sawReorg: witness.sawReorg.bind(witness),
          }));
          return Array.prototype.push.apply(world.witnesses, honest);
        };
      },
    });

    expect(found[0]).toMatch(/^conservation: block \d+: there were \d+ wei of ETH; wallets, /);
  });

  adversarial("books apart what a stranger puts into a channel", async () => {
    let surplus: readonly bigint[] = [];
    const found = await findings({
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
    const found = await findings({
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
