/** What happened, as lines for people: text for a pipe, lanes between actors for a terminal. */
import type { TraceEntry } from "../trace.ts";

/** One line of a sequence diagram, taken apart. */
type Step =
  | {
      readonly type: "Arrow";
      readonly from: string;
      readonly to: string;
      readonly isDashed: boolean;
      readonly label: string;
    }
  | { readonly type: "Note"; readonly over: string; readonly label: string };

/** Width that lanes need; a narrower terminal gets the text. */
const LANES_COLUMNS_MIN = 72;

/** Columns between two lanes, at most: a wider gap only makes arrows harder to follow. */
const GAP_MAX = 34;

/** Columns in front of the first lane: the time. */
const TIME_COLUMNS = 12;

/** Everybody who watches the chain, in the words of a diagram. */
const ALL = "all";

/** `12.034 s`: virtual time since the start. */
export function formatTime(atMs: number): string {
  return `${(atMs / 1_000).toFixed(3)} s`;
}

/** Reads a line of a diagram as `Trace` holds it. */
function stepOf(arrow: string): Step {
  const [, from = "", line = "", to = "", label = ""] =
    /^(\w+)(--?>>)(\w+): (.*)$/.exec(arrow) ?? [];
  if (line !== "") return { type: "Arrow", from, to, isDashed: line === "-->>", label };
  const [, over = "", note = arrow] = /^Note over (\w+): (.*)$/.exec(arrow) ?? [];
  return { type: "Note", over, label: note };
}

/** One line for each arrow and note: `12.034 s  alice -> bob: prefund`. */
export function plainDiagram(entries: readonly TraceEntry[]): readonly string[] {
  return entries.flatMap((entry) => {
    if (entry.type !== "Arrow") return [];
    const step = stepOf(entry.arrow);
    const text =
      step.type === "Arrow"
        ? `${step.from} -> ${step.to}: ${step.label}`
        : `${step.over}: ${step.label}`;
    return [`${formatTime(entry.atMs).padStart(TIME_COLUMNS)}  ${text}`];
  });
}

/** The diagram for an output of this width; undefined stands for a pipe. */
export function diagramLines(
  entries: readonly TraceEntry[],
  cast: readonly string[],
  columns: number | undefined,
): readonly string[] {
  if (columns === undefined || columns < LANES_COLUMNS_MIN) return plainDiagram(entries);
  const lanes = placeLanes([...cast, "chain"], columns);
  const head = nameLine(lanes);
  const lines = entries.flatMap((entry) => {
    if (entry.type !== "Arrow") return [];
    return draw(lanes, stepOf(entry.arrow), formatTime(entry.atMs).padStart(TIME_COLUMNS - 1));
  });
  return [head, ...lines, head];
}

type Lanes = ReadonlyMap<string, number>;

function placeLanes(names: readonly string[], columns: number): Lanes {
  const first = TIME_COLUMNS + 4;
  const gap = Math.floor((columns - first - 4) / Math.max(1, names.length - 1));
  return new Map(names.map((name, index) => [name, first + index * Math.min(gap, GAP_MAX)]));
}

function nameLine(lanes: Lanes): string {
  let line = "";
  for (const [name, column] of lanes) {
    line = `${line.padEnd(column - Math.floor(name.length / 2))}${name}`;
  }
  return line;
}

function draw(lanes: Lanes, step: Step, time: string): readonly string[] {
  if (step.type === "Note") {
    return [write(emptyRow(lanes, time), lanes.get(step.over) ?? 0, `( ${step.label} )`)];
  }
  const { from, isDashed, label, to } = step;
  const columns = [...lanes.values()];
  const source = lanes.get(from) ?? 0;
  const targets = to === ALL ? columns.filter((column) => column !== source) : [lanes.get(to) ?? 0];
  const far = Math.min(...targets) < source ? Math.min(...targets) : Math.max(...targets);
  const near = targets.reduce((best, column) =>
    Math.abs(column - source) < Math.abs(best - source) ? column : best,
  );
  const line = arrowLine(lanes, time, { source, far, targets, dash: isDashed ? "╌" : "─" });
  const middle = Math.round((source + near) / 2);
  // Two letters of the arrow stay visible at each end of its label.
  const room = Math.abs(near - source) - 6;
  const text = ` ${label} `;
  if (text.length <= room) return [write(line, middle, text)];
  return [write(emptyRow(lanes, time), middle, text), line.replace(time, " ".repeat(time.length))];
}

function emptyRow(lanes: Lanes, time: string): string {
  let row = time;
  for (const column of lanes.values()) row = `${row.padEnd(column)}│`;
  return row;
}

function arrowLine(
  lanes: Lanes,
  time: string,
  arrow: {
    readonly source: number;
    readonly far: number;
    readonly targets: readonly number[];
    readonly dash: string;
  },
): string {
  const { dash, far, source, targets } = arrow;
  const row = [...emptyRow(lanes, time)];
  const step = source < far ? 1 : -1;
  for (let column = source + step; column !== far; column += step) {
    if (row[column] !== "│" || !targets.includes(column)) row[column] = dash;
  }
  for (const target of targets) row[target - step] = step > 0 ? "▶" : "◀";
  return row.join("");
}

/** Puts a text into a row, centred on a column, moved right where it would stand on the time. */
function write(row: string, column: number, text: string): string {
  const start = Math.max(TIME_COLUMNS, column - Math.floor(text.length / 2));
  return row.slice(0, start).padEnd(start) + text + row.slice(start + text.length);
}
