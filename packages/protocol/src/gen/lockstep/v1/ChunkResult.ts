// Original file: protos/lockstep/v1/training.proto


export interface ChunkResult {
  'chunk'?: (number);
  'rows'?: (number);
  /**
   * What `loss` and `metric` are the means over: the rows.
   */
  'weight'?: (number | string);
  'loss'?: (number | string);
  'metric'?: (number | string);
  /**
   * Test only: row-major [rows, output_width] probabilities or values, little-endian float32.
   */
  'outputs'?: (Buffer | Uint8Array | string);
  /**
   * Test only: targets, little-endian float32.
   */
  'targets'?: (Buffer | Uint8Array | string);
  /**
   * Test only: largest absolute difference between the model's and the evaluation graph's scores.
   */
  'difference'?: (number | string);
}

export interface ChunkResult__Output {
  'chunk': (number);
  'rows': (number);
  /**
   * What `loss` and `metric` are the means over: the rows.
   */
  'weight': (number);
  'loss': (number);
  'metric': (number);
  /**
   * Test only: row-major [rows, output_width] probabilities or values, little-endian float32.
   */
  'outputs': (Buffer);
  /**
   * Test only: targets, little-endian float32.
   */
  'targets': (Buffer);
  /**
   * Test only: largest absolute difference between the model's and the evaluation graph's scores.
   */
  'difference': (number);
}
