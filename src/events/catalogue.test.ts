/** The disk contract: no number, layout or byte of an event that was ever written changes. */
import { describe, expect } from "bun:test";
import { version as programVersion } from "../../package.json";
import { type KeptLayout, keptLayouts } from "../../test/kept-layouts.ts";
import { golden, unit } from "../../test/kind.ts";
import { sampleEvents } from "../../test/sample-events.ts";
import { fromHex, type Hex, toHex } from "../primitives/hex.ts";
import { createReader, expectEnd } from "../primitives/message-pack-reader.ts";
import { decode, encode, type Schema } from "../primitives/schema.ts";
import { catalogue } from "./catalogue.ts";
import type { CatalogueEntry } from "./catalogue-entry.ts";
import type { NodeEvent } from "./event.ts";

type Type = NodeEvent["type"];
type Entry = CatalogueEntry<Record<string, unknown>>;

const entries = Object.entries(catalogue as unknown as Readonly<Record<Type, Entry>>);
/** Types stand in the catalogue by what they are about, and in the file in the order of their birth. */
const byNumber = (left: KeptLayout, right: KeptLayout): number =>
  left.number - right.number || left.version - right.version;
const fieldsOf = ({ type: _, ...fields }: NodeEvent): Record<string, unknown> => fields;

const today: readonly KeptLayout[] = entries
  .map(([type, { number, schema, version }]) => ({
    type,
    number,
    version,
    since: programVersion,
    shape: schema.shape,
    samples: (sampleEvents[type as Type] as readonly NodeEvent[]).map((sample) =>
      toHex(encode(schema, fieldsOf(sample))),
    ),
  }))
  .sort(byNumber);
const kept = (await keptLayouts("events.json", today)).toSorted(byNumber);

const withoutSamples = ({ samples: _, since: __, ...layout }: KeptLayout): object => layout;

/** Reads a sample as the program of today reads the version that it was written in. */
function readFields({ type, version }: KeptLayout, sample: Hex): Record<string, unknown> {
  const entry = catalogue[type as Type] as unknown as Entry;
  const older = entry.upcasts[version - 1];
  const reader = createReader(fromHex(sample));
  const fields = older === undefined ? entry.schema.read(reader) : older.read(reader);
  expectEnd(reader);
  return fields;
}

const isCurrent = ({ type, version }: KeptLayout): boolean =>
  today.some((layout) => layout.type === type && layout.version === version);

/** The paths of all cases of unions in a layout, so that a case without a sample is noticed. */
const casesIn = (shape: string): readonly string[] =>
  [...shape.matchAll(/(?<![A-Za-z0-9])\d+:([A-Z][A-Za-z]*)\{/g)].map(([, name]) => `"${name}"`);

const asText = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}` : part));

describe("the disk contract", () => {
  golden("every event type has the number, the version and the layout that are kept", () => {
    expect(kept.filter(isCurrent).map(withoutSamples)).toEqual(today.map(withoutSamples));
  });

  golden("every layout that is kept says which version of the program wrote it first", () => {
    expect(kept.filter(({ since = "" }) => !/^\d+\.\d+\.\d+$/.test(since))).toEqual([]);
  });

  golden("every sample is written to the bytes that are kept", () => {
    expect(kept.filter(isCurrent).map(({ samples, type }) => [type, samples])).toEqual(
      today.map(({ samples, type }) => [type, samples]),
    );
  });

  golden("no number is given to two types, today or in the past", () => {
    const names = new Map([...today, ...kept].map(({ number, type }) => [number, type]));
    const reused = [...today, ...kept].filter(({ number, type }) => names.get(number) !== type);

    expect(reused).toEqual([]);
    expect(new Set([...today, ...kept].map(({ type }) => type)).size).toBe(names.size);
  });

  golden("every version of a type that was ever written is kept, from 1 to that of today", () => {
    const versions = entries.map(([type, { version }]) => [type, range(version)]);

    expect(versions).toEqual(
      entries.map(([type]) => [
        type,
        kept.filter((layout) => layout.type === type).map(({ version }) => version),
      ]),
    );
  });

  golden("every kept sample of the version of today is read as the event", () => {
    for (const layout of kept.filter(isCurrent)) {
      const events = sampleEvents[layout.type as Type] as readonly NodeEvent[];
      expect(layout.samples.map((sample) => readFields(layout, sample))).toEqual(
        events.map(fieldsOf),
      );
    }
  });

  golden("every kept sample of an older version is read as an event of today", () => {
    for (const layout of kept.filter(({ type }) => type in catalogue)) {
      const schema = catalogue[layout.type as Type].schema as unknown as Schema<unknown>;
      for (const sample of layout.samples) {
        const fields = readFields(layout, sample);
        expect(decode(schema, encode(schema, fields))).toEqual({ ok: true, value: fields });
      }
    }
  });
});

describe("the samples", () => {
  unit("there is one for every case of every union in an event", () => {
    for (const { shape, type } of today) {
      const samples = asText(sampleEvents[type as Type]);
      expect(casesIn(shape).filter((name) => !samples.includes(name))).toEqual([]);
      expect(sampleEvents[type as Type].length).toBeGreaterThan(0);
    }
  });
});

describe("numbers", () => {
  unit("stand in the range of what they are about", () => {
    const ranges = [
      { from: 1, to: 19, names: /^(?:Objective|Payments|Request)/ },
      {
        from: 20,
        to: 39,
        names:
          /^(?:State|SupportedState|Capacity|Channel|Doubt|Turn|Proposal|Ledger|Voucher|AppMessage)/,
      },
      {
        from: 40,
        to: 59,
        names:
          /^(?:Deposit|Allocation|ChannelConcluded|Transaction|Challenge|Withdraw|Chain|Holdings|Guarantee|Blocks)/,
      },
      {
        from: 60,
        to: 79,
        names: /^(?:Message|Peer|Resync|VouchersResynced|StepResynced|LedgerNamed)/,
      },
      { from: 80, to: 99, names: /^(?:Snapshot|Clock)/ },
    ];
    const outside = today.filter(
      ({ number, type }) =>
        !ranges.some(({ from, names, to }) => number >= from && number <= to && names.test(type)),
    );

    expect(outside.map(({ type }) => type)).toEqual([]);
  });
});

const range = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1);
