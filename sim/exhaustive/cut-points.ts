/**
 * Every place at which a conversation can be cut: each frame that one node sends another in a story is lost, and
 * everything between the two behind it, in both directions.
 */
import { decodeFrame } from "../../src/network/frame.ts";
import type { ActorName } from "../actors.ts";
import type { SimulatedChain } from "../simulated-chain.ts";
import type { World } from "../world.ts";
import { type Departure, keepDoors, type Lives } from "./lives.ts";
import { type Ending, type Fault, playScript } from "./play-script.ts";
import type { Story } from "./stories.ts";

/**
 * What becomes of the two: they never hear from each other again; or they do, when everybody has come to rest; or
 * the one to whom the frame was sent is gone for good.
 */
export type Aftermath = "for ever" | "until later" | "peer gone";

const AFTERMATHS: readonly Aftermath[] = ["for ever", "until later", "peer gone"];

/** One cut. */
export type CutPoint = {
  readonly from: ActorName;
  readonly to: ActorName;
  /** Counts the frames of this direction, from 1, in the part of the story that counts. */
  readonly frame: number;
  /** What kind of frame it is, such as `Data`. */
  readonly kind: string;
  readonly aftermath: Aftermath;
};

/** The name of a cut, which names it among those of its story. */
export function cutPointName({ aftermath, frame, from, kind, to }: CutPoint): string {
  return `${from} to ${to}/frame ${frame}/${kind}/${aftermath}`;
}

/** All cuts of a story. Throws when it does not even end well without one. */
export async function cutPointsOf(
  chain: SimulatedChain,
  story: Story,
): Promise<readonly CutPoint[]> {
  const sent: Omit<CutPoint, "aftermath">[] = [];
  const counts = new Map<string, number>();
  let isCounted = false;
  const note = (from: ActorName, departure: Departure): void => {
    if (!isCounted || departure.type !== "Frame") return;
    const { to } = departure;
    const frame = (counts.get(`${from} ${to}`) ?? 0) + 1;
    counts.set(`${from} ${to}`, frame);
    sent.push({ from, to, frame, kind: kindOf(departure.frame) });
  };
  const { problems } = await playScript(chain, story, {
    prepare: (world) => {
      keepDoors(world, {
        append: (_, __, write) => write(),
        seal: (_, write) => write(),
        depart: (name, departure, send) => {
          note(name, departure);
          send();
        },
      });
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
  return sent.flatMap((place) => AFTERMATHS.map((aftermath) => ({ ...place, aftermath })));
}

/** Tells the story with that cut. */
export function playCut(chain: SimulatedChain, story: Story, point: CutPoint): Promise<Ending> {
  return playScript(chain, story, new Cut(point));
}

function kindOf(bytes: Uint8Array): string {
  const frame = decodeFrame(bytes);
  return frame.ok ? frame.value.type : "noise";
}

/** One cut, as it happens. */
class Cut implements Fault {
  readonly #point: CutPoint;
  #lives: Lives | undefined;
  #isCounted = false;
  #frames = 0;
  #isCut = false;
  #wasCut = false;

  constructor(point: CutPoint) {
    this.#point = point;
  }

  readonly prepare = (world: World): void => {
    this.#lives = keepDoors(world, {
      append: (_, __, write) => write(),
      seal: (_, write) => write(),
      depart: (name, departure, send) => {
        if (departure.type !== "Frame" || !this.#isLost(name, departure.to)) send();
      },
    });
  };

  readonly begin = (): void => {
    this.#isCounted = true;
  };

  readonly mend = async (): Promise<void> => {
    if (this.#point.aftermath === "until later") this.#isCut = false;
  };

  readonly isMended = (): boolean => !this.#isCut;

  readonly isWhole = (): boolean => true;

  readonly problems = (): readonly string[] =>
    this.#wasCut ? [] : ["the story never came to this frame"];

  #isLost(from: ActorName, to: ActorName): boolean {
    const point = this.#point;
    const isForth = from === point.from && to === point.to;
    if (this.#isCut) return isForth || (from === point.to && to === point.from);
    if (!this.#isCounted || this.#wasCut || !isForth) return false;
    this.#frames += 1;
    if (this.#frames !== point.frame) return false;
    this.#isCut = true;
    this.#wasCut = true;
    if (point.aftermath === "peer gone") this.#lives?.end(to);
    return true;
  }
}
