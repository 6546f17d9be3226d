/** The one error class: a catalogue code with the field, the value and the fix of this very case. */
import { CATALOGUE, type CatalogueEntry, type ErrorCode } from './catalogue.js';

/** One of several problems in one input, with 1-based positions. */
export interface ErrorProblem {
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly suggestion?: string;
  readonly value?: string;
}

/** What the site that throws knows beyond the catalogue. */
export interface ErrorContext {
  /** What happened here. @default the catalogue's message */
  readonly message?: string;
  /** The key, column, option or file at fault. */
  readonly field?: string;
  /** The value found. */
  readonly value?: string;
  /** What to do about it. @default the catalogue's remedy */
  readonly fix?: string;
  readonly problems?: readonly ErrorProblem[];
  readonly cause?: unknown;
}

/** A failure as messages and records hold it. */
export interface ToldFailure {
  readonly code: string;
  readonly message: string;
  readonly field: string;
  readonly value: string;
  /** '' takes the catalogue's remedy. */
  readonly fix: string;
}

/** An operating error: something the user, the machine or a peer can be told about. */
export class LockstepError extends Error {
  override readonly name = 'LockstepError';
  readonly code: ErrorCode;
  readonly field: string;
  readonly value: string;
  readonly fix: string;
  readonly problems: readonly ErrorProblem[];

  constructor(code: ErrorCode, context: ErrorContext = {}) {
    super(
      context.message ?? CATALOGUE[code].message,
      context.cause === undefined ? undefined : { cause: context.cause },
    );
    this.code = code;
    this.field = context.field ?? '';
    this.value = context.value ?? '';
    this.fix = context.fix ?? CATALOGUE[code].remedy;
    this.problems = context.problems ?? [];
  }

  /** The catalogue row of this error. */
  get entry(): CatalogueEntry {
    return CATALOGUE[this.code];
  }

  /** The object of `error` in `--json` output. */
  toJSON(): {
    code: ErrorCode;
    field: string;
    value: string;
    message: string;
    fix: string;
    problems?: readonly ErrorProblem[];
  } {
    const { code, field, value, message, fix, problems } = this;
    return problems.length > 0 ? { code, field, value, message, fix, problems } : { code, field, value, message, fix };
  }

  /** A failure that another process tells of, as the error it was; INTERNAL where its code is not known here. */
  static of({ code, message, field, value, fix }: ToldFailure): LockstepError {
    const known = code in CATALOGUE ? (code as ErrorCode) : 'INTERNAL';
    return new LockstepError(known, { message, field, value, ...(fix ? { fix } : {}) });
  }

  /** Any thrown value as a LockstepError that keeps its cause. */
  static from(thrown: unknown): LockstepError {
    if (thrown instanceof LockstepError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new LockstepError('INTERNAL', { message, cause: thrown });
  }
}
