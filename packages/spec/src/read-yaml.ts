/** Reads YAML 1.2 (core schema) into plain values with positions; refuses what is hostile before it costs time. */
import type { ErrorProblem } from '@lockstep/protocol/core';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Pair,
  type ParsedNode,
  parseDocument,
  type Scalar,
} from 'yaml';
import { MAX_DEPTH, MAX_PROBLEMS, MAX_SPEC_CHARACTERS, MAX_SPEC_LEXEMES, MAX_SPEC_VALUES } from './limits.js';
import { type Position, Positions } from './positions.js';
import { formatPath, type SpecPath } from './spec-path.js';

/** What reading gave: plain values (maps have no prototype), where they stand, and every problem met. */
export interface YamlSource {
  /** Null also where the text is no usable YAML. */
  readonly value: unknown;
  readonly positions: Positions;
  readonly problems: readonly ErrorProblem[];
}

const CORE_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

const refused = (...problems: readonly ErrorProblem[]): YamlSource => ({
  value: null,
  positions: new Positions(),
  problems,
});

/** Reads a text; JSON is a part of YAML. Duplicate keys are problems, and the first of them counts. Never throws. */
export function readYaml(text: string): YamlSource {
  const hostile = refuseHostile(text);
  if (hostile) return refused(hostile);
  const lines = new LineCounter();
  let document: Document.Parsed<ParsedNode>;
  try {
    document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: false,
      prettyErrors: false,
      lineCounter: lines,
      logLevel: 'error',
    });
  } catch (thrown) {
    return refused({
      path: '',
      code: 'SPEC_SYNTAX',
      message: thrown instanceof Error ? thrown.message : String(thrown),
    });
  }
  if (document.errors.length > 0) {
    // A tab makes nonsense of the lines that follow it, which is no problem of theirs.
    const tabs = document.errors.filter(({ code }) => code === 'TAB_AS_INDENT');
    const told = tabs.length > 0 ? tabs : document.errors;
    const problems = told.slice(0, MAX_PROBLEMS).map((error): ErrorProblem => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { path: '', line, column: col, code: 'SPEC_SYNTAX', message: syntaxMessage(error.code, error.message) };
    });
    return refused(...problems);
  }
  return new Reader(lines).read(document.contents);
}

function syntaxMessage(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'Tabs cannot indent YAML; use spaces.';
  // The composer is recursive: nesting beyond the stack ends in this message.
  if (message.startsWith('Maximum call stack')) return 'The spec is nested too deeply.';
  if (code === 'MULTIPLE_DOCS') return 'The file holds more than one YAML document; keep one.';
  return message;
}

function tooLarge(what: string): ErrorProblem {
  return { path: '', code: 'LIMIT_EXCEEDED', message: `The spec ${what}.` };
}

function refuseHostile(text: string): ErrorProblem | null {
  if (text.length > MAX_SPEC_CHARACTERS) {
    return tooLarge(`has ${text.length} characters; at most ${MAX_SPEC_CHARACTERS} are read`);
  }
  let count = 0;
  let flowDepth = 0;
  let indicators = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++count > MAX_SPEC_LEXEMES) return tooLarge('has too many values');
    if (lexeme === '[' || lexeme === '{') flowDepth++;
    else if (lexeme === ']' || lexeme === '}') flowDepth--;
    else if (flowDepth === 0 && (lexeme === '-' || lexeme === '?' || lexeme === ':')) indicators++;
    else if (lexeme.endsWith('\n')) indicators = 0;
    if (flowDepth > MAX_DEPTH || indicators > MAX_DEPTH) {
      return tooLarge(`is nested more than ${MAX_DEPTH} levels deep`);
    }
  }
  return null;
}

/** Ends reading early; the problem says why. */
class Refusal extends Error {
  constructor(readonly problem: ErrorProblem) {
    super(problem.message);
  }
}

class Reader {
  readonly #lines: LineCounter;
  readonly #positions = new Positions();
  readonly #problems: ErrorProblem[] = [];
  readonly #anchors = new Map<string, ParsedNode>();
  #count = 0;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  read(contents: ParsedNode | null): YamlSource {
    try {
      const value = contents === null ? null : this.#node(contents, []);
      return { value, positions: this.#positions, problems: this.#problems };
    } catch (thrown) {
      if (thrown instanceof Refusal) return refused(thrown.problem);
      throw thrown;
    }
  }

  #at(offset: number | undefined): Position {
    const { line, col } = this.#lines.linePos(offset ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #node(node: ParsedNode, path: SpecPath, key?: Position): unknown {
    if (++this.#count > MAX_SPEC_VALUES) {
      throw new Refusal(tooLarge(`has more than ${MAX_SPEC_VALUES} values, aliases written out`));
    }
    const position = this.#at(node.range?.[0]);
    if (path.length > MAX_DEPTH) {
      throw new Refusal({ ...tooLarge(`is nested more than ${MAX_DEPTH} levels deep`), ...position });
    }
    if (path.length > 0) this.#positions.note(path, position, key);
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target) return this.#node(target, path, key);
      this.#problem(path, position, 'SPEC_SYNTAX', `There is no anchor &${node.source} above this alias.`);
      return null;
    }
    if (node.anchor) this.#anchors.set(node.anchor, node);
    if (node.tag && !CORE_TAGS.has(node.tag)) {
      this.#problem(
        path,
        position,
        'SPEC_SYNTAX',
        `The tag ${node.tag} is not known here; write the value without it.`,
      );
    }
    if (isSeq(node)) return node.items.map((item, index) => this.#node(item as ParsedNode, [...path, index]));
    if (isMap(node)) return this.#map(node.items as Pair<ParsedNode, ParsedNode | null>[], path);
    return (node as Scalar).value;
  }

  #map(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], path: SpecPath): Record<string, unknown> {
    const result = Object.create(null) as Record<string, unknown>;
    const seen = new Map<string, Position>();
    for (const { key, value } of pairs) {
      const position = this.#at(key?.range?.[0]);
      const text = isScalar(key) ? (key.source ?? String(key.value ?? '')) : null;
      if (text === null) {
        this.#problem(path, position, 'SPEC_SYNTAX', 'A key must be a name.');
        continue;
      }
      const below = [...path, text];
      const first = seen.get(text);
      if (first) {
        const message = `${text} stands twice: first in line ${first.line}, column ${first.column}.`;
        this.#problem(below, position, 'SPEC_DUPLICATE_KEY', message, 'Keep one of the two.');
        continue;
      }
      seen.set(text, position);
      if (text === '__proto__') {
        this.#problem(below, position, 'SPEC_UNKNOWN_KEY', 'A key cannot have this name.', 'Remove it.');
        continue;
      }
      result[text] = value === null ? null : this.#node(value, below, position);
      if (value === null) this.#positions.note(below, position, position);
    }
    return result;
  }

  #problem(path: SpecPath, at: Position, code: ErrorProblem['code'], message: string, suggestion?: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    this.#problems.push({ path: formatPath(path), ...at, code, message, ...(suggestion ? { suggestion } : {}) });
  }
}
