// Original file: protos/lockstep/v1/membership.proto


export interface EngineInfo {
  'name'?: (string);
  'version'?: (string);
  'provider'?: (string);
  /**
   * Engine, version, provider, instruction set, threads, optimisation level and denormal probe in one string.
   */
  'numericClass'?: (string);
  'reproducible'?: (boolean);
}

export interface EngineInfo__Output {
  'name': (string);
  'version': (string);
  'provider': (string);
  /**
   * Engine, version, provider, instruction set, threads, optimisation level and denormal probe in one string.
   */
  'numericClass': (string);
  'reproducible': (boolean);
}
