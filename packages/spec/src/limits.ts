/** Every bound on what a job spec may be, with its reason. */

/** Characters of a spec: a table of some thousand columns, each with settings of its own, stays far below. */
export const MAX_SPEC_CHARACTERS = 1 << 20;

/** YAML lexemes of a spec: counted before anything is composed, so that a hostile spec costs milliseconds. */
export const MAX_SPEC_LEXEMES = 300_000;

/** Values of a spec with every alias written out, so that aliases of aliases cannot multiply without end. */
export const MAX_SPEC_VALUES = 60_000;

/** Levels of nesting: the schema itself needs six. */
export const MAX_DEPTH = 32;

/** Problems that are listed; what lies beyond is found in the next round. */
export const MAX_PROBLEMS = 100;

/** Characters of a value shown in a problem. */
export const MAX_SHOWN_CHARACTERS = 80;

/** Rows of a global batch at most. */
export const MAX_BATCH_ROWS = 10_000_000;

/** Lanes of a job at most. */
export const MAX_LANES = 4096;

/** Share of a lane's elements that topK may send: at 8 bytes each, int8 is smaller above. */
export const MAX_TOP_K_FRACTION = 0.125;
