// Original file: protos/lockstep/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Steps after to_step are computed again: watchers drop what they hold of them.
 */
export interface Rewound {
  'toStep'?: (number | string | Long);
}

/**
 * Steps after to_step are computed again: watchers drop what they hold of them.
 */
export interface Rewound__Output {
  'toStep': (number);
}
