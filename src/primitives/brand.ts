/** Nominal types: values of one shape that must not be mistaken for each other. */

declare const brand: unique symbol;

/** A `Base` that cannot be mistaken for another `Base`. Costs nothing at run time. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
