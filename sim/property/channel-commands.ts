/** What users do step by step, as fast-check takes it, and the model that each step is compared with. */
import fc from "fast-check";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { ActorName } from "../actors.ts";
import { ETH } from "../assets.ts";
import {
  afterWish,
  type Book,
  type BookChannel,
  endsOf,
  entered,
  fundsOf,
  ledgerOf,
} from "../search/draw-book.ts";
import type { ChannelSystem } from "./channel-system.ts";

/** What there should be: channels with what each end has, and whose node is away. A command changes it. */
export type ChannelModel = {
  book: Book;
  away: readonly ActorName[];
};

/** A step of a test: it may be taken when the model says so. */
export type ChannelCommand = fc.AsyncCommand<ChannelModel, ChannelSystem>;

/** One step that can be taken: what it does to the nodes, and what comes of it. */
type Step = {
  readonly words: string;
  readonly perform: (system: ChannelSystem) => Promise<void>;
  readonly after: Book;
  readonly away?: readonly ActorName[];
};

type Plan = (model: ChannelModel) => Step | undefined;

/** A number that stands for one of those that there are when a command is run. */
const any = fc.nat({ max: 99 });
const amounts = fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 50 }));

/** All commands for a cast: openings, payments, closings, crashes, restarts, and pauses. */
export function commandArbitraries(
  cast: readonly ActorName[],
): readonly fc.Arbitrary<ChannelCommand>[] {
  const command = (plan: Plan): ChannelCommand => new PlannedCommand(plan);
  const openings = fc
    .tuple(fc.constantFrom("Direct", "Ledger", "Ledger"), any, any, amounts)
    .map(([type, one, other, deposits]) => command(opening(cast, type, [one, other], deposits)));
  const virtuals = fc.tuple(any, amounts).map(([at, shares]) => command(virtual(cast, at, shares)));
  const payments = fc
    .tuple(any, fc.boolean(), any)
    .map(([at, isBack, part]) => command(payment(at, isBack, part)));
  const restarts = any.map((at) => command(restart(at)));
  // Each is drawn as often as it stands here: without channels there is nothing to pay with.
  return [
    openings,
    openings,
    openings,
    virtuals,
    virtuals,
    payments,
    payments,
    payments,
    fc.tuple(any, fc.boolean()).map(([at, isSecond]) => command(closing(at, isSecond))),
    any.map((at) => command(crash(cast, at))),
    restarts,
    restarts,
    fc.integer({ min: 1, max: 120 }).map((seconds) => command(pause(seconds))),
  ];
}

class PlannedCommand implements ChannelCommand {
  readonly #plan: Plan;
  #words = "not taken";

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  check(model: Readonly<ChannelModel>): boolean {
    return this.#plan(model) !== undefined;
  }

  async run(model: ChannelModel, system: ChannelSystem): Promise<void> {
    const step = assertDefined(this.#plan(model), "a step that can be taken");
    this.#words = step.words;
    await step.perform(system);
    model.book = step.after;
    model.away = step.away ?? model.away;
    compare(model, system);
  }

  toString(): string {
    return this.#words;
  }
}

/** Every node that is there has in its channels what the model says. */
function compare({ away, book }: ChannelModel, system: ChannelSystem): void {
  for (const channel of book) {
    if (channel.isClosed || channel.type === "Ledger") continue;
    for (const name of endsOf(channel).filter((end) => !away.includes(end))) {
      const said = system.fundsAt(name, channel.id).map((parts) => parts.join(" and "));
      const meant = channel.funds.map((part) => part.amounts.join(" and "));
      if (said.join() !== meant.join()) {
        const where = `channel ${channel.id}`;
        throw new Error(`${name} has ${said.join()} in ${where}, where ${meant.join()} should be`);
      }
    }
  }
}

function opening(
  cast: readonly ActorName[],
  type: "Direct" | "Ledger",
  [one, other]: readonly [number, number],
  deposits: readonly [number, number],
): Plan {
  return ({ away, book }) => {
    const by = assertDefined(cast[one % cast.length], "one");
    const rest = cast.filter((name) => name !== by);
    const to = assertDefined(rest[other % rest.length], "another");
    const isDouble = type === "Ledger" && ledgerOf(book, by, to) !== undefined;
    const isNothing = deposits[0] + deposits[1] === 0;
    if (isDouble || isNothing || isAway(away, [by, to])) return undefined;
    const given = deposits.map((amount) => BigInt(amount));
    const id = book.length;
    const channel = newChannel(id, type, [by, to], given);
    return {
      words: `${by} opens ${type.toLowerCase()} channel ${id} with ${to}: ${given.join(" and ")}`,
      after: entered(book, channel),
      perform: async (system) => {
        const channelId = await system.tell(async (stage) => {
          const all = [{ asset: ETH, amounts: given }];
          return type === "Ledger"
            ? stage[by].openLedger(stage[to], all)
            : stage[by].openChannel([stage[to]], all);
        });
        system.channels.set(id, channelId);
      },
    };
  };
}

/** A way over a hub with whom both ends share a ledger channel, and what can be put in at either end. */
type Way = {
  readonly path: readonly [by: ActorName, hub: ActorName, to: ActorName];
  readonly most: readonly [left: bigint, right: bigint];
};

function virtual(cast: readonly ActorName[], at: number, shares: readonly [number, number]): Plan {
  return ({ away, book }) => {
    const ways = waysOver(cast, book).filter(({ path }) => !isAway(away, path));
    const way = ways[at % Math.max(1, ways.length)];
    if (way === undefined) return undefined;
    const [by, hub, to] = way.path;
    const given = way.most.map((most, end) => BigInt(shares[end] ?? 0) % (most + 1n));
    const [left = 0n, right = 0n] = given;
    if (left + right === 0n) return undefined;
    const id = book.length;
    return {
      words: `${by} opens virtual channel ${id} with ${to} over ${hub}: ${left} and ${right}`,
      after: entered(book, newChannel(id, "Virtual", way.path, given)),
      perform: async (system) => {
        const deposits = [{ asset: ETH, amounts: given }];
        const channelId = await system.tell((stage) =>
          stage[by].openVirtual(stage[to], deposits, { via: [stage[hub]] }),
        );
        system.channels.set(id, channelId);
      },
    };
  };
}

function waysOver(cast: readonly ActorName[], book: Book): readonly Way[] {
  const paths = cast.flatMap((by) =>
    cast.flatMap((hub) => cast.map((to): Way["path"] => [by, hub, to])),
  );
  return paths.flatMap(([by, hub, to]) => {
    const first = ledgerOf(book, by, hub);
    const second = ledgerOf(book, hub, to);
    if (new Set([by, hub, to]).size < 3 || !first || !second) return [];
    const left = lesser(fundsOf(first, by, "eth"), fundsOf(second, hub, "eth"));
    const right = lesser(fundsOf(first, hub, "eth"), fundsOf(second, to, "eth"));
    return [{ path: [by, hub, to], most: [left, right] }];
  });
}

function lesser(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function payment(at: number, isBack: boolean, part: number): Plan {
  return ({ away, book }) => {
    const open = book.filter((one) => !one.isClosed && one.type !== "Ledger");
    const channel = open[at % Math.max(1, open.length)];
    if (channel === undefined || isAway(away, channel.participants)) return undefined;
    const ends = endsOf(channel);
    const [by, to] = isBack ? ends.toReversed() : ends;
    if (by === undefined || to === undefined) return undefined;
    const available = fundsOf(channel, by, "eth");
    if (available === 0n) return undefined;
    const amount = 1n + (BigInt(part) % available);
    const { id, type } = channel;
    const wish = { id: 0, atMs: 0, by, channel: id, asset: "eth", amount } as const;
    return {
      words: `${by} pays ${to} ${amount} in channel ${id}`,
      after: afterWish(book, { ...wish, type: "Pay", to }),
      perform: (system) =>
        system.tell((stage) => {
          const channelId = system.idOf(id);
          return type === "Virtual"
            ? stage[by].payVirtually(channelId, ETH, amount)
            : stage[by].pay(channelId, stage[to], ETH, amount);
        }),
    };
  };
}

function closing(at: number, isSecond: boolean): Plan {
  return ({ away, book }) => {
    const isUsed = (ledger: BookChannel): boolean =>
      book.some(
        ({ isClosed, participants, type }) =>
          type === "Virtual" &&
          !isClosed &&
          ledger.type === "Ledger" &&
          ledger.participants.every((name) => participants.includes(name)),
      );
    const open = book.filter((one) => !one.isClosed && !isUsed(one));
    const channel = open[at % Math.max(1, open.length)];
    if (channel === undefined || isAway(away, channel.participants)) return undefined;
    const by = endsOf(channel)[isSecond ? 1 : 0];
    if (by === undefined) return undefined;
    const wish = { id: 0, atMs: 0, by, channel: channel.id, type: "Close" } as const;
    return {
      words: `${by} closes channel ${channel.id}`,
      after: afterWish(book, wish),
      perform: (system) => system.tell((stage) => stage[by].closeChannel(system.idOf(channel.id))),
    };
  };
}

function crash(cast: readonly ActorName[], at: number): Plan {
  return ({ away, book }) => {
    const running = cast.filter((one) => !away.includes(one));
    const name = running[at % Math.max(1, running.length)];
    if (name === undefined) return undefined;
    return {
      words: `${name} crashes`,
      after: book,
      away: [...away, name],
      perform: (system) => system.tell(async (stage) => stage[name].crash()),
    };
  };
}

function restart(at: number): Plan {
  return ({ away, book }) => {
    const name = away[at % Math.max(1, away.length)];
    if (name === undefined) return undefined;
    return {
      words: `${name} is back`,
      after: book,
      away: away.filter((other) => other !== name),
      perform: (system) => system.tell((stage) => stage[name].restart()),
    };
  };
}

function pause(seconds: number): Plan {
  return ({ book }) => ({
    words: `${seconds} s pass`,
    after: book,
    perform: (system) => system.tell((stage) => stage.pause(seconds * 1_000)),
  });
}

/** True when one of these has a node that is not there. */
function isAway(away: readonly ActorName[], names: readonly ActorName[]): boolean {
  return names.some((name) => away.includes(name));
}

function newChannel(
  id: number,
  type: BookChannel["type"],
  participants: readonly ActorName[],
  given: readonly bigint[],
): BookChannel {
  const funds = [{ asset: "eth", amounts: given }] as const;
  return { id, type, participants, funds, fees: [], readyMs: 0, busyUntilMs: 0, isClosed: false };
}
