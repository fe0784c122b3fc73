/**
 * Oracle: no honest party can be left with less than she had, but for what she signed away herself.
 *
 * At each record and each block, for each of them and each asset:
 *
 *     what the chain must pay her at the least  >=  what she has put in  -  what she signed away
 *
 * where the least is taken over all states that are supported, or that others can make supported with what she
 * has signed (`due.ts`); and she signed away what direct updates took from her, the vouchers that she issued but
 * for those that she was given, and fees. Gas is apart. So her wallet and what is due to her never come to less
 * than she began with but for that. At the end it must be in her wallet.
 */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { ActorName } from "../actors.ts";
import type { Asset } from "../assets.ts";
import type { MinedBlock, TakenBack } from "../witness.ts";
import {
  type Account,
  dueIn,
  lossOf,
  openAccount,
  takeDeposits,
  takeEvent,
  takeSettled,
} from "./account.ts";
import { OnChainDeposits, type SeenDeposit } from "./deposits.ts";
import { feesInDoubt } from "./due.ts";
import { type Settled, Settlements } from "./settlements.ts";

/** One honest party. */
type Party = {
  readonly name: ActorName;
  readonly address: Address;
  readonly account: Account;
  /** Totals that her deposits are to bring channels to, by channel and asset. */
  readonly asked: Set<string>;
  /** Deposits of hers that stand on the chain. */
  deposits: readonly SeenDeposit[];
  /** What was due and lost when the ending began. */
  readonly atEnding: Map<Address, { readonly least: bigint; readonly loss: bigint }>;
};

/** A finding, and what it is about: what follows about the same is not told again. */
export type Shortfall = { readonly message: string; readonly about: string };

/** What a wallet had in the beginning, and has now, gas added. */
export type Gained = (name: ActorName, asset: Address) => bigint;

/** Tells who was not there to answer since a moment, herself where no tower could have answered for her. */
export type WasAway = (name: ActorName, sinceSec: number, needsHer: boolean) => boolean;

/** The promises and deposits of everybody who is judged. */
export class Solvency {
  readonly #assets: readonly Asset[];
  readonly #parties = new Map<ActorName, Party>();
  readonly #deposits = new OnChainDeposits();
  readonly #settlements = new Settlements();
  /** How often there were too many ways to end to try them all. */
  #unreckoned = 0;

  constructor(honest: ReadonlyMap<ActorName, Address>, assets: readonly Asset[]) {
    this.#assets = assets;
    for (const [name, address] of honest) {
      const about = { account: openAccount(), asked: new Set<string>(), deposits: [] };
      this.#parties.set(name, { name, address, ...about, atEnding: new Map() });
    }
  }

  /** Times that nothing could be said. */
  get unreckoned(): number {
    return this.#unreckoned;
  }

  /** Judges a party no more. */
  forget(name: ActorName): void {
    this.#parties.delete(name);
  }

  /** Takes the next event of a log, and gives what the party may lose with it. */
  sawEvent(name: ActorName, event: NodeEvent): readonly Shortfall[] {
    const party = this.#parties.get(name);
    if (party === undefined) return [];
    if (event.type === "TransactionRequested" && event.call.type === "Deposit") {
      const { amount, asset, channelId, expectedHeld } = event.call;
      party.asked.add(placeOf(channelId, asset, expectedHeld + amount));
    }
    return takeEvent(party.account, event) ? this.#look(party) : [];
  }

  /**
   * Gives what parties may lose by what the chain has made final, now that its newest block is of this time.
   * `wasAway` tells who was not there to answer since a moment: she is judged no more.
   */
  sawTime(newestSec: number, wasAway: WasAway): readonly Shortfall[] {
    const settled = this.#settlements.newAt(newestSec);
    if (settled.length === 0) return [];
    return [...this.#parties.values()].flatMap((party) => this.#settle(party, settled, wasAway));
  }

  /**
   * All that is final together is taken before anything is judged. A reorg makes the oracle doubt every outcome, and
   * take all those that stand yet at once: what she did after one was final must not be judged as if it were open.
   */
  #settle(party: Party, settled: readonly Settled[], wasAway: WasAway): readonly Shortfall[] {
    const own = settled.filter(({ channelId }) => party.account.channels.has(channelId));
    if (own.length === 0) return [];
    for (const { channelId, shown } of own) takeSettled(party.account, channelId, shown);
    const short = this.#look(party);
    // What she has signed as the end needs no answer.
    const isExcused = own.some(
      ({ channelId, shown, sinceSec }) =>
        shown !== "AgreedEnd" &&
        wasAway(party.name, sinceSec, needsHer(party, channelId, shown.turnNum)),
    );
    if (short.length === 0 || !isExcused) return short;
    this.forget(party.name);
    return [];
  }

  /** Takes the deposits and challenges of a block. `heldBefore` tells what channels held before it. */
  sawBlock(
    block: MinedBlock,
    atSec: number,
    heldBefore: (channelId: ChannelId, asset: Address) => bigint,
  ): readonly Shortfall[] {
    this.#settlements.read(block, atSec);
    const seen = this.#deposits.read(block, heldBefore);
    if (seen.length === 0) return [];
    const paid = block.receipts.filter(({ succeeded }) => succeeded);
    const senders = new Set(paid.map(({ from }) => from.toLowerCase()));
    return [...this.#parties.values()].flatMap((party) => {
      const own = seen.filter(
        ({ asset, channelId, holdings }) =>
          senders.has(party.address) && party.asked.has(placeOf(channelId, asset, holdings)),
      );
      party.deposits = [...party.deposits, ...own];
      takeDeposits(party.account);
      return this.#look(party);
    });
  }

  /** Forgets deposits that were taken back. What is mined in their place is judged then. */
  sawReorg(reorg: TakenBack): void {
    this.#deposits.takeBack(reorg);
    const doubted = this.#settlements.takeBack(reorg);
    for (const party of this.#parties.values()) {
      for (const channelId of doubted) takeSettled(party.account, channelId, undefined);
      party.deposits = party.deposits.filter(({ block }) => block <= reorg.fork);
      takeDeposits(party.account);
    }
  }

  /** Notes what is due to everybody now: from here on nothing but what they sign away may be taken from it. */
  beginEnding(): void {
    for (const party of this.#parties.values()) {
      for (const { address } of this.#assets) {
        const [least = 0n] = dueIn(party.account, address, this.#deposits.amounts) ?? [];
        const doubted = feesInDoubt(party.account.channels.values(), address);
        const loss = lossOf(party.account, address);
        party.atEnding.set(address, { least: least - doubted, loss });
      }
    }
  }

  /** What these parties should have in their wallets at the end, and have not. */
  unpaid(names: readonly ActorName[], gainedOf: Gained): readonly Shortfall[] {
    return names.flatMap((name) => {
      const party = this.#parties.get(name);
      return party === undefined ? [] : this.#unpaidTo(party, gainedOf);
    });
  }

  #unpaidTo(party: Party, gainedOf: Gained): readonly Shortfall[] {
    const { account, atEnding, name } = party;
    return this.#assets.flatMap((asset) => {
      const due = dueIn(account, asset.address, this.#deposits.amounts);
      const gained = gainedOf(name, asset.address);
      const put = depositedBy(party, asset.address);
      const loss = lossOf(account, asset.address);
      const before = atEnding.get(asset.address);
      const lostSince = before === undefined || loss < before.loss ? 0n : loss - before.loss;
      const dueThen = before === undefined ? 0n : before.least - lostSince;
      const dueNow = due?.[0] ?? 0n;
      const least = dueNow > dueThen ? dueNow : dueThen;
      const about = `${name} ${asset.symbol}`;
      const of = `${asset.unit} of ${asset.symbol}`;
      if (gained + put < least) {
        const text = `${name} put in ${put} ${of}, at the least ${least} were due to her, and she was paid ${gained + put}`;
        return [{ message: text, about }];
      }
      if (gained < -loss) {
        const text = `${name} is poorer by ${-gained} ${of}, and signed away ${loss} at the most`;
        return [{ message: text, about }];
      }
      return [];
    });
  }

  #look(party: Party): readonly Shortfall[] {
    const { account, name } = party;
    return this.#assets.flatMap(({ address, symbol, unit }) => {
      if (!account.assets.has(address)) return [];
      const due = dueIn(account, address, this.#deposits.amounts);
      if (due === undefined) {
        this.#unreckoned += 1;
        return [];
      }
      const [least] = due;
      const put = depositedBy(party, address);
      const loss = lossOf(account, address);
      if (least >= put - loss) return [];
      const message = `${name} has put in ${put} ${unit} of ${symbol} and signed away ${loss} at the most; others can leave her with ${least}`;
      return [{ message, about: `${name} ${symbol}` }];
    });
  }
}

/** A move that she has never heard of wants a move of hers: no tower has one. */
function needsHer({ account }: Party, channelId: ChannelId, turnNum: number): boolean {
  const channel = account.channels.get(channelId);
  if (channel?.use.type !== "MessageLog") return false;
  return [...channel.states.keys()].every((known) => known < turnNum);
}

function placeOf(channelId: ChannelId, asset: Address, holdings: bigint): string {
  return `${channelId} ${asset} ${holdings}`;
}

function depositedBy({ deposits }: Party, asset: Address): bigint {
  return deposits.reduce((sum, one) => (one.asset === asset ? sum + one.amount : sum), 0n);
}
