/** Who is in a drawn plan, between whom ledger channels may run, and over whom virtual channels may lead. */
import type { ActorName } from "../actors.ts";
import { between, type Chance, happens, pick, weigh } from "./draw-chance.ts";

/** A way for virtual channels. */
export type Route = {
  readonly from: ActorName;
  readonly via: readonly ActorName[];
  readonly to: ActorName;
};

/** Who knows whom. */
export type Topology = {
  readonly cast: readonly ActorName[];
  /** Pairs that may share a ledger channel, the leader first. */
  readonly ledgers: readonly (readonly [leader: ActorName, follower: ActorName])[];
  /** All ways over one to three intermediaries. */
  readonly routes: readonly Route[];
};

type Pair = Topology["ledgers"][number];

const HUBS: readonly ActorName[] = ["irene", "ivan", "isaac"];

/** Users of one hub, in the order in which they join. */
const USERS: readonly ActorName[] = ["alice", "bob", "ivan", "isaac"];

/** Intermediaries of a drawn virtual channel at most: a line of five actors has no more. */
const VIA_MAX = 3;

/** Draws it; between those of `fixed` where a cast is given, who then stand in a line or around the second one. */
export function drawTopology(chance: Chance, fixed: readonly ActorName[] | undefined): Topology {
  const pairs = fixed === undefined ? drawPairs(chance) : pairsAmong(chance, fixed);
  const cast = fixed ?? [...new Set(pairs.flat())];
  const ledgers = pairs.map(([one, other]): Pair => {
    return happens(chance, `${one} leads ${other}`, 0.5) ? [one, other] : [other, one];
  });
  return { cast, ledgers, routes: routesOver(cast, ledgers) };
}

function drawPairs(chance: Chance): readonly Pair[] {
  const shape = weigh(chance, "shape", [
    [30, "Pair"],
    [45, "Line"],
    [10, "SideBySide"],
    [15, "Star"],
  ] as const);
  if (shape === "Pair") return [["alice", "bob"]];
  if (shape === "Star") return star("irene", USERS.slice(0, between(chance, "users", [3, 4])));
  if (shape === "SideBySide") {
    return [...line(["alice", "irene", "bob"]), ...line(["alice", "ivan", "bob"])];
  }
  const count = weigh(chance, "hubs", [
    [70, 1],
    [20, 2],
    [10, 3],
  ]);
  return line(["alice", ...HUBS.slice(0, count), "bob"]);
}

function pairsAmong(chance: Chance, cast: readonly ActorName[]): readonly Pair[] {
  const [, hub] = cast;
  if (hub === undefined || cast.length < 4 || pick(chance, "shape", ["Line", "Star"]) === "Line") {
    return line(cast);
  }
  return star(
    hub,
    cast.filter((name) => name !== hub),
  );
}

function line(names: readonly ActorName[]): readonly Pair[] {
  return names.slice(1).map((name, index): Pair => [names[index] ?? name, name]);
}

function star(hub: ActorName, users: readonly ActorName[]): readonly Pair[] {
  return users.map((user): Pair => [user, hub]);
}

function routesOver(cast: readonly ActorName[], ledgers: readonly Pair[]): readonly Route[] {
  const neighbours = (name: ActorName): readonly ActorName[] =>
    ledgers.flatMap(([one, other]) => (one === name ? other : other === name ? one : []));
  const walk = (path: readonly ActorName[], at: ActorName): readonly (readonly ActorName[])[] => {
    const here = [...path, at];
    const next = here.length > VIA_MAX + 1 ? [] : neighbours(at);
    const on = next.filter((name) => !here.includes(name)).flatMap((name) => walk(here, name));
    return here.length > 2 ? [here, ...on] : on;
  };
  return cast.flatMap((from) =>
    walk([], from).map((path) => ({ from, via: path.slice(1, -1), to: path.at(-1) ?? from })),
  );
}
