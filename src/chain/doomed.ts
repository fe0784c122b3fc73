/** What looks pointless in blocks that may yet be replaced: nothing is given up for what they say. */
import type { EffectId } from "../protocols/effects.ts";

/** The numbers of two blocks, as they are at a look. */
type Place = {
  /** The newest block. */
  readonly head: number;
  /** The newest one that counts; undefined before the first. */
  readonly confirmed: number | undefined;
};

/** Since when transactions that are to be signed look pointless. */
export class Doomed {
  readonly #since = new Map<EffectId, number>();

  /** True once it has looked so from a block on that is confirmed by now. */
  isSure(effectId: EffectId, { confirmed, head }: Place): boolean {
    const since = this.#since.get(effectId) ?? head;
    this.#since.set(effectId, since);
    return confirmed !== undefined && confirmed >= since;
  }

  /** Blocks were replaced: what the new ones say is as young as they are. */
  reset(): void {
    this.#since.clear();
  }

  /** It may be signed after all, or nobody wants it any more. */
  forget(effectId: EffectId): void {
    this.#since.delete(effectId);
  }
}
