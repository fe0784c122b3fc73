/** What values in a capsule look like: each shape takes what JSON gave, and gives the value or says what is wrong. */

/** Reads one value. `at` is where it stands, for the sentence of a `ShapeProblem`. */
export type Shape<Value> = (json: unknown, at: string) => Value;

/** Thrown by shapes and caught where the capsule is read: something in it is not what it must be. */
export class ShapeProblem extends Error {
  override readonly name = "ShapeProblem";
}

/** A whole number that a double holds exactly. */
export const whole: Shape<number> = (json, at) => {
  if (Number.isSafeInteger(json)) return json as number;
  throw new ShapeProblem(`${at} is ${shown(json)}, which is no whole number`);
};

/** A whole number that is not negative. */
export const count: Shape<number> = (json, at) => {
  if (whole(json, at) >= 0) return json as number;
  throw new ShapeProblem(`${at} is ${shown(json)}, which is negative`);
};

/** Any number; one without end is the text `Infinity`. */
export const number: Shape<number> = (json, at) => {
  if (json === "Infinity") return Number.POSITIVE_INFINITY;
  if (typeof json === "number") return json;
  throw new ShapeProblem(`${at} is ${shown(json)}, which is no number`);
};

/** Part of a whole, 0 to 1. */
export const fraction: Shape<number> = (json, at) => {
  const value = number(json, at);
  if (value >= 0 && value <= 1) return value;
  throw new ShapeProblem(`${at} is ${shown(json)}, which is not between 0 and 1`);
};

/** An amount, as decimal digits. */
export const amount: Shape<bigint> = (json, at) => {
  if (typeof json === "string" && /^\d{1,78}$/.test(json)) return BigInt(json);
  throw new ShapeProblem(`${at} is ${shown(json)}, which is no amount in digits`);
};

/** Any text. */
export const text: Shape<string> = (json, at) => {
  if (typeof json === "string") return json;
  throw new ShapeProblem(`${at} is ${shown(json)}, which is no text`);
};

/** One of a few texts. */
export const oneOf =
  <const Text extends string>(texts: readonly Text[]): Shape<Text> =>
  (json, at) => {
    const found = texts.find((known) => known === json);
    if (found !== undefined) return found;
    throw new ShapeProblem(`${at} is ${shown(json)}; this program knows ${texts.join(", ")}`);
  };

/** Any number of values of one shape. */
export const listOf =
  <Value>(item: Shape<Value>): Shape<readonly Value[]> =>
  (json, at) => {
    if (Array.isArray(json)) return json.map((one, index) => item(one, `${at}[${index}]`));
    throw new ShapeProblem(`${at} is ${shown(json)}, which is no list`);
  };

/** Fewest and most. */
export const range: Shape<readonly [min: number, max: number]> = (json, at) => {
  const [min, max, ...more] = listOf(number)(json, at);
  if (min !== undefined && max !== undefined && min <= max && more.length === 0) return [min, max];
  throw new ShapeProblem(`${at} is ${shown(json)}, which is not the fewest and the most`);
};

/** Values under names of one shape. */
export const recordOf =
  <Name extends string, Value>(
    name: Shape<Name>,
    value: Shape<Value>,
  ): Shape<Readonly<Record<Name, Value>>> =>
  (json, at) => {
    const entries = Object.entries(objectAt(json, at)).map(([key, one]) => {
      return [name(key, `a name in ${at}`), value(one, `${at}.${key}`)] as const;
    });
    return Object.fromEntries(entries) as Record<Name, Value>;
  };

/** What may be missing, and is undefined then. */
export const maybe =
  <Value>(shape: Shape<Value>): Shape<Value | undefined> =>
  (json, at) =>
    json === undefined ? undefined : shape(json, at);

/** The shape of each field. */
export type Fields<Value> = { readonly [Key in keyof Value]-?: Shape<Required<Value>[Key]> };

/** These fields and no others. One that may be missing must be `maybe`. */
export const object =
  <Value extends object>(fields: Fields<Value>): Shape<Value> =>
  (json, at) => {
    const found = objectAt(json, at);
    refuseStrangers(found, Object.keys(fields), at);
    const entries = Object.entries(fields as Record<string, Shape<unknown>>).map(
      ([key, shape]) => [key, shape(found[key], `${at}.${key}`)] as const,
    );
    return Object.fromEntries(entries) as Value;
  };

/** Any of these fields and no others: those that are missing stay so. */
export const partial =
  <Value extends object>(fields: Fields<Value>): Shape<Partial<Value>> =>
  (json, at) => {
    const found = objectAt(json, at);
    refuseStrangers(found, Object.keys(fields), at);
    const shapes = fields as Record<string, Shape<unknown>>;
    const entries = Object.entries(found)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, shapes[key]?.(value, `${at}.${key}`)] as const);
    return Object.fromEntries(entries) as Partial<Value>;
  };

/** One of several, told apart by `type`. */
export const tagged =
  <Value extends { readonly type: string }>(
    shapes: {
      readonly [Type in Value["type"]]: Shape<Value & { readonly type: Type }>;
    },
  ): Shape<Value> =>
  (json, at) => {
    const type = oneOf(Object.keys(shapes) as Value["type"][])(
      objectAt(json, at)["type"],
      `${at}.type`,
    );
    return shapes[type](json, at);
  };

/** The fields of an object, whatever they are. */
export function objectAt(json: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) {
    return json as Record<string, unknown>;
  }
  throw new ShapeProblem(`${at} is ${shown(json)}, which is no object`);
}

function refuseStrangers(found: object, known: readonly string[], at: string): void {
  const stranger = Object.keys(found).find((key) => !known.includes(key));
  if (stranger === undefined) return;
  throw new ShapeProblem(`${at} has a "${stranger}", which this program does not know`);
}

/** Longest text of a wrong value that is told. */
const SHOWN_CHARS_MAX = 40;

function shown(json: unknown): string {
  if (json === undefined) return "missing";
  const all = JSON.stringify(json);
  return all.length > SHOWN_CHARS_MAX ? `${all.slice(0, SHOWN_CHARS_MAX)}...` : all;
}
