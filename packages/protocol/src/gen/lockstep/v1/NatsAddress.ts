// Original file: protos/lockstep/v1/membership.proto


export interface NatsAddress {
  'servers'?: (string)[];
  'user'?: (string);
  'password'?: (string);
}

export interface NatsAddress__Output {
  'servers': (string)[];
  'user': (string);
  'password': (string);
}
