/** Every oracle is alive: each has a fault that is planted for it, which it finds, and which no other one finds. */
import { describe, expect } from "bun:test";
import { mintCall } from "../../contracts/test-token.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { EMPTY_LOG_HASH } from "../../src/channel/message-log.ts";
import type { ObjectiveId } from "../../src/channel/objective-id.ts";
import { stateHash } from "../../src/channel/state.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { Policy } from "../../src/engine/policy.ts";
import { encodeMessage } from "../../src/messages/codec.ts";
import { encodeFrame } from "../../src/network/frame.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { adversarial } from "../../test/kind.ts";
import { findingsOf, forge, type Watched } from "../../test/planted-fault.ts";
import { keyOf } from "../actors.ts";
import { ETH } from "../assets.ts";
import { NO_ANSWER } from "../chain/model/contract.ts";
import { addressOf } from "../simulated-chain.ts";
import { createStage } from "../stage.ts";
import type { World } from "../world.ts";
import { checkCausality } from "./causality.ts";
import { MESSAGES_PER_PEER_MAX } from "./growth.ts";
import { standstill } from "./liveness.ts";
import { checkLog } from "./log.ts";
import { ORACLES, type OracleName } from "./oracle-names.ts";
import { foretellWorld } from "./prediction.ts";
import { checkReplay } from "./replay.ts";

const TIERS = { model: chainOfFile("model"), evm: chainOfFile("evm") };

/** A watched world with a ledger of Alice, who put in 6 wei, and Bob, who put in 4. */
type Opened = Watched & { readonly channelId: ChannelId };

type Plant = {
  readonly prepare?: (world: World) => void;
  readonly act?: (opened: Opened) => Promise<void>;
  readonly tier?: keyof typeof TIERS;
  /** False where there is to be no channel at first. */
  readonly opens?: boolean;
};

/** The oracles that found something, each once. */
async function trippedBy({
  act,
  opens,
  prepare,
  tier = "model",
}: Plant): Promise<readonly string[]> {
  const found = await findingsOf(TIERS[tier](), {
    cast: ["alice", "bob"],
    prepare,
    story: async (watched) => {
      const { alice, bob } = watched.actors;
      const deposits = [{ asset: ETH, amounts: [6n, 4n] }];
      const none = `0x${"00".repeat(32)}` as ChannelId;
      const channelId = opens === false ? none : await alice.openLedger(bob, deposits);
      await act?.({ ...watched, channelId });
    },
  });
  return [...new Set(found.map((text) => text.slice(0, text.indexOf(":"))))];
}

/** What Alice would sign next in the ledger: all but `kept` goes to Bob. */
function gift({ channelId, world }: Opened, turnNum: number, kept: bigint) {
  const channel = assertDefined(world.node("alice").engine.channel(channelId), "the channel");
  const exit = assertDefined(channel.fundingOutcome[0], "its asset");
  const amounts = [kept, 10n - kept];
  const allocations = exit.allocations.map((one, index) => ({
    ...one,
    amount: amounts[index] ?? 0n,
  }));
  const outcome = [{ ...exit, allocations }];
  const variablePart = { outcome, appData: "0x", turnNum, isFinal: false } as const;
  const hash = stateHash(channelId, variablePart);
  const signature = world.options.signatures.signHash(hash, keyOf("alice"));
  const objectiveId = `Update-${channelId}-0-0` as ObjectiveId;
  return { objectiveId, channelId, variablePart, signature };
}

/** Tells Alice's chain that all is funded as soon as anything is. */
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

const SIGNATURE = `0x${"51".repeat(65)}` as Signature;

const EMPTY_BLOCK = { number: 1, isOnTime: true, receipts: [], logs: [] } as const;

/** One for each oracle. */
const PLANTS: Readonly<Record<OracleName, Plant>> = {
  conservation: {
    act: async ({ world }) => {
      const { token } = world.options.chain;
      const mint = mintCall(token.address, addressOf("alice"), 5n);
      await createStage(world, {}).chain.asStranger(mint, { label: "mints" });
      await world.pause(30_000);
    },
  },
  prediction: {
    tier: "evm",
    opens: false,
    act: async ({ actors: { alice, bob }, world }) => {
      await foretellWorld(world, { contractOf: () => () => NO_ANSWER });
      await alice.openLedger(bob, [{ asset: ETH, amounts: [6n, 4n] }]);
    },
  },
  solvency: {
    act: async (opened) => forge(opened, "alice", { type: "StateSigned", ...gift(opened, 2, 1n) }),
  },
  paid: {
    act: ({ oracles }) => oracles.finish(["alice"]),
  },
  coverage: {
    prepare: (world) => {
      for (const { parts } of world.nodes.values()) {
        (parts as { rpcs: readonly EthereumRpc[] }).rpcs = parts.rpcs.map(lying);
      }
    },
  },
  guarantees: {
    act: async (opened) => {
      const about = { channelId: opened.channelId, counter: 1, amounts: [7n], counted: undefined };
      forge(opened, "bob", { type: "VoucherReceived", ...about, by: 0, signature: SIGNATURE });
    },
  },
  "double signature": {
    act: async (opened) => {
      forge(opened, "alice", { type: "StateSigned", ...gift(opened, 2, 6n) });
      forge(opened, "bob", { type: "StateReceived", ...gift(opened, 2, 5n), by: 0 });
    },
  },
  monotone: {
    act: async (opened) => {
      const channel = opened.world.node("alice").engine.channel(opened.channelId);
      const { signatures, variablePart } = assertDefined(channel?.supported, "its state");
      const signature = assertDefined(signatures[0], "hers");
      forge(opened, "alice", {
        type: "StateSigned",
        ...gift(opened, variablePart.turnNum, 6n),
        variablePart,
        signature,
      });
    },
  },
  "signatures on the wire": {
    act: async (opened) => {
      const signed = { baseSignatures: [], moverSignature: undefined };
      const payload = encodeMessage({ type: "SignedState", ...gift(opened, 2, 6n), ...signed });
      const frame = encodeFrame({ type: "Data", sequence: 90, lowest: 90, payload });
      opened.world.wire.transportOf("alice").send("bob", frame);
    },
  },
  fold: {
    act: async (opened) => {
      const { channelId } = opened;
      forge(opened, "bob", { type: "SupportedStateAdvanced", channelId, turnNum: 9 });
    },
  },
  "causal rules": {
    act: async ({ world }) => {
      const event = { type: "MessageAcked", peer: ZERO_ADDRESS, upTo: 9, head: undefined };
      const readFrom = async function* (): AsyncGenerator<unknown> {
        yield { offset: 0, event };
      };
      const node = { parts: world.node("alice").parts, store: { readFrom } };
      world.violations.push(...(await checkCausality(node as never)));
    },
  },
  "signed log": {
    act: async ({ world }) => {
      const { parts, store } = world.node("alice");
      const readFrom = async function* (): AsyncGenerator<unknown> {
        for await (const { event, offset } of store.readFrom(0)) {
          const isBobs = event.type === "StateReceived";
          yield { offset, event: isBobs ? { ...event, signature: `0x${"11".repeat(65)}` } : event };
        }
      };
      world.violations.push(...(await checkCausality({ parts, store: { readFrom } } as never)));
    },
  },
  "log intact": {
    act: async ({ world }) => {
      const { parts, store } = world.node("alice");
      const swapped = { parts: { ...parts, disk: world.node("bob").parts.disk }, store };
      world.violations.push(...(await checkLog(swapped as never)));
    },
  },
  "replay equals live": {
    act: async ({ channelId, oracles, world }) => {
      const node = world.node("alice");
      await oracles.sawBlock(EMPTY_BLOCK);
      node.crash();
      await node.start();
      await world.pause(60_000);
      const channels = node.engine.view().channels as Map<ChannelId, unknown>;
      const kept = channels.get(channelId);
      channels.delete(channelId);
      await oracles.sawBlock(EMPTY_BLOCK);
      world.violations.push(...(await checkReplay(node)));
      channels.set(channelId, kept);
    },
  },
  liveness: {
    opens: false,
    act: async ({ actors: { alice, bob }, world }) => {
      world.node("bob").crash();
      void alice.openLedger(bob, [{ asset: ETH, amounts: [6n, 4n] }]).catch(() => {});
      await world.pause(1_000);
      const message = assertDefined(standstill(world, ["alice"]), "that she waits");
      world.violations.push({ oracle: "liveness", message });
      world.node("alice").crash();
    },
  },
  games: {
    opens: false,
    act: async (opened) => {
      const { alice, bob } = opened.actors;
      const channelId = await alice.openGame(bob, [{ asset: ETH, amounts: [6n, 4n] }], "tactics");
      forge(opened, "alice", {
        type: "AppMessageAppended",
        channelId,
        turnNum: 2,
        by: 0,
        messageType: "act",
        payload: "0x",
        messageTimeMs: 0,
        runningHash: EMPTY_LOG_HASH,
      });
    },
  },
  growth: {
    act: async ({ oracles, world }) => {
      const messages = world.node("alice").engine.view().messages as Map<string, unknown>;
      for (let n = 0; n <= MESSAGES_PER_PEER_MAX; n++) {
        messages.set(`${ZERO_ADDRESS}/${n}`, { to: ZERO_ADDRESS, message: { type: "Proposal" } });
      }
      await oracles.sawBlock(EMPTY_BLOCK);
      for (let n = 0; n <= MESSAGES_PER_PEER_MAX; n++) messages.delete(`${ZERO_ADDRESS}/${n}`);
    },
  },
  crash: {
    opens: false,
    prepare: (world) => {
      const policy: Policy = () => {
        throw new Error("bob's policy knows no 6");
      };
      (world.node("bob").parts as { policy: Policy }).policy = policy;
    },
    act: async ({ actors: { alice, bob }, world }) => {
      void alice.openLedger(bob, [{ asset: ETH, amounts: [6n, 4n] }]).catch(() => {});
      await world.pause(30_000);
      expect(world.node("bob").isRunning).toBe(false);
      world.node("alice").crash();
    },
  },
};

describe("the oracle", () => {
  for (const name of Object.keys(ORACLES) as OracleName[]) {
    adversarial(`${name} finds the fault that is planted for it, and no other does`, async () => {
      expect(await trippedBy(PLANTS[name])).toEqual([name]);
    });
  }
});
