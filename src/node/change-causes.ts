/** Which events of a part of a log wrote which entities of the node. */
import { evolveNode } from "../engine/evolve-node.ts";
import type { NodeState, NodeTables } from "../engine/node-state.ts";
import type { PastNode } from "../engine/reconstruction.ts";
import type { NodeEvent } from "../events/event.ts";
import type { EventRecord } from "../events/record.ts";

/** An event, as the cause of a change. */
export type Cause = { readonly offset: number; readonly type: NodeEvent["type"] };

/** The events that wrote an entity, by its table and its key: `channels/0x...`. */
export type Causes = ReadonlyMap<string, readonly Cause[]>;

type Name = { readonly table: keyof NodeState; readonly key: string };

/** From so many events on, the whole state is read at once: looking each entity up would take longer. */
const MANY_EVENTS = 20_000;

/**
 * Folds the records once more and notes what each of them writes. `before` is the node in front of the
 * first of them; of a few events only what they look at is read.
 */
export async function causesIn(
  before: PastNode,
  records: AsyncIterable<EventRecord<NodeEvent>>,
  count: number,
): Promise<Causes> {
  if (count > MANY_EVENTS) await before.readWhole();
  const causes = new Map<string, Cause[]>();
  const known = new Map<string, unknown>();
  for await (const { event, offset } of records) {
    const written = await foldOne(before, known, event);
    for (const [entity, value] of written) {
      known.set(entity, value);
      const cause = { offset, type: event.type };
      const others = causes.get(entity);
      if (others === undefined) causes.set(entity, [cause]);
      else others.push(cause);
    }
  }
  return causes;
}

/** What an event writes. Entities that it looks at are read as it asks for them, and it begins again. */
async function foldOne(
  before: PastNode,
  known: Map<string, unknown>,
  event: NodeEvent,
): Promise<ReadonlyMap<string, unknown>> {
  for (;;) {
    const written = new Map<string, unknown>();
    try {
      evolveNode(tablesOver(known, written), event);
      return written;
    } catch (error) {
      if (!(error instanceof UnreadEntity)) throw error;
      const { key, table } = error.entity;
      known.set(`${table}/${key}`, await before.get(table, key));
    }
  }
}

/** Thrown out of a fold that asks for what was not read yet. */
class UnreadEntity extends Error {
  readonly entity: Name;

  constructor(entity: Name) {
    super(`${entity.table}/${entity.key} was not read yet`);
    this.entity = entity;
  }
}

function tablesOver(
  known: ReadonlyMap<string, unknown>,
  written: Map<string, unknown>,
): NodeTables {
  const over = (table: keyof NodeState) => ({
    get: (key: string): unknown => {
      const entity = `${table}/${key}`;
      if (written.has(entity)) return written.get(entity);
      if (!known.has(entity)) throw new UnreadEntity({ table, key });
      return known.get(entity);
    },
    set: (key: string, value: unknown) => written.set(`${table}/${key}`, value),
    delete: (key: string) => written.set(`${table}/${key}`, undefined),
  });
  return {
    objectives: over("objectives"),
    channels: over("channels"),
    desks: over("desks"),
    peers: over("peers"),
    messages: over("messages"),
    transactions: over("transactions"),
    facts: over("facts"),
  } as unknown as NodeTables;
}
