/** A running ledger of a go-nitro node. Source: go-nitro, channel/consensus_channel. */
import { type ChannelId, channelIdOf } from "../../src/channel/channel-id.ts";
import type { Destination } from "../../src/channel/destination.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import type { Allocation, Outcome } from "../../src/channel/outcome.ts";
import { stateHash, type VariablePart } from "../../src/channel/state.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type {
  GoNitroProposal,
  GoNitroSignedProposal,
} from "../../src/messages/go-nitro/message.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import type { GoKey } from "./go-key.ts";
import { panic } from "./go-panic.ts";

export type GoGuarantee = {
  readonly target: ChannelId;
  readonly amount: bigint;
  readonly left: Destination;
  readonly right: Destination;
};

type Vars = {
  readonly turnNum: number;
  readonly balances: readonly [bigint, bigint];
  readonly guarantees: readonly GoGuarantee[];
};

/** Errors that objectives tell apart from all others. */
export type LedgerError = "ErrInvalidTurnNum" | "Other";

const LEADER = 0;

export class GoLedger {
  readonly id: ChannelId;
  readonly fixedPart: FixedPart;
  readonly asset: Address;
  readonly destinations: readonly [Destination, Destination];
  readonly myIndex: number;
  current: Vars;
  signatures: readonly (Signature | undefined)[];
  queue: readonly GoNitroSignedProposal[] = [];
  onChainFunding: bigint;

  /** Made of a postfund that both have signed: both signatures are checked here. */
  constructor(
    fixedPart: FixedPart,
    { outcome, turnNum }: VariablePart,
    signatures: readonly (Signature | undefined)[],
    at: { readonly myIndex: number; readonly holdings: bigint; readonly key: GoKey },
  ) {
    const [exit] = outcome;
    const [leader, follower] = exit?.allocations ?? [];
    if (outcome.length !== 1 || exit === undefined) panic("a consensus channel has one asset");
    if (leader === undefined || follower === undefined) panic("index out of range");
    this.id = channelIdOf(fixedPart);
    this.fixedPart = fixedPart;
    this.asset = exit.asset;
    this.destinations = [leader.destination, follower.destination];
    this.myIndex = at.myIndex;
    this.onChainFunding = at.holdings;
    this.current = { turnNum, balances: [leader.amount, follower.amount], guarantees: [] };
    this.signatures = signatures;
    const hash = this.#hash(this.current);
    for (const [index, signature] of signatures.entries()) {
      const signer = signature === undefined ? undefined : at.key.recover(hash, signature);
      if (signer !== fixedPart.participants[index]) panic("the initial state is not signed");
    }
  }

  get isLeader(): boolean {
    return this.myIndex === LEADER;
  }

  get peer(): Address {
    return this.fixedPart.participants[1 - this.myIndex] as Address;
  }

  includes(guarantee: GoGuarantee): boolean {
    return has(this.current, guarantee);
  }

  includesTarget(target: ChannelId): boolean {
    return this.current.guarantees.some((one) => one.target === target);
  }

  isProposed(guarantee: GoGuarantee): boolean {
    return has(this.#latest(), guarantee) && !this.includes(guarantee);
  }

  isProposedNext(guarantee: GoGuarantee): boolean {
    const [head] = this.queue;
    if (head === undefined) return false;
    const next = applied(this.current, head.proposal, this.destinations);
    return typeof next !== "string" && has(next, guarantee) && !this.includes(guarantee);
  }

  isRemovalProposed(target: ChannelId): boolean {
    return this.queue.some(
      ({ proposal }) => proposal.type === "Remove" && proposal.target === target,
    );
  }

  isRemovalNext(target: ChannelId): boolean {
    const proposal = this.queue[0]?.proposal;
    return proposal?.type === "Remove" && proposal.target === target;
  }

  propose(proposal: GoNitroProposal, key: GoKey): void {
    if (!this.isLeader) panic("ErrNotLeader");
    const vars = applied(this.#latest(), proposal, this.destinations);
    if (typeof vars === "string") panic(`propose could not add new state vars: ${vars}`);
    const { turnNum } = vars;
    const signature = key.sign(this.#hash(vars));
    this.queue = [...this.queue, { ledgerId: this.id, turnNum, proposal, signature }];
  }

  /** As the follower: signs the head of the queue, which must be what the objective expects. */
  signNext(expected: GoNitroProposal, key: GoKey): GoNitroSignedProposal {
    const [head, ...rest] = this.queue;
    if (this.isLeader || head === undefined) return panic("ErrNoProposals");
    if (!isEqual(head.proposal, expected)) return panic("ErrNonMatchingProposals");
    const vars = applied(this.current, head.proposal, this.destinations);
    if (typeof vars === "string") return panic(vars);
    const signature = key.sign(this.#hash(vars));
    this.current = vars;
    this.signatures = [head.signature, signature];
    this.queue = rest;
    return { ...head, signature, turnNum: vars.turnNum };
  }

  /** Takes a proposal of the leader, or an agreement of the follower; or says what kind of error it is. */
  receive(signed: GoNitroSignedProposal, key: GoKey): LedgerError | undefined {
    if (signed.ledgerId !== this.id) return "Other";
    return this.isLeader ? this.#receiveAgreement(signed, key) : this.#receiveProposal(signed, key);
  }

  asState(vars: Vars = this.current): VariablePart {
    return { outcome: this.#outcome(vars), appData: "0x", turnNum: vars.turnNum, isFinal: false };
  }

  #receiveProposal(signed: GoNitroSignedProposal, key: GoKey): LedgerError | undefined {
    const latest = this.#latest();
    if (signed.turnNum !== latest.turnNum + 1) return "ErrInvalidTurnNum";
    const vars = applied(latest, signed.proposal, this.destinations);
    if (typeof vars === "string") return "Other";
    const signer = key.recover(this.#hash(vars), signed.signature);
    if (signer !== this.fixedPart.participants[LEADER]) return "Other";
    this.queue = [...this.queue, signed];
    return undefined;
  }

  #receiveAgreement(signed: GoNitroSignedProposal, key: GoKey): LedgerError | undefined {
    if (signed.turnNum <= this.current.turnNum) return undefined;
    let vars = this.current;
    for (const [index, own] of this.queue.entries()) {
      const next = applied(vars, own.proposal, this.destinations);
      if (typeof next === "string") return "Other";
      vars = next;
      if (vars.turnNum !== signed.turnNum) continue;
      const signer = key.recover(this.#hash(vars), signed.signature);
      if (signer !== this.fixedPart.participants[1]) return "Other";
      this.current = vars;
      this.signatures = [own.signature, signed.signature];
      this.queue = this.queue.slice(index + 1);
      return undefined;
    }
    return "Other";
  }

  #latest(): Vars {
    return this.queue.reduce((vars, { proposal }) => {
      const next = applied(vars, proposal, this.destinations);
      return typeof next === "string" ? panic(next) : next;
    }, this.current);
  }

  #hash(vars: Vars): ReturnType<typeof stateHash> {
    return stateHash(this.id, this.asState(vars));
  }

  /** Leader, follower, and the guarantees in the order of their targets. */
  #outcome({ balances, guarantees }: Vars): Outcome {
    const simple = this.destinations.map(
      (destination, index): Allocation => ({
        destination,
        amount: balances[index] ?? 0n,
        allocationType: 0,
        metadata: "0x",
      }),
    );
    const sorted = guarantees.toSorted((one, other) => (one.target < other.target ? -1 : 1));
    const others = sorted.map(
      ({ amount, left, right, target }): Allocation => ({
        destination: target as unknown as Destination,
        amount,
        allocationType: 1,
        metadata: `${left}${right.slice(2)}` as Hex,
      }),
    );
    const assetMetadata = { assetType: 0, metadata: "0x" } as const;
    return [{ asset: this.asset, assetMetadata, allocations: [...simple, ...others] }];
  }
}

function has({ guarantees }: Vars, { amount, left, right, target }: GoGuarantee): boolean {
  return guarantees.some(
    (one) =>
      one.target === target && one.amount === amount && one.left === left && one.right === right,
  );
}

/** The vars after a proposal, or the error. */
function applied(
  { balances, guarantees, turnNum }: Vars,
  proposal: GoNitroProposal,
  destinations: readonly [Destination, Destination],
): Vars | string {
  const { target } = proposal;
  const known = guarantees.find((one) => one.target === target);
  const [leader, follower] = balances;
  if (proposal.type === "Add") {
    const { amount, left, leftDeposit, right } = proposal;
    if (known !== undefined) return "ErrDuplicateGuarantee";
    if (leftDeposit > amount) return "ErrInvalidDeposit";
    const isLeft = destinations[LEADER] === left;
    const [ofLeader, ofFollower] = isLeft
      ? [leftDeposit, amount - leftDeposit]
      : [amount - leftDeposit, leftDeposit];
    if (ofLeader > leader || ofFollower > follower) return "ErrInsufficientFunds";
    return {
      turnNum: turnNum + 1,
      balances: [leader - ofLeader, follower - ofFollower],
      guarantees: [...guarantees, { target, amount, left, right }],
    };
  }
  if (known === undefined) return "ErrGuaranteeNotFound";
  if (proposal.leftAmount > known.amount) return "ErrInvalidAmount";
  const rightAmount = known.amount - proposal.leftAmount;
  const isLeft = destinations[LEADER] === known.left;
  const [toLeader, toFollower] = isLeft
    ? [proposal.leftAmount, rightAmount]
    : [rightAmount, proposal.leftAmount];
  return {
    turnNum: turnNum + 1,
    balances: [leader + toLeader, follower + toFollower],
    guarantees: guarantees.filter((one) => one !== known),
  };
}

function isEqual(one: GoNitroProposal, other: GoNitroProposal): boolean {
  return one.type === "Add" && other.type === "Add"
    ? one.target === other.target &&
        one.amount === other.amount &&
        one.left === other.left &&
        one.right === other.right &&
        one.leftDeposit === other.leftDeposit
    : one.type === "Remove" &&
        other.type === "Remove" &&
        one.target === other.target &&
        one.leftAmount === other.leftAmount;
}
