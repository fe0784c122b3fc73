/** Nodes without a shell: engines' decisions over queues and a chain of a few lines, in any order. */
import { standInSignatures } from "../sim/stand-in-signatures.ts";
import type { AdjudicatorEvent } from "../src/chain/adjudicator-logs.ts";
import type { Channel } from "../src/channel/channel.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { type Destination, isExternal } from "../src/channel/destination.ts";
import type { ObjectiveId } from "../src/channel/objective-id.ts";
import type { Allocation } from "../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { keccak256 } from "../src/crypto/keccak.ts";
import type { Hash, PrivateKey } from "../src/crypto/signature.ts";
import { decideInput } from "../src/engine/decide-input.ts";
import { Draft } from "../src/engine/draft.ts";
import { evolveNode } from "../src/engine/evolve-node.ts";
import type { Life } from "../src/engine/fence.ts";
import type { Input } from "../src/engine/input.ts";
import { createNodeState, type NodeState } from "../src/engine/node-state.ts";
import { GUARANTEES_PER_PEER_MAX } from "../src/engine/peer-limit.ts";
import { neverPayUnasked, type Policy } from "../src/engine/policy.ts";
import type { Request } from "../src/engine/request.ts";
import type { Rules } from "../src/engine/rules.ts";
import { questionsAfter } from "../src/engine/successor-holdings.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { encodeMessage } from "../src/messages/codec.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import { toHex } from "../src/primitives/hex.ts";
import { consensusRule } from "../src/protocols/app-rule.ts";
import type { ChainCall } from "../src/protocols/effects.ts";
import type { App } from "../src/protocols/protocol.ts";

/** The app of direct channels that all nodes allow. */
export const APP = `0x${"a9".repeat(20)}` as Address;
/** The app of ledger channels on which virtual ones of `PAYMENT_APP` rest. */
export const LEDGER_APP = `0x${"1e".repeat(20)}` as Address;
/** The app of virtual channels that can be enforced. */
export const PAYMENT_APP = `0x${"9a".repeat(20)}` as Address;
/** The app of ledger channels as go-nitro has them; its virtual channels have no app. */
export const GO_NITRO_LEDGER_APP = `0x${"60".repeat(20)}` as Address;

const APPS: ReadonlyMap<Address, App> = new Map<Address, App>([
  [APP, { type: "Direct", rule: consensusRule }],
  [LEDGER_APP, { type: "Ledger", profile: "enforceable" }],
  [PAYMENT_APP, { type: "Virtual", profile: "enforceable" }],
  [GO_NITRO_LEDGER_APP, { type: "Ledger", profile: "go-nitro" }],
  [ZERO_ADDRESS, { type: "Virtual", profile: "go-nitro" }],
]);

/** Messages between two nodes that can be heard once more, long after: the last 40. */
const HEARD_MAX = 40;

/** One node: what it decided so far, and the state that follows from it. */
export type PureNode = {
  readonly rules: Rules;
  readonly state: NodeState;
  readonly log: NodeEvent[];
};

/** How the nodes differ from each other. */
export type PureOptions = {
  readonly policyOf?: (index: number) => Policy;
  /** What a node asks as an intermediary. */
  readonly feeOf?: (index: number) => bigint;
  /** What is true of the life that a node lives; everybody agrees with it when there is none. */
  readonly lifeOf?: (index: number) => Life | undefined;
};

/** Something that can happen next. */
type Step = () => void;

type Transaction = NodeEvent & { readonly type: "TransactionRequested" };

/** Nodes, what is on its way between them, and a chain. Whoever calls `act` chooses what happens next. */
export class PureNetwork {
  readonly #nodes: PureNode[];
  readonly #lifeOf: (index: number) => Life | undefined;
  /** Codes of messages that somebody refused. */
  readonly refusals: string[] = [];
  readonly #queues = new Map<string, Step[]>();
  readonly #holdings = new Map<string, bigint>();
  readonly #heard: { readonly to: number; readonly input: Input }[] = [];
  #logIndex = 0;
  #channelNonce = 0n;
  #nonce = 0;

  constructor(size: number, { feeOf, lifeOf, policyOf }: PureOptions = {}) {
    this.#lifeOf = lifeOf ?? (() => undefined);
    const backend = standInSignatures();
    const keys = Array.from({ length: size }, (_, index) => keyAt(index));
    this.#nodes = keys.map((key, index) => ({
      state: createNodeState(),
      log: [],
      rules: {
        me: backend.addressOf(key),
        context: {
          sign: (hash) => backend.signHash(hash, key),
          recoverSigner: backend.recoverSigner,
          appOf: (app) => APPS.get(app),
        },
        policy: policyOf?.(index) ?? neverPayUnasked,
        isAssetAllowed: () => true,
        isReachable: () => true,
        fee: feeOf?.(index) ?? 0n,
        guaranteesPerPeerMax: GUARANTEES_PER_PEER_MAX,
        knownLedgers: () => [],
        feeOf: () => 0n,
        peers: () => [],
      },
    }));
  }

  get nodes(): readonly PureNode[] {
    return this.#nodes;
  }

  node(index: number): PureNode {
    return assertDefined(this.#nodes[index], "a node");
  }

  channelOf(index: number): Channel | undefined {
    return this.node(index).state.channels.values().next().value;
  }

  /** Lets a node's user ask; throws when the node refuses. */
  ask(index: number, request: Request): ObjectiveId {
    const verdict = this.wish(index, request);
    if (!verdict.ok) throw new Error(`${request.type} is refused: ${verdict.reason.code}`);
    return assertDefined(verdict.value, "the objective of a request");
  }

  /** Lets a node's user ask for what the node may refuse. */
  wish(index: number, request: Request): ReturnType<typeof decideInput> {
    this.#channelNonce += 1n;
    const channelNonce = this.#channelNonce;
    return this.decide(index, { type: "Request", request, channelNonce, answer: () => {} });
  }

  /** Decides an input for a node, as its engine would; what follows from it is queued. */
  decide(index: number, input: Input): ReturnType<typeof decideInput> {
    const { rules, state } = this.node(index);
    const draft = new Draft(state, this.#lifeOf(index));
    const verdict = decideInput(draft, state, input, rules);
    if (verdict.ok) this.#keep(index, draft);
    return verdict;
  }

  /** Stops a node and starts it from its log. What is on its way to others was on its disk. */
  restart(index: number): void {
    const { log, rules } = this.node(index);
    const state = createNodeState();
    for (const event of log) evolveNode(state, event);
    this.#nodes[index] = { log, rules, state };
    this.decide(index, { type: "Restarted" });
  }

  /** Lets a node hear again what it heard some time ago: it learns nothing. */
  hearAgain(choice: number): void {
    const heard = this.#heard[choice % this.#heard.length];
    if (heard !== undefined) this.#decideAgain(heard.to, heard.input);
  }

  /** What a node would decide if it looked at everything again. Nothing, says the law. */
  eventsOfSecondCrank(index: number): readonly NodeEvent[] {
    const { rules, state } = this.node(index);
    const draft = new Draft(state, this.#lifeOf(index));
    decideInput(draft, state, { type: "Restarted" }, rules);
    return draft.events;
  }

  /** Does one of the things that can happen, as `choice` says. False when nothing can. */
  act(choice: number): boolean {
    const open = [...this.#queues.values()].filter((queue) => queue.length > 0);
    const step = open[choice % open.length]?.shift();
    step?.();
    return step !== undefined;
  }

  /** Does what comes next in one of the queues that may go on, such as `0 to 1`. False when none can. */
  actIn(mayGoOn: (queue: string) => boolean): boolean {
    const open = [...this.#queues].find(([name, steps]) => steps.length > 0 && mayGoOn(name));
    open?.[1].shift()?.();
    return open !== undefined;
  }

  #keep(index: number, draft: Draft): void {
    draft.commit();
    this.node(index).log.push(...draft.events);
    for (const event of draft.events) this.#follow(index, event);
  }

  /** What was heard before teaches nothing. */
  #decideAgain(index: number, input: Input): void {
    const { length } = this.node(index).log;
    this.decide(index, input);
    assert(this.node(index).log.length === length, `${input.type} teaches nothing twice`);
  }

  /** Somebody in no channel deposits into one. */
  depositAsStranger(channelId: ChannelId, asset: Address, amount: bigint): void {
    const transactionHash = toHex(keccak256(Uint8Array.of(this.#logIndex % 256))) as Hash;
    const expectedHeld = this.heldFor(channelId, asset);
    const call: ChainCall = { type: "Deposit", channelId, asset, expectedHeld, amount };
    this.#tell(this.#mine(call, transactionHash) ?? []);
  }

  /** What the contract holds now. */
  heldFor(channelId: ChannelId, asset: Address): bigint {
    return this.#holdings.get(`${channelId} ${asset}`) ?? 0n;
  }

  #enqueue(queue: string, step: Step): void {
    const steps = this.#queues.get(queue) ?? [];
    this.#queues.set(queue, steps);
    steps.push(step);
  }

  #follow(index: number, event: NodeEvent): void {
    if (event.type === "TransactionRequested") {
      this.#enqueue(`account ${index}`, () => this.#execute(index, event));
    } else if (event.type === "AllocationUpdated") {
      this.#answer(index, event);
    } else if (event.type === "MessageSent") {
      const payload = encodeMessage(event.message);
      const { sequence } = event;
      const to = this.nodes.findIndex(({ rules }) => rules.me === event.to);
      const from = this.node(index).rules.me;
      this.#enqueue(`${index} to ${to}`, () => {
        const input: Input = { type: "Message", from, sequence, payload };
        const verdict = this.decide(to, input);
        // The session delivers once; the engine must not depend on it.
        this.#decideAgain(to, input);
        // What was refused may be right at another time, and is not sent again.
        if (verdict.ok) this.#heard.push({ to, input });
        if (this.#heard.length > HEARD_MAX) this.#heard.shift();
        const peer = event.to;
        const { code } = verdict.ok ? { code: undefined } : verdict.reason;
        if (code !== undefined) this.refusals.push(code);
        this.#enqueue(`answers of ${to} to ${index}`, () => {
          if (code !== undefined) this.decide(index, { type: "Refused", peer, sequence, code });
          this.decide(index, { type: "Acknowledged", peer, upTo: sequence, head: undefined });
        });
      });
    }
  }

  /** Signs, sends and mines one transaction. The contract refuses a deposit at other holdings. */
  #execute(index: number, { call, effectId }: Transaction): void {
    const raw = new TextEncoder().encode(effectId);
    const transactionHash = toHex(keccak256(raw)) as Hash;
    const nonce = this.#nonce++;
    const signed = { type: "TransactionSigned", effectId, nonce, transactionHash, raw: toHex(raw) };
    this.decide(index, { type: "Chain", news: signed as never });
    const logs = this.#mine(call, transactionHash);
    const succeeded = logs !== undefined;
    this.#enqueue(`chain to ${index}`, () => {
      const block = { blockNumber: 1, blockHash: toHex(keccak256(Uint8Array.of(1))) as Hash };
      const mined = { type: "TransactionMined", effectId, block, gasUsed: 1n, succeeded };
      this.decide(index, { type: "Chain", news: mined as never });
    });
    this.#tell(logs ?? []);
  }

  /** Reads, for one node, what no log tells. */
  #answer(index: number, event: NodeEvent): void {
    for (const { assets, channelId } of questionsAfter(this.node(index).state, [event])) {
      this.#enqueue(`chain to ${index}`, () => {
        const amounts = assets.map((asset) => {
          return { asset, holdings: this.heldFor(channelId, asset) };
        });
        const blockHash = toHex(keccak256(Uint8Array.of(1))) as Hash;
        const block = { blockNumber: this.#logIndex - 1, blockHash };
        const news = { type: "HoldingsAnswered", channelId, amounts, block } as const;
        this.decide(index, { type: "Chain", news });
        this.#decideAgain(index, { type: "Chain", news });
      });
    }
  }

  /** The logs of one transaction come together. */
  #tell(logs: readonly AdjudicatorEvent[]): void {
    const last = logs.at(-1);
    if (last === undefined) return;
    const { blockHash, blockNumber } = last.position;
    const block = { blockNumber, blockHash };
    const news = { type: "LogsConfirmed", logs, block, blockTimeSec: blockNumber * 12 } as const;
    for (const [node] of this.nodes.entries()) {
      // Logs may be told twice: a node that restarts reads its last block again.
      this.#enqueue(`chain to ${node}`, () => {
        this.decide(node, { type: "Chain", news });
        this.#decideAgain(node, { type: "Chain", news });
      });
    }
  }

  /** Pays claims in their order, as far as there is money; gives what is left. */
  #payOut(channelId: ChannelId, allocations: readonly Allocation[], asset: Address): bigint {
    let left = this.heldFor(channelId, asset);
    for (const { amount, destination } of allocations) {
      const isCovered = amount < left;
      const paid = isCovered ? amount : left;
      left -= paid;
      const key = isExternal(destination)
        ? `wallet ${destination} ${asset}`
        : `${destination} ${asset}`;
      this.#holdings.set(key, (this.#holdings.get(key) ?? 0n) + paid);
    }
    this.#holdings.set(`${channelId} ${asset}`, left);
    return left;
  }

  /** What accounts were paid. */
  paidTo(destination: Destination, asset: Address): bigint {
    return this.#holdings.get(`wallet ${destination} ${asset}`) ?? 0n;
  }

  /** The logs of a call; undefined when the contract refuses it. */
  #mine(call: ChainCall, transactionHash: Hash): AdjudicatorEvent[] | undefined {
    const { channelId } = call;
    const position = () => ({
      // Each log has a block of its own.
      blockNumber: this.#logIndex,
      blockHash: transactionHash,
      transactionIndex: 0,
      logIndex: this.#logIndex++,
      transactionHash,
    });
    if (call.type === "ApproveToken") return [];
    if (call.type === "Deposit") {
      const key = `${channelId} ${call.asset}`;
      const held = this.#holdings.get(key) ?? 0n;
      if (held !== call.expectedHeld) return undefined;
      const holdings = held + call.amount;
      this.#holdings.set(key, holdings);
      const { asset } = call;
      return [{ type: "Deposited", position: position(), channelId, asset, holdings }];
    }
    assert(call.type === "ConcludeAndTransferAllAssets", "nobody disputes in this network");
    const concluded = { type: "Concluded", position: position(), channelId, finalizesAtSec: 1 };
    const payouts = call.variablePart.outcome.map(
      ({ allocations, asset }, assetIndex): AdjudicatorEvent => {
        const initialHoldings = this.heldFor(channelId, asset);
        const finalHoldings = this.#payOut(channelId, allocations, asset);
        const where = position();
        const type = "AllocationUpdated";
        const paid = { assetIndex, initialHoldings, finalHoldings, indices: [] };
        return { type, position: where, channelId, ...paid };
      },
    );
    return [concluded as AdjudicatorEvent, ...payouts];
  }
}

function keyAt(index: number): PrivateKey {
  return toHex(keccak256(Uint8Array.of(index))) as PrivateKey;
}
