/** An honest log, and ways to plant in it what no honest node writes. */
import type { RuleCode } from "../src/engine/broken-rule.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { assertDefined } from "../src/primitives/assert.ts";

/** The name of a kind of event. */
export type EventType = NodeEvent["type"];

/** The event of one kind. */
export type EventOf<Type extends EventType> = Extract<NodeEvent, { readonly type: Type }>;

/** A log that breaks a rule, the code for it, and the offset that must be named first. */
export type Planted = readonly [RuleCode, number, readonly NodeEvent[]];

/** An honest log. Nothing changes it: each method gives another one. */
export class PlantedLog {
  readonly events: readonly NodeEvent[];

  constructor(events: readonly NodeEvent[]) {
    this.events = events;
  }

  /** The offset of the event number `count` (from 0; -1 is the last) of a type, among those that are `about` it. */
  at(type: EventType, count = 0, about: object = {}): number {
    const offsets = [...this.events.keys()].filter((offset) => {
      const event = this.events[offset] as unknown as Readonly<Record<string, unknown>>;
      const isAbout = Object.entries(about).every(([key, value]) => event[key] === value);
      return event["type"] === type && isAbout;
    });
    return assertDefined(offsets.at(count), `${type} number ${count}`);
  }

  /** The event at that offset. */
  get<Type extends EventType>(type: Type, count = 0, about: object = {}): EventOf<Type> {
    return this.events[this.at(type, count, about)] as EventOf<Type>;
  }

  /** Other fields for the event at an offset. */
  changed(offset: number, change: object): PlantedLog {
    const event = assertDefined(this.events[offset], "an event");
    return new PlantedLog(this.events.with(offset, { ...event, ...change }));
  }

  /** Other fields for an event of a type. */
  altered<Type extends EventType>(
    type: Type,
    count: number,
    change: (event: EventOf<Type>) => object,
  ): readonly NodeEvent[] {
    return this.changed(this.at(type, count), change(this.get(type, count))).events;
  }

  without(offset: number): readonly NodeEvent[] {
    return this.events.toSpliced(offset, 1);
  }

  /** An event more, right behind an offset. */
  after(offset: number, event: NodeEvent | undefined): readonly NodeEvent[] {
    return this.events.toSpliced(offset + 1, 0, assertDefined(event, "an event"));
  }

  repeated(type: EventType, count = 0): readonly NodeEvent[] {
    return this.after(this.at(type, count), this.get(type, count));
  }

  /** The last event of a type once more at the end of the log, with other fields. */
  atEnd(event: object, from: EventType): readonly NodeEvent[] {
    return [...this.events, { ...this.get(from, -1), ...event } as NodeEvent];
  }
}
