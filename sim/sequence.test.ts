/** Diagrams are read as people write them, and differences are shown where they are. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../test/kind.ts";
import { compareWithDiagram, parseSequence, sequence } from "./sequence.ts";

const DIAGRAM = sequence`
  sequenceDiagram
    participant alice
    %% a comment
    alice ->> bob:   prefund
    Note over bob: crash
    par
      bob   ->>  alice: a
    and
      alice ->>  bob:   b
      alice ->>  bob:   c
    end
    chain -->> all:   holds 10
`;
const RUN = [
  "alice->>bob: prefund",
  "Note over bob: crash",
  "bob->>alice: a",
  "alice->>bob: b",
  "alice->>bob: c",
  "chain-->>all: holds 10",
];

describe("parseSequence", () => {
  unit("reads arrows, notes and par blocks, whatever their spaces", () => {
    expect(DIAGRAM).toEqual([RUN.slice(0, 1), RUN.slice(1, 2), RUN.slice(2, 5), RUN.slice(5)]);
  });

  unit("refuses a line that is none of a diagram, rather than to skip it", () => {
    expect(() => parseSequence("alice > bob: prefund")).toThrow("alice > bob: prefund");
  });
});

describe("compareWithDiagram", () => {
  unit("finds nothing in a run that is the diagram's", () => {
    expect(compareWithDiagram(DIAGRAM, RUN)).toBeUndefined();
  });

  property("takes the arrows of a par block in any order", () => {
    const orders = fc.shuffledSubarray(RUN.slice(2, 5), { minLength: 3 });
    fc.assert(
      fc.property(orders, (group) => {
        const run = [...RUN.slice(0, 2), ...group, ...RUN.slice(5)];
        expect(compareWithDiagram(DIAGRAM, run)).toBeUndefined();
      }),
    );
  });

  unit("shows what was expected and what came, with the lines before", () => {
    const run = RUN.with(5, "chain-->>all: holds 9");

    expect(compareWithDiagram(DIAGRAM, run)).toEqual({
      position: 5,
      lines: [
        "    bob->>alice: a",
        "    alice->>bob: b",
        "    alice->>bob: c",
        "  - chain-->>all: holds 10",
        "  + chain-->>all: holds 9",
      ],
    });
  });

  unit("says where the run or the diagram ends too early", () => {
    const short = compareWithDiagram(DIAGRAM, RUN.slice(0, -1));
    const long = compareWithDiagram(DIAGRAM, [...RUN, "bob->>alice: more"]);

    expect([short?.position, short?.lines.at(-1)]).toEqual([5, "  + (the run ends here)"]);
    expect([long?.position, long?.lines.at(-2)]).toEqual([6, "  - (the diagram ends here)"]);
  });

  property("finds any arrow that is left out, doubled or changed", () => {
    const faults = fc.record({
      at: fc.nat(RUN.length - 1),
      kind: fc.constantFrom("left out", "doubled", "changed"),
    });
    fc.assert(
      fc.property(faults, ({ at, kind }) => {
        const arrow = RUN[at] ?? "";
        const instead = { "left out": [], doubled: [arrow, arrow], changed: ["eve->>bob: lie"] };
        const run = RUN.toSpliced(at, 1, ...instead[kind as "doubled"]);
        expect(compareWithDiagram(DIAGRAM, run)).toBeDefined();
      }),
    );
  });
});
