/** A Python with pandas and scikit-learn. */
import { type FoundPython, findPython } from './python.ts';

/** Finds them, or installs them with pip. Never throws: a bench goes on without them. */
export function findPandas(): Promise<FoundPython> {
  return findPython({
    what: 'pandas and scikit-learn',
    imports: 'import pandas, sklearn',
    packages: ['pandas', 'scikit-learn'],
  });
}
