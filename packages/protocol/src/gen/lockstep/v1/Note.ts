// Original file: protos/lockstep/v1/jobs.proto

import type { NoteLevel as _lockstep_v1_NoteLevel, NoteLevel__Output as _lockstep_v1_NoteLevel__Output } from '../../lockstep/v1/NoteLevel.js';

export interface Note {
  'level'?: (_lockstep_v1_NoteLevel);
  'code'?: (string);
  'message'?: (string);
}

export interface Note__Output {
  'level': (_lockstep_v1_NoteLevel__Output);
  'code': (string);
  'message': (string);
}
