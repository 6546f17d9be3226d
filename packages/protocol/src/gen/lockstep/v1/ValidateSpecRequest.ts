// Original file: protos/lockstep/v1/jobs.proto

import type { SpecFormat as _lockstep_v1_SpecFormat, SpecFormat__Output as _lockstep_v1_SpecFormat__Output } from '../../lockstep/v1/SpecFormat.js';

export interface ValidateSpecRequest {
  'spec'?: (string);
  'format'?: (_lockstep_v1_SpecFormat);
  'overrides'?: ({[key: string]: string});
}

export interface ValidateSpecRequest__Output {
  'spec': (string);
  'format': (_lockstep_v1_SpecFormat__Output);
  'overrides': ({[key: string]: string});
}
