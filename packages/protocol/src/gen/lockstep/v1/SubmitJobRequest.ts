// Original file: protos/lockstep/v1/jobs.proto

import type { SpecFormat as _lockstep_v1_SpecFormat, SpecFormat__Output as _lockstep_v1_SpecFormat__Output } from '../../lockstep/v1/SpecFormat.js';

export interface SubmitJobRequest {
  /**
   * The spec's source text as the user wrote it.
   */
  'spec'?: (string);
  'format'?: (_lockstep_v1_SpecFormat);
  /**
   * UUID that makes the call idempotent.
   */
  'requestId'?: (string);
  /**
   * Replacements in the spec, "key.path" -> YAML value, applied after parsing.
   */
  'overrides'?: ({[key: string]: string});
  /**
   * SHA-256 (hex) of the uploaded bytes by name: one file under the path written in the spec, or each file of a
   * folder or a pattern under its own name; their rows follow in the order of the names.
   */
  'uploads'?: ({[key: string]: string});
  /**
   * Whose job it is: callers of other namespaces do not see it. Empty is the caller's own one, or "default".
   */
  'namespace'?: (string);
}

export interface SubmitJobRequest__Output {
  /**
   * The spec's source text as the user wrote it.
   */
  'spec': (string);
  'format': (_lockstep_v1_SpecFormat__Output);
  /**
   * UUID that makes the call idempotent.
   */
  'requestId': (string);
  /**
   * Replacements in the spec, "key.path" -> YAML value, applied after parsing.
   */
  'overrides': ({[key: string]: string});
  /**
   * SHA-256 (hex) of the uploaded bytes by name: one file under the path written in the spec, or each file of a
   * folder or a pattern under its own name; their rows follow in the order of the names.
   */
  'uploads': ({[key: string]: string});
  /**
   * Whose job it is: callers of other namespaces do not see it. Empty is the caller's own one, or "default".
   */
  'namespace': (string);
}
