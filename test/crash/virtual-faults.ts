/** What must hold of ledgers and virtual channels when everybody has come to rest. */
import type { Balances } from "../../sim/balances.ts";
import type { SimulatedNode } from "../../sim/simulated-node.ts";
import type { World } from "../../sim/world.ts";
import { type Channel, phaseOf } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { virtualFundId } from "../../src/channel/objective-id.ts";
import { outcomeHash } from "../../src/channel/outcome-encoding.ts";
import { TURN } from "../../src/channel/state.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { isIdleLedger } from "../../src/protocols/ledger.ts";

/**
 * What is wrong while somebody is away. A ledger whose two ends are there is free, but where one of them has
 * signed the postfund: she waits for a final state of all, or for the chain, and says so. Nor is one whose end
 * has started anew meanwhile: it does not know what it has signed before all have told. Those are `unsure`.
 */
export function faultsWhileAway(
  world: World,
  ledgers: readonly ChannelId[],
  target: ChannelId | undefined,
  unsure: ReadonlySet<string>,
): readonly string[] {
  const promised = running(world).filter(
    ({ engine }) => target !== undefined && isPromised(engine.channel(target)),
  );
  const silent = promised.filter(({ engine, parts }) => {
    const channel = target && engine.channel(target);
    // Whoever has the channel open, and has not heard that somebody closes it, waits for nothing.
    if (unsure.has(parts.name)) return false;
    return engine.waits().length === 0 && channel && phaseOf(channel) !== "Running";
  });
  const locked = ledgers.flatMap((ledger) => {
    const ends = endsOf(world, ledger);
    const mayStay =
      ends.length < 2 || ends.some((end) => promised.includes(end) || unsure.has(end.parts.name));
    return mayStay || ends.every(({ engine }) => isFree(engine.channel(ledger)))
      ? []
      : [`ledger ${ledgers.indexOf(ledger)} is locked though nobody has promised anything`];
  });
  return [...locked, ...silent.map(({ parts }) => `${parts.name} does not say what it waits for`)];
}

/** What is wrong once everybody is there again. */
export function faultsAtEnd(
  world: World,
  ledgers: readonly ChannelId[],
  target: ChannelId,
): readonly string[] {
  const open = running(world).flatMap(({ engine, parts }) =>
    engine.waits().map(({ id, waitingFor }) => `${parts.name} waits for ${waitingFor} of ${id}`),
  );
  const fates = running(world).flatMap(
    ({ engine }) => engine.objective(virtualFundId(target))?.status ?? [],
  );
  const isSplit = new Set(fates).size > 1;
  const locked = ledgers.flatMap((ledger, index) =>
    endsOf(world, ledger).flatMap(({ engine, parts }) =>
      isFree(engine.channel(ledger)) ? [] : [`ledger ${index} is not free at ${parts.name}`],
    ),
  );
  const apart = ledgers.flatMap((ledger, index) => {
    const hashes = endsOf(world, ledger).map(({ engine }) => hashOf(engine.channel(ledger)));
    return new Set(hashes).size > 1 ? [`the ends of ledger ${index} differ`] : [];
  });
  return [...open, ...(isSplit ? [`the opening is ${fates}`] : []), ...locked, ...apart];
}

/** What is wrong with what everybody has won or lost, in tokens. */
export function faultsOfMoney(
  before: readonly Balances[],
  after: readonly Balances[],
  dues: readonly bigint[],
): readonly string[] {
  return dues.flatMap((due, index) => {
    const [start, end] = [before, after].map((all) => all[index]?.before["TOK"] ?? 0n);
    const won = (end ?? 0n) - (start ?? 0n);
    return won === due ? [] : [`${before[index]?.name} has won ${won} and not ${due}`];
  });
}

/** True for a participant who can leave the channel by a state of all, or by the chain, alone. */
function isPromised(channel: Channel | undefined): boolean {
  if (channel === undefined || phaseOf(channel) === "Finalized") return false;
  return (channel.mySignedTurn ?? -1) >= TURN.postfund;
}

function isFree(channel: Channel | undefined): boolean {
  return channel !== undefined && phaseOf(channel) === "Running" && isIdleLedger(channel);
}

function hashOf(channel: Channel | undefined): string {
  const { variablePart } = assertDefined(channel?.supported, "a supported state");
  return outcomeHash(variablePart.outcome);
}

function endsOf(world: World, ledger: ChannelId): readonly SimulatedNode[] {
  return running(world).filter(({ engine }) => engine.channel(ledger) !== undefined);
}

function running(world: World): readonly SimulatedNode[] {
  return [...world.nodes.values()].filter(({ isRunning }) => isRunning);
}
