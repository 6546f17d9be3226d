/** Formulas over float32 vectors, element by element: written once, computed by every kernel to the same bits. */

/** One operation of IEEE 754 on float32, rounded once. */
export type Operation =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'least'
  | 'greatest'
  | 'root'
  | 'flush'
  | 'signed'
  | 'bfloat16'
  | 'float16';

/** A value of a formula. A term that is used twice is computed once. */
export type Term =
  | { readonly kind: 'vector' | 'scalar'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'operation'; readonly operation: Operation; readonly operands: readonly Term[] };

/** What a kernel computes for each element. */
export interface Formula {
  /** What is written, by the name of the vector that receives it. It may be one that the formula reads. */
  readonly outputs: Readonly<Record<string, Term>>;
  /** A term that ought to be finite: the kernel says whether it is, everywhere. */
  readonly finite?: Term | undefined;
}

/** An element of the vector of this name. */
export function vector(name: string): Term {
  return { kind: 'vector', name };
}

/** A number of this name that each run is given, rounded to float32. */
export function scalar(name: string): Term {
  return { kind: 'scalar', name };
}

/** A number, rounded to float32. */
export function constant(value: number): Term {
  return { kind: 'constant', value: Math.fround(value) };
}

/** left + right. Like each of the four below: a result below 2^-126 in size is +0. */
export function add(left: Term, right: Term): Term {
  return flush(operation('add', left, right));
}

/** left - right. */
export function subtract(left: Term, right: Term): Term {
  return flush(operation('subtract', left, right));
}

/** left x right. */
export function multiply(left: Term, right: Term): Term {
  return flush(operation('multiply', left, right));
}

/** left / right. */
export function divide(left: Term, right: Term): Term {
  return flush(operation('divide', left, right));
}

/** Square root. That of a normal number is normal, so there is nothing to flush. */
export function root(of: Term): Term {
  return operation('root', of);
}

/** +0 for what is below 2^-126 in size, else the value; a NaN stays one. */
export function flush(of: Term): Term {
  return operation('flush', of);
}

/** The nearest bfloat16, ties to even; +0 for what is below 2^-126 in size. */
export function bfloat16(of: Term): Term {
  return operation('bfloat16', flush(of));
}

/** The nearest float16, ties to even; below 2^-14 in size the nearest multiple of 2^-24. What becomes 0 is +0. */
export function float16(of: Term): Term {
  return operation('float16', of);
}

/** `size` with the sign of `of`; 0 where that is 0 or a NaN. */
export function signed(size: Term, of: Term): Term {
  return operation('signed', size, of);
}

/** A number cut to [-limit, limit], limit >= 0. */
export function cut(of: Term, limit: number): Term {
  return operation('greatest', operation('least', of, constant(limit)), constant(-limit));
}

function operation(name: Operation, ...operands: readonly Term[]): Term {
  return { kind: 'operation', operation: name, operands };
}

/** A formula in the order in which it is computed. */
export interface Program {
  /** Every term once, operands first. */
  readonly terms: readonly Term[];
  /** Names of the vectors that are read. */
  readonly inputs: readonly string[];
  readonly outputs: readonly { readonly name: string; readonly term: Term }[];
  readonly scalars: readonly string[];
  readonly finite: Term | undefined;
}

/** Orders a formula. @param areScalarsSmall whether every scalar of the run is at most 1 in size */
export function programOf(formula: Formula, areScalarsSmall = false): Program {
  const { outputs, finite } = withoutIdleFlushes(formula, areScalarsSmall);
  const terms = new Set<Term>();
  const visit = (term: Term): void => {
    if (terms.has(term)) return;
    if (term.kind === 'operation') term.operands.forEach(visit);
    terms.add(term);
  };
  if (finite) visit(finite);
  Object.values(outputs).forEach(visit);
  const namesOf = (kind: 'vector' | 'scalar'): string[] => [
    ...new Set([...terms].flatMap((term) => (term.kind === kind ? [term.name] : []))),
  ];
  return {
    terms: [...terms],
    inputs: namesOf('vector'),
    outputs: Object.entries(outputs).map(([name, term]) => ({ name, term })),
    scalars: namesOf('scalar'),
    finite,
  };
}

/**
 * Leaves out what {@link flush} does to a factor whose other factor is at most 1 in size: a number below 2^-126 gives a
 * product below it, which is flushed in any case.
 */
function withoutIdleFlushes({ outputs, finite }: Formula, areScalarsSmall: boolean): Formula {
  const known = new Map<Term, Term>();
  const isSmall = (term: Term): boolean =>
    term.kind === 'constant' ? Math.abs(term.value) <= 1 : term.kind === 'scalar' && areScalarsSmall;
  const lean = (term: Term): Term => {
    if (term.kind !== 'operation') return term;
    const found = known.get(term);
    if (found) return found;
    const operands = term.operands.map(lean);
    const [left, right] = operands;
    if (term.operation === 'multiply' && left && right) {
      if (isSmall(right)) operands[0] = unflushed(left);
      if (isSmall(left)) operands[1] = unflushed(right);
    }
    const made = { ...term, operands };
    known.set(term, made);
    return made;
  };
  return {
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, term]) => [name, lean(term)])),
    finite: finite && unflushed(lean(finite)),
  };
}

function unflushed(term: Term): Term {
  return term.kind === 'operation' && term.operation === 'flush' ? (term.operands[0] ?? term) : term;
}
