/**
 * Every boundary in the life of a node at which it can stop: around each append, and around each thing that leaves
 * it behind one; with what the disk may hold then, and with when the node comes back.
 */
import type { MemoryDiskSnapshot } from "../../src/adapters/memory-disk.ts";
import { decodeFrame } from "../../src/network/frame.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import type { ActorName } from "../actors.ts";
import type { SimulatedChain } from "../simulated-chain.ts";
import type { World } from "../world.ts";
import {
  type Appended,
  type Departure,
  type Doorkeeper,
  keepDoors,
  type Lives,
  type Write,
} from "./lives.ts";
import { type Ending, type Fault, playScript } from "./play-script.ts";
import type { Story } from "./stories.ts";

/**
 * Where a node stops, at an append: before it, when it is on the disk and the head file does not name it yet, or
 * when so many things have left the node behind it.
 */
export type Boundary =
  | { readonly type: "Before" }
  | { readonly type: "Unsealed" }
  | { readonly type: "After"; readonly effects: number };

/**
 * What the disk holds of the append when the node is gone.
 *
 * - `durable`: what was written.
 * - `lost tail`: nothing, as of a disk that has forgotten in a power cut what it had called written. The head file
 *   does not know of it either: it tells only that there was a power cut.
 * - `torn`: a part, and again the head file does not know of it.
 * - `damaged`: a part, though the head file names all of it. Then the node must not start.
 */
export type DiskEnd = "durable" | "lost tail" | "torn" | "damaged";

/** When the node comes back: at once, when everybody else has come to rest, or not at all. */
export type Return = "now" | "later" | "never";

/** One way in which a node stops. */
export type CrashPoint = {
  readonly name: ActorName;
  /** Counts from the first append of the part of the story that counts, which is 1. */
  readonly append: number;
  /** How many things leave the node between this append and the next. */
  readonly effects: number;
  /** True when the next thing that would leave the node is an acknowledgement. */
  readonly isUnacknowledged: boolean;
  readonly boundary: Boundary;
  readonly disk: DiskEnd;
  readonly back: Return;
};

/** What leaves a node behind one of its appends, in order. */
type Append = Departure[];

/** The appends of each node, as the story is told without a fault. */
type Course = ReadonlyMap<ActorName, readonly Append[]>;

/** The name of a crash point, which names it among those of its story. */
export function crashPointName(point: CrashPoint): string {
  const { append, back, boundary, disk, effects, isUnacknowledged, name } = point;
  const acknowledged = isUnacknowledged ? " before its acknowledgement" : "";
  const place = {
    Before: () => "before it",
    Unsealed: () => "before its head",
    After: () =>
      `after ${boundary.type === "After" ? boundary.effects : 0} of ${effects} effects${acknowledged}`,
  }[boundary.type]();
  return `${name}/append ${append}/${place}/${disk}/${back}`;
}

/** All crash points of a story. Throws when it does not even end well without one. */
export async function crashPointsOf(
  chain: SimulatedChain,
  story: Story,
): Promise<readonly CrashPoint[]> {
  const course = await courseOf(chain, story);
  return (story.honest ?? story.cast).flatMap((name) =>
    (course.get(name) ?? []).flatMap((departures, index) => pointsAt(name, index + 1, departures)),
  );
}

/** Tells the story with that stop. */
export function playCrash(chain: SimulatedChain, story: Story, point: CrashPoint): Promise<Ending> {
  return playScript(chain, story, new Crash(point));
}

function pointsAt(name: ActorName, append: number, departures: Append): readonly CrashPoint[] {
  const effects = departures.length;
  const at = (boundary: Boundary, disks: readonly DiskEnd[], backs: readonly Return[]) =>
    disks.flatMap((disk) =>
      backs.map((back): CrashPoint => {
        const next = boundary.type === "After" ? departures[boundary.effects] : undefined;
        const isUnacknowledged = next !== undefined && isAcknowledgement(next);
        return { name, append, effects, isUnacknowledged, boundary, disk, back };
      }),
    );
  const returns = ["now", "later"] as const;
  return [
    ...at({ type: "Before" }, ["durable"], [...returns, "never"]),
    ...at({ type: "Before" }, ["torn"], returns),
    ...at({ type: "Unsealed" }, ["durable"], returns),
    // Nothing has left the node: if it never comes back, or the append is gone, it is as if it had not been.
    ...at({ type: "After", effects: 0 }, ["durable"], returns),
    ...at({ type: "After", effects: 0 }, ["damaged"], ["now"]),
    ...departures.flatMap((_, index) => {
      const boundary = { type: "After", effects: index + 1 } as const;
      return [
        ...at(boundary, ["durable"], [...returns, "never"]),
        ...at(boundary, ["lost tail", "torn"], returns),
      ];
    }),
  ];
}

function isAcknowledgement(departure: Departure): boolean {
  if (departure.type !== "Frame") return false;
  const frame = decodeFrame(departure.frame);
  return frame.ok && frame.value.type === "Acknowledged";
}

/** Tells the story without a fault, and notes what each node writes and sends. */
async function courseOf(chain: SimulatedChain, story: Story): Promise<Course> {
  const course = new Map<ActorName, Append[]>();
  let isCounted = false;
  const { honest = story.cast } = story;
  const keeper: Doorkeeper = {
    append: async (name, _, write) => {
      await write();
      if (isCounted && honest.includes(name)) course.set(name, [...(course.get(name) ?? []), []]);
    },
    seal: async (_, write) => write(),
    depart: (name, departure, send) => {
      if (isCounted) course.get(name)?.at(-1)?.push(departure);
      send();
    },
  };
  const { problems } = await playScript(chain, story, {
    prepare: (world) => {
      keepDoors(world, keeper);
    },
    begin: () => {
      isCounted = true;
    },
    mend: async () => {
      isCounted = false;
    },
    isMended: () => true,
    isWhole: () => true,
    problems: () => [],
  });
  if (problems.length > 0) throw new Error(`${story.name} does not hold: ${problems.join("; ")}`);
  return course;
}

/** One stop, as it happens. */
class Crash implements Fault {
  readonly #point: CrashPoint;
  readonly #problems: string[] = [];
  #world: World | undefined;
  #lives: Lives | undefined;
  #isCounted = false;
  #appends = 0;
  #departures = 0;
  #written: Appended | undefined;
  #before: MemoryDiskSnapshot | undefined;
  #isOver = false;

  constructor(point: CrashPoint) {
    this.#point = point;
  }

  readonly prepare = (world: World): void => {
    this.#world = world;
    this.#lives = keepDoors(world, {
      append: (name, appended, write) => this.#append(name, appended, write),
      seal: (name, write) => this.#seal(name, write),
      depart: (name, _, send) => this.#depart(name, send),
    });
  };

  readonly begin = (): void => {
    this.#isCounted = true;
  };

  readonly mend = async (world: World): Promise<void> => {
    const { back, name } = this.#point;
    if (this.#isOver && back === "later" && !world.node(name).isRunning) await this.#start();
  };

  readonly isMended = (): boolean => true;

  readonly isWhole = (name: ActorName): boolean =>
    name !== this.#point.name || this.#point.disk === "durable";

  readonly problems = (): readonly string[] => {
    return this.#isOver ? this.#problems : ["the story never came to this point"];
  };

  async #append(name: ActorName, { bytes, position }: Appended, write: Write): Promise<void> {
    const { append, boundary, disk } = this.#point;
    if (!this.#isHere(name)) return write();
    this.#appends += 1;
    if (this.#appends !== append) return write();
    this.#before = this.#lives?.diskOf(name).snapshot();
    this.#written = { position, bytes: bytes.slice() };
    if (boundary.type !== "Before") await write();
    else if (disk === "torn") {
      await write(tornSize(bytes));
      this.#lives?.diskOf(name).head.doubt();
    }
    if (boundary.type !== "After") this.#stop();
  }

  async #seal(name: ActorName, write: Write): Promise<void> {
    await write();
    const isAtAppend = this.#isHere(name) && this.#appends === this.#point.append;
    if (isAtAppend) this.#stopAfter(0);
  }

  #depart(name: ActorName, send: () => void): void {
    send();
    if (!this.#isHere(name) || this.#appends !== this.#point.append) return;
    this.#departures += 1;
    this.#stopAfter(this.#departures);
  }

  #isHere(name: ActorName): boolean {
    return this.#isCounted && !this.#isOver && name === this.#point.name;
  }

  #stopAfter(effects: number): void {
    const { boundary } = this.#point;
    if (boundary.type === "After" && boundary.effects === effects) this.#stop();
  }

  #stop(): void {
    const { back, boundary, name } = this.#point;
    this.#isOver = true;
    this.#lives?.end(name);
    if (boundary.type === "After") this.#forget();
    if (back === "now") this.#world?.timeline.after(0, () => void this.#start());
  }

  /** Takes the append off the disk again, or a part of it. */
  #forget(): void {
    const { disk, name } = this.#point;
    const memory = this.#lives?.diskOf(name);
    const before = this.#before;
    if (disk === "durable" || memory === undefined || before === undefined) return;
    const sealed = memory.head.snapshot();
    memory.restore(before);
    if (disk === "damaged") memory.head.restore(sealed);
    else memory.head.doubt();
    if (disk === "lost tail") return;
    const { bytes, position } = assertDefined(this.#written, "what was written");
    void memory.journal.write(position, bytes.subarray(0, tornSize(bytes)));
  }

  async #start(): Promise<void> {
    const { disk, name } = this.#point;
    const mayStart = disk !== "damaged";
    try {
      await this.#world?.node(name).start();
      if (!mayStart) this.#problems.push(`${name} starts from a damaged log`);
    } catch (error) {
      const isRefused = error instanceof NodeError && error.code === "LogDamaged";
      if (mayStart || !isRefused) this.#problems.push(`${name} cannot start: ${String(error)}`);
    }
  }
}

/** How much of a write reaches the disk when it is cut: half of it. */
function tornSize(bytes: Uint8Array): number {
  return Math.floor(bytes.length / 2);
}
