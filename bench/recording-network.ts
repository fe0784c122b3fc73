/** Nodes that decide as engines do, over queues instead of sockets and disks: for long logs in little time. */
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Address } from "../src/crypto/address.ts";
import { keccak256 } from "../src/crypto/keccak.ts";
import type { PrivateKey } from "../src/crypto/signature.ts";
import { decideInput, type Verdict } from "../src/engine/decide-input.ts";
import { Draft } from "../src/engine/draft.ts";
import type { Input } from "../src/engine/input.ts";
import { createNodeState, type NodeState } from "../src/engine/node-state.ts";
import { GUARANTEES_PER_PEER_MAX } from "../src/engine/peer-limit.ts";
import { neverPayUnasked } from "../src/engine/policy.ts";
import type { Request } from "../src/engine/request.ts";
import type { Rules } from "../src/engine/rules.ts";
import type { NodeEvent } from "../src/events/event.ts";
import type { RecordHash } from "../src/events/record.ts";
import type { LogHead } from "../src/events/record-head.ts";
import { encodeMessage } from "../src/messages/codec.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import { toHex } from "../src/primitives/hex.ts";
import { consensusRule } from "../src/protocols/app-rule.ts";
import type { Chance } from "./chance.ts";
import { RecordingChain } from "./recording-chain.ts";
import {
  createRecordingSignatures,
  type RecordingSignatures,
  type SignatureKind,
} from "./recording-signatures.ts";

/** The app that all nodes allow. */
export const RECORDING_APP = `0x${"a9".repeat(20)}` as Address;

/** What nodes say of the ends of their logs: there are none yet, and only the size of a head counts. */
const HEAD: LogHead = { length: 100_000, hash: `0x${"4d".repeat(32)}` as RecordHash };

/** One node, and how many transactions it has sent. */
type RecordingNode = { readonly rules: Rules; readonly state: NodeState; nonce: number };

/** Something that can happen next. */
type Step = () => void;

/** What hears of each step of each node: the events that its engine would append as one batch. */
export type OnBatch = (node: number, events: readonly NodeEvent[]) => void;

/** Nodes, what is on its way between them, and a chain. What happens next is drawn from `chance`. */
export class RecordingNetwork {
  readonly #nodes: readonly RecordingNode[];
  readonly #chance: Chance;
  readonly #onBatch: OnBatch;
  readonly #chain = new RecordingChain();
  readonly #queues = new Map<string, Step[]>();
  #waiting = 0;
  #asked = 0n;

  constructor(size: number, chance: Chance, kind: SignatureKind, onBatch: OnBatch) {
    this.#chance = chance;
    this.#onBatch = onBatch;
    const signatures = createRecordingSignatures(kind);
    this.#nodes = Array.from({ length: size }, (_, index) => {
      const key = toHex(keccak256(Uint8Array.of(index))) as PrivateKey;
      return { state: createNodeState(), nonce: 0, rules: rulesOf(key, signatures) };
    });
  }

  /** Steps that can be taken. */
  get waiting(): number {
    return this.#waiting;
  }

  addressOf(index: number): Address {
    return this.#node(index).rules.me;
  }

  stateOf(index: number): NodeState {
    return this.#node(index).state;
  }

  /** Lets a node's user ask for something. False when the node refuses it. */
  ask(index: number, request: Request): boolean {
    return this.#ask(index, request).ok;
  }

  /** Lets a node's user open a channel, which it never refuses here. */
  open(index: number, request: Request & { readonly type: "FundDirectly" }): ChannelId {
    const verdict = this.#ask(index, request);
    assert(verdict.ok && verdict.value !== undefined, "a channel of this story can be opened");
    return assertDefined(this.stateOf(index).objectives.get(verdict.value), "its objective")
      .channelId;
  }

  /** Takes one of the steps that wait; each queue keeps its order. */
  act(): void {
    const open = [...this.#queues.values()].filter((queue) => queue.length > 0);
    const step = open[this.#chance.below(open.length)]?.shift();
    if (step === undefined) return;
    this.#waiting -= 1;
    step();
  }

  #ask(index: number, request: Request): Verdict {
    this.#asked += 1n;
    // As a node draws it: eight bytes without order.
    const channelNonce = BigInt.asUintN(64, this.#asked * 0x9e3779b97f4a7c15n);
    return this.#decide(index, { type: "Request", request, channelNonce, answer: () => {} });
  }

  #node(index: number): RecordingNode {
    return assertDefined(this.#nodes[index], "a node of this network");
  }

  #decide(index: number, input: Input): Verdict {
    const { rules, state } = this.#node(index);
    const draft = new Draft(state);
    const verdict = decideInput(draft, state, input, rules);
    if (!verdict.ok || draft.events.length === 0) return verdict;
    draft.commit();
    this.#onBatch(index, draft.events);
    for (const event of draft.events) this.#follow(index, event);
    return verdict;
  }

  #enqueue(queue: string, step: Step): void {
    const steps = this.#queues.get(queue) ?? [];
    this.#queues.set(queue, steps);
    steps.push(step);
    this.#waiting += 1;
  }

  #follow(index: number, event: NodeEvent): void {
    if (event.type === "TransactionRequested") {
      this.#enqueue(`account ${index}`, () => this.#execute(index, event));
    } else if (event.type === "MessageSent") {
      this.#deliver(index, event);
    }
  }

  #deliver(index: number, event: NodeEvent & { readonly type: "MessageSent" }): void {
    const { message, sequence, to: peer } = event;
    const payload = encodeMessage(message);
    const to = this.#nodes.findIndex(({ rules }) => rules.me === peer);
    const from = this.addressOf(index);
    this.#enqueue(`${index} to ${to}`, () => {
      const verdict = this.#decide(to, { type: "Message", from, sequence, payload });
      const answers = `answers of ${to} to ${index}`;
      if (!verdict.ok) {
        const { code } = verdict.reason;
        const refused: Input = { type: "Refused", peer, sequence, code };
        this.#enqueue(answers, () => this.#decide(index, refused));
      }
      this.#enqueue(answers, () =>
        this.#decide(index, { type: "Acknowledged", peer, upTo: sequence, head: HEAD }),
      );
    });
  }

  #execute(
    index: number,
    { call, effectId }: NodeEvent & { readonly type: "TransactionRequested" },
  ): void {
    const node = this.#node(index);
    const { mine, signed } = this.#chain.send(effectId, node.nonce, call);
    node.nonce += 1;
    this.#decide(index, { type: "Chain", news: signed });
    const { logs, mined } = mine();
    this.#enqueue(`chain to ${index}`, () => this.#decide(index, { type: "Chain", news: mined }));
    for (const to of this.#nodes.keys()) {
      if (logs.length === 0 || !this.stateOf(to).channels.has(call.channelId)) continue;
      const { block } = mined;
      const news = { type: "LogsConfirmed", logs, block, blockTimeSec: 0 } as const;
      this.#enqueue(`chain to ${to}`, () => this.#decide(to, { type: "Chain", news }));
    }
  }
}

function rulesOf(key: PrivateKey, { addressOf, recover, sign }: RecordingSignatures): Rules {
  return {
    me: addressOf(key),
    context: {
      sign: (hash) => sign(hash, key),
      recoverSigner: recover,
      appOf: (app) => (app === RECORDING_APP ? { type: "Direct", rule: consensusRule } : undefined),
    },
    policy: neverPayUnasked,
    isAssetAllowed: () => true,
    isReachable: () => true,
    fee: 0n,
    guaranteesPerPeerMax: GUARANTEES_PER_PEER_MAX,
    knownLedgers: () => [],
    feeOf: () => 0n,
    peers: () => [],
  };
}
