/** Documents that are written from the sources say what the sources say. */
import { describe, expect } from "bun:test";
import { join, resolve } from "node:path";
import { golden, invariant, unit } from "../kind.ts";
import { declarationsIn } from "./api-declarations.ts";
import { declaredEvent } from "./declared-event.ts";
import { unexplained } from "./events-document.ts";
import { generatedDocuments } from "./generated-documents.ts";
import { fieldsOf, inShort, itemOf, linesOf } from "./layout.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** The compiler runs once: a second on an idle machine, more on a busy one. */
const COMPILER_TIMEOUT_MS = 60_000;

describe("documents", () => {
  golden(
    "what `bun run documents` writes is what is there",
    async () => {
      for (const [path, text] of await generatedDocuments()) {
        const found = (await Bun.file(join(ROOT, path)).text()).split("\n");
        const missing = text.split("\n").filter((line) => !found.includes(line));
        // The lines first: they say what to look at before `bun run documents` is run.
        expect({ path, missing }).toEqual({ path, missing: [] });
        expect(found.join("\n")).toBe(text);
      }
    },
    COMPILER_TIMEOUT_MS,
  );

  invariant("every event and every field of an event is explained", () => {
    expect(unexplained()).toEqual([]);
  });
});

describe("declaredEvent", () => {
  const source = `
export type Fact =
  | {
      /** Somebody
       * paid. */
      readonly type: "Paid";
      /** In wei. */
      readonly amount: bigint;
      readonly signatures: readonly Signature[];
    }
  | { readonly type: "Closed" };
`;

  unit("gives the words of an event and of its fields", () => {
    expect(declaredEvent("Paid", ["", source])).toEqual({
      doc: "Somebody paid.",
      fields: [
        { name: "type", type: '"Paid"', doc: "Somebody paid." },
        { name: "amount", type: "bigint", doc: "In wei." },
        { name: "signatures", type: "readonly Signature[]", doc: "" },
      ],
    });
  });

  unit("gives the fields of a type that is joined to an event's own", () => {
    const joined = `${source}
type Receipt = {
  /** For whom. */
  readonly payee: Address;
};
type Receipted = | ({ readonly type: "Receipted" } & Receipt);`;

    expect(declaredEvent("Receipted", [joined]).fields).toEqual([
      { name: "type", type: '"Receipted"', doc: "" },
      { name: "payee", type: "Address", doc: "For whom." },
    ]);
  });

  unit("an event without words has none, whatever stands before it", () => {
    expect(declaredEvent("Closed", [source]).doc).toBe("");
  });

  unit("a type that picks an event does not declare it", () => {
    const picked = 'type Payment = Fact & { readonly type: "Paid" };';

    expect(declaredEvent("Paid", [picked, source])).toEqual(declaredEvent("Paid", [source]));
  });

  unit("a record of the same file that an event is joined to adds its fields", () => {
    const record = "type Place = {\n  /** Where. */\n  readonly at: number;\n};\n";
    const joined = `${record}type Put = Place & { readonly type: "Put"; readonly by: Hex };`;

    expect(declaredEvent("Put", [joined]).fields.map(({ doc, name }) => [name, doc])).toEqual([
      ["type", ""],
      ["by", ""],
      ["at", "Where."],
    ]);
  });

  unit("an event that is declared twice is refused, as is one that is not", () => {
    expect(() => declaredEvent("Paid", [source, source])).toThrow("declared in one place");
    expect(() => declaredEvent("Opened", [source])).toThrow("declared in one place");
  });
});

describe("layouts", () => {
  const shape = "{id:bytes(32),parts:list({at:uint(9),to:bytes(0,4)},16),more:optional({})}";

  unit("the fields of a record are found in their order, whatever is inside them", () => {
    expect(fieldsOf(shape)).toEqual([
      { name: "id", shape: "bytes(32)" },
      { name: "parts", shape: "list({at:uint(9),to:bytes(0,4)},16)" },
      { name: "more", shape: "optional({})" },
    ]);
    expect(fieldsOf("{}")).toEqual([]);
  });

  unit("the lines of a union are its cases with their numbers", () => {
    expect(linesOf("union(1:Pay{to:uint(9)},2:Close{})")).toEqual([
      { name: "1: Pay", shape: "{to:uint(9)}" },
      { name: "2: Close", shape: "{}" },
    ]);
  });

  unit("the item of a list or of an optional value is what is inside", () => {
    expect(itemOf("list(bytes(65),255)")).toBe("bytes(65)");
    expect(itemOf("optional(uint(9))")).toBe("uint(9)");
    expect(itemOf("uint(9)")).toBe("uint(9)");
  });

  unit("parts stand by their names, the largest first, and large limits as powers of two", () => {
    const named = [
      { name: "Place", shape: "{at:uint(9)}" },
      { name: "Move", shape: "{from:{at:uint(9)},to:{at:uint(9)}}" },
    ];

    expect(inShort("{move:{from:{at:uint(9)},to:{at:uint(9)}},end:{at:uint(9)}}", named)).toBe(
      "{move:Move,end:Place}",
    );
    expect(inShort("uint(281474976710655)", named)).toBe("uint(2^48-1)");
  });
});

describe("declarationsIn", () => {
  unit("gives what is exported, with its words and without what is private", () => {
    const text = `import type { A } from "./a.ts";
/** A pair.
 * Of two. */
export type Pair = {
    /** The first. */
    readonly left: A;
};
type Hidden = 1;
/** Holds pairs. */
export declare class Shelf {
    #private;
    private constructor();
    /** How many. */
    get size(): number;
}
/** Counts. */
export declare function count(pairs: readonly Pair[]): number;
export declare const PAIRS_MAX = 9;
export {};
`;

    expect(declarationsIn(text)).toEqual([
      {
        name: "Pair",
        doc: "A pair.\nOf two.",
        code: "type Pair = {\n  /** The first. */\n  readonly left: A;\n};",
      },
      {
        name: "Shelf",
        doc: "Holds pairs.",
        code: "class Shelf {\n  /** How many. */\n  get size(): number;\n}",
      },
      { name: "count", doc: "Counts.", code: "function count(pairs: readonly Pair[]): number;" },
      { name: "PAIRS_MAX", doc: "", code: "const PAIRS_MAX = 9;" },
    ]);
  });
});
