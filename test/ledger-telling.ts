/** Tells a story of ledger and virtual channels over nodes without a shell, in an order drawn by chance. */
import { type Channel, ledgerOf } from "../src/channel/channel.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import { targetOf, virtualDefundId, virtualFundId } from "../src/channel/objective-id.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import { ZERO_ADDRESS } from "../src/crypto/address.ts";
import { hasPostfund } from "../src/engine/give-up-virtual.ts";
import type { Policy } from "../src/engine/policy.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import { accept, reject } from "../src/primitives/result.ts";
import { drawNumbers } from "./draw-numbers.ts";
import { assetAt, type Story, type Wish } from "./ledger-story.ts";
import { GO_NITRO_LEDGER_APP, LEDGER_APP, PAYMENT_APP, PureNetwork } from "./pure-network.ts";
import { ToldPayments } from "./told-payments.ts";

/** Steps in which one wish has come to its end, and many times over: 2,000. */
const STEPS_MAX = 2_000;

/** A wish that was asked for. */
export type Asked = {
  readonly wish: Wish;
  readonly route: readonly number[];
  /** Why the first node refused it; undefined when it took it. */
  readonly code: string | undefined;
  readonly channelId: ChannelId | undefined;
};

/** A story on its way. */
export class Telling {
  readonly network: PureNetwork;
  readonly asked: Asked[] = [];
  readonly told: Story;
  readonly ledgers: readonly ChannelId[];
  readonly payments: ToldPayments = new ToldPayments();
  readonly #draw: (below: number) => number;
  readonly #look: (network: PureNetwork) => void;
  readonly #toClose = new Set<Asked>();
  readonly #toGiveUp = new Set<Asked>();

  /** Opens the ledger channels. `look` sees the network after each step. */
  constructor(told: Story, look: (network: PureNetwork) => void = () => {}) {
    this.told = told;
    this.#draw = drawNumbers(told.seed);
    this.#look = look;
    this.network = new PureNetwork(told.town.size, {
      policyOf: (index) => refusingSome(index, told.refusedOf16),
      feeOf: () => told.fee,
    });
    this.ledgers = told.town.ledgers.map(([leader, follower]) =>
      this.#openLedger(leader, follower),
    );
  }

  /** Tells the story until nothing is on its way. Channels that are not short stay open. */
  tell(): void {
    let steps = 0;
    while (this.#step(this.#draw(64))) {
      this.#look(this.network);
      steps += 1;
      assert(steps < STEPS_MAX * (1 + this.told.wishes.length), "every story has an end");
    }
  }

  /** Closes every channel that is still open, and goes on until nothing is on its way. */
  closeAll(): void {
    for (const one of this.asked) if (one.channelId !== undefined) this.#toClose.add(one);
    this.tell();
  }

  /** The same channel as each of its participants has it. */
  sidesOf({ channelId, route }: Asked): readonly Channel[] {
    return route.flatMap((index) =>
      channelId === undefined ? [] : (this.network.node(index).state.channels.get(channelId) ?? []),
    );
  }

  ledgerAt(index: number, ledgerId: ChannelId): Channel {
    return assertDefined(this.network.node(index).state.channels.get(ledgerId), "a ledger channel");
  }

  /** Does one thing. False when there is nothing left to do. */
  #step(chance: number): boolean {
    const { restartsOf64, town } = this.told;
    if (chance < 8 && this.#wantsMore()) this.#askNext();
    else if (chance < 12) this.#closeOne();
    else if (chance < 16) this.#giveUpOne();
    else if (chance < 24) this.payments.makeOne(this.network, this.#draw);
    else if (chance >= 64 - restartsOf64) this.network.restart(this.#draw(town.size));
    else if (chance >= 64 - 2 * restartsOf64) this.network.hearAgain(this.#draw(1_000));
    else return this.network.act(this.#draw(1_000)) || this.#hasMore();
    return true;
  }

  #wantsMore(): boolean {
    return this.asked.length < this.told.wishes.length && this.#openCount() < this.told.openMax;
  }

  #hasMore(): boolean {
    if (this.asked.length < this.told.wishes.length) return true;
    if (this.payments.hasMore(this.network)) return true;
    return [...this.#toClose].some((one) => this.#isOpen(one));
  }

  #openCount(): number {
    const first = this.asked.filter(({ channelId }) => channelId !== undefined);
    return first.filter((one) => this.#isUnderWay(one)).length;
  }

  #isUnderWay({ channelId, route }: Asked): boolean {
    const [first = 0] = route;
    const { objectives } = this.network.node(first).state;
    if (channelId === undefined) return false;
    const fund = objectives.get(virtualFundId(channelId));
    if (fund === undefined || fund.status === "Rejected") return false;
    return objectives.get(virtualDefundId(channelId))?.status !== "Completed";
  }

  #isOpen(one: Asked): boolean {
    const { channelId } = one;
    const node = this.network.node(this.#closerOf(one));
    if (channelId === undefined) return false;
    const isFunded = node.state.objectives.get(virtualFundId(channelId))?.status === "Completed";
    return isFunded && !node.state.objectives.has(virtualDefundId(channelId));
  }

  #mayClose({ channelId, wish }: Asked): boolean {
    return wish.isHasty || channelId === undefined || this.payments.isDone(channelId);
  }

  #closerOf({ route, wish }: Asked): number {
    return assertDefined(route[wish.closer % route.length], "the one who closes");
  }

  #askNext(): void {
    const wish = assertDefined(this.told.wishes[this.asked.length], "a wish");
    const { routes } = this.told.town;
    const route = assertDefined(routes[wish.route % routes.length], "a way");
    const [from = 0, ...others] = route.map((index) => index);
    const addresses = others.map((index) => this.network.node(index).rules.me);
    const intermediaries = addresses.slice(0, -1);
    const count = wish.isOfAllAssets ? this.told.assets : 1;
    const shares = Array.from({ length: count }, (_, index) => ({
      asset: assetAt(index),
      left: wish.left,
      right: wish.right,
    }));
    const verdict = this.network.wish(from, {
      type: "FundVirtually",
      payee: assertDefined(addresses.at(-1), "the payee"),
      route: { intermediaries, fees: intermediaries.map(() => this.told.fee) },
      ledgerId: undefined,
      shares,
      appDefinition: this.told.profile === "enforceable" ? PAYMENT_APP : ZERO_ADDRESS,
      challengeDurationSec: 86_400,
    });
    const code = verdict.ok ? undefined : verdict.reason.code;
    const channelId = verdict.ok && verdict.value ? targetOf(verdict.value) : undefined;
    const asked: Asked = { wish, route, code, channelId };
    this.asked.push(asked);
    if (channelId !== undefined) this.payments.add(channelId, route, wish);
    if (wish.isShort) this.#toClose.add(asked);
    if (wish.gaveUpBy !== undefined) this.#toGiveUp.add(asked);
  }

  #closeOne(): void {
    const ready = [...this.#toClose].filter((each) => this.#isOpen(each) && this.#mayClose(each));
    const one = ready[this.#draw(Math.max(1, ready.length))];
    if (one?.channelId === undefined) return;
    this.#toClose.delete(one);
    this.network.wish(this.#closerOf(one), { type: "DefundVirtually", channelId: one.channelId });
  }

  #giveUpOne(): void {
    const [one] = [...this.#toGiveUp].slice(this.#draw(Math.max(1, this.#toGiveUp.size)));
    if (one?.channelId === undefined) return;
    const index = assertDefined(one.route[(one.wish.gaveUpBy ?? 0) % one.route.length], "a node");
    const objectiveId = virtualFundId(one.channelId);
    if (!this.network.node(index).state.objectives.has(objectiveId)) return;
    this.#toGiveUp.delete(one);
    // Whoever has signed the postfund waits for two hours, and then for the chain.
    const channel = this.network.node(index).state.channels.get(one.channelId);
    if (channel !== undefined && hasPostfund(channel)) return;
    this.network.decide(index, { type: "Expired", objectiveId });
  }

  #openLedger(leader: number, follower: number): ChannelId {
    const { assets, deposit, profile } = this.told;
    const participants = [leader, follower].map((index) => this.network.node(index).rules.me);
    const outcome: Outcome = Array.from({ length: assets }, (_, index) => ({
      asset: assetAt(index),
      assetMetadata: { assetType: 0, metadata: "0x" },
      allocations: participants.map((me) => ({
        destination: externalDestination(me),
        amount: deposit,
        allocationType: 0,
        metadata: "0x",
      })),
    }));
    const objectiveId = this.network.ask(leader, {
      type: "FundDirectly",
      participants,
      outcome,
      appDefinition: profile === "enforceable" ? LEDGER_APP : GO_NITRO_LEDGER_APP,
      appData: "0x",
      challengeDurationSec: 86_400,
    });
    while (this.network.act(0));
    const objective = this.network.node(leader).state.objectives.get(objectiveId);
    const { channelId } = assertDefined(objective, "the objective");
    assert(ledgerOf(this.ledgerAt(follower, channelId)).profile === profile, "it is open");
    return channelId;
  }
}

/** Refuses some channels for ever, by their names, and everything else never. */
function refusingSome(index: number, of16: number): Policy {
  return ({ channel, objective }) => {
    if (objective.goal.type !== "VirtualFund" || channel.myIndex === 0) return accept(undefined);
    const isRefused = Number.parseInt(channel.id.slice(2 + index, 3 + index), 16) < of16 / 2;
    return isRefused
      ? reject({ code: "PolicyRefused", why: "its name displeases" })
      : accept(undefined);
  };
}
