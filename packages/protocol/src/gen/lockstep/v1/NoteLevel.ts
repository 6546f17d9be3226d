// Original file: protos/lockstep/v1/jobs.proto

export const NoteLevel = {
  NOTE_LEVEL_UNSPECIFIED: 'NOTE_LEVEL_UNSPECIFIED',
  NOTE_LEVEL_INFO: 'NOTE_LEVEL_INFO',
  NOTE_LEVEL_WARNING: 'NOTE_LEVEL_WARNING',
} as const;

export type NoteLevel =
  | 'NOTE_LEVEL_UNSPECIFIED'
  | 0
  | 'NOTE_LEVEL_INFO'
  | 1
  | 'NOTE_LEVEL_WARNING'
  | 2

export type NoteLevel__Output = typeof NoteLevel[keyof typeof NoteLevel]
