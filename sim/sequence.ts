/** Sequence diagrams: what a scenario promises, compared with what its run showed. */
import { assert } from "../src/primitives/assert.ts";

/** One line of a diagram without the spaces that are for the reader: `alice->>bob: prefund`. */
export type Arrow = string;

/** Arrows that may come in any order among themselves; one alone, or the lines of a `par` block. */
export type Sequence = readonly (readonly Arrow[])[];

/** Reads a Mermaid sequence diagram: arrows, notes (`Note over bob: crash`), and `par` ... `end`. */
export function sequence(strings: TemplateStringsArray, ...values: readonly unknown[]): Sequence {
  return parseSequence(String.raw({ raw: strings }, ...values));
}

/** Reads the text of a diagram. `and` lines inside `par` are Mermaid's own and separate nothing here. */
export function parseSequence(diagram: string): Sequence {
  const groups: Arrow[][] = [];
  let isParallel = false;
  for (const line of diagram.split("\n").map((text) => text.trim())) {
    if (line === "par" || line === "end") {
      isParallel = line === "par";
      if (isParallel) groups.push([]);
    } else if (line.includes(">>") || line.startsWith("Note ")) {
      if (isParallel) groups.at(-1)?.push(squeeze(line));
      else groups.push([squeeze(line)]);
    } else {
      assert(isIgnored(line), `"${line}" is a line of a sequence diagram`);
    }
  }
  return groups;
}

/** A difference between a diagram and a run: what stood where, and what was expected there. */
export type Difference = { readonly position: number; readonly lines: readonly string[] };

/** The first difference, with the lines around it; undefined when the run is what the diagram says. */
export function compareWithDiagram(
  diagram: Sequence,
  arrows: readonly Arrow[],
): Difference | undefined {
  const expected: Arrow[] = [];
  let position = 0;
  for (const group of diagram) {
    const actual = arrows.slice(position, position + group.length);
    const aligned = alignGroup(group, actual);
    expected.push(...aligned);
    position += group.length;
  }
  const length = Math.max(expected.length, arrows.length);
  for (let index = 0; index < length; index++) {
    if (expected[index] !== arrows[index]) return differenceAt(index, expected, arrows);
  }
  return undefined;
}

/** The group in the order of the run, where the run holds its arrows; the missing ones at the end. */
function alignGroup(group: readonly Arrow[], actual: readonly Arrow[]): Arrow[] {
  const left = [...group];
  const matched: (Arrow | undefined)[] = actual.map((arrow) => {
    const found = left.indexOf(arrow);
    return found < 0 ? undefined : left.splice(found, 1)[0];
  });
  const aligned = matched.map((arrow) => arrow ?? left.shift() ?? "");
  return [...aligned, ...left];
}

/** Lines shown before and after the first difference. */
const LINES_AROUND = 3;

function differenceAt(
  position: number,
  expected: readonly Arrow[],
  arrows: readonly Arrow[],
): Difference {
  const same = arrows.slice(Math.max(0, position - LINES_AROUND), position);
  const wanted = expected.slice(position, position + 1 + LINES_AROUND);
  const found = arrows.slice(position, position + 1 + LINES_AROUND);
  const lines = [
    ...same.map((arrow) => `    ${arrow}`),
    ...(wanted.length > 0 ? wanted : ["(the diagram ends here)"]).map((arrow) => `  - ${arrow}`),
    ...(found.length > 0 ? found : ["(the run ends here)"]).map((arrow) => `  + ${arrow}`),
  ];
  return { position, lines };
}

function squeeze(line: string): Arrow {
  return line.replace(/\s*(--?>>)\s*(\w+)\s*:\s*/, "$1$2: ").replace(/\s+/g, " ");
}

function isIgnored(line: string): boolean {
  return (
    line === "" || line === "and" || /^(sequenceDiagram|participant|actor|autonumber|%%)/.test(line)
  );
}
