/** How a check reports what it finds. */
import type { ErrorProblem } from '@lockstep/protocol/core';
import type { SpecPath } from '../spec-path.js';

/** Reports that the value at a path contradicts something else, and what to change. */
export type Add = (
  path: SpecPath,
  value: unknown,
  message: string,
  suggestion: string,
  code?: ErrorProblem['code'],
) => void;
