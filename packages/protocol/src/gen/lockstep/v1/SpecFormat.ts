// Original file: protos/lockstep/v1/jobs.proto

export const SpecFormat = {
  SPEC_FORMAT_UNSPECIFIED: 'SPEC_FORMAT_UNSPECIFIED',
  SPEC_FORMAT_YAML: 'SPEC_FORMAT_YAML',
  SPEC_FORMAT_JSON: 'SPEC_FORMAT_JSON',
} as const;

export type SpecFormat =
  | 'SPEC_FORMAT_UNSPECIFIED'
  | 0
  | 'SPEC_FORMAT_YAML'
  | 1
  | 'SPEC_FORMAT_JSON'
  | 2

export type SpecFormat__Output = typeof SpecFormat[keyof typeof SpecFormat]
