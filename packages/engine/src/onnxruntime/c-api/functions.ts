/**
 * Positions and prototypes of the functions used, in the OrtApi table of onnxruntime_c_api.h. The table is append-only:
 * positions below never change in later versions.
 */

/** Version of the table that is asked for; every function below has been in it since. */
export const API_VERSION = 17;

/** Function of the table. */
interface TableEntry {
  readonly index: number;
  readonly prototype: string;
}

const entry = (index: number, prototype: string): TableEntry => ({ index, prototype });

/** Functions by name. Pointers are passed as addresses; a status of NULL is success. */
export const FUNCTIONS = {
  getErrorMessage: entry(2, 'const char *OrtGetErrorMessage(void *status)'),
  createEnv: entry(3, 'void *OrtCreateEnv(int level, const char *id, void *out)'),
  disableTelemetryEvents: entry(6, 'void *OrtDisableTelemetryEvents(void *env)'),
  createSessionFromArray: entry(
    8,
    'void *OrtCreateSessionFromArray(void *env, void *model, size_t length, void *options, void *out)',
  ),
  run: entry(
    9,
    'void *OrtRun(void *session, void *options, void *inputNames, void *inputs, size_t inputCount, void *outputNames, size_t outputCount, void *outputs)',
  ),
  createSessionOptions: entry(10, 'void *OrtCreateSessionOptions(void *out)'),
  setSessionExecutionMode: entry(13, 'void *OrtSetSessionExecutionMode(void *options, int mode)'),
  setSessionLogSeverityLevel: entry(22, 'void *OrtSetSessionLogSeverityLevel(void *options, int level)'),
  setSessionGraphOptimizationLevel: entry(23, 'void *OrtSetSessionGraphOptimizationLevel(void *options, int level)'),
  setIntraOpNumThreads: entry(24, 'void *OrtSetIntraOpNumThreads(void *options, int threads)'),
  setInterOpNumThreads: entry(25, 'void *OrtSetInterOpNumThreads(void *options, int threads)'),
  sessionGetInputCount: entry(30, 'void *OrtSessionGetInputCount(void *session, void *out)'),
  sessionGetOutputCount: entry(31, 'void *OrtSessionGetOutputCount(void *session, void *out)'),
  sessionGetInputTypeInfo: entry(33, 'void *OrtSessionGetInputTypeInfo(void *session, size_t index, void *out)'),
  sessionGetOutputTypeInfo: entry(34, 'void *OrtSessionGetOutputTypeInfo(void *session, size_t index, void *out)'),
  sessionGetInputName: entry(
    36,
    'void *OrtSessionGetInputName(void *session, size_t index, void *allocator, void *out)',
  ),
  sessionGetOutputName: entry(
    37,
    'void *OrtSessionGetOutputName(void *session, size_t index, void *allocator, void *out)',
  ),
  createTensorAsOrtValue: entry(
    48,
    'void *OrtCreateTensorAsOrtValue(void *allocator, void *shape, size_t rank, int type, void *out)',
  ),
  createTensorWithDataAsOrtValue: entry(
    49,
    'void *OrtCreateTensorWithDataAsOrtValue(void *info, void *data, size_t bytes, void *shape, size_t rank, int type, void *out)',
  ),
  getTensorMutableData: entry(51, 'void *OrtGetTensorMutableData(void *value, void *out)'),
  fillStringTensor: entry(52, 'void *OrtFillStringTensor(void *value, void *strings, size_t count)'),
  getStringTensorDataLength: entry(53, 'void *OrtGetStringTensorDataLength(void *value, void *out)'),
  getStringTensorContent: entry(
    54,
    'void *OrtGetStringTensorContent(void *value, void *out, size_t bytes, void *offsets, size_t count)',
  ),
  castTypeInfoToTensorInfo: entry(55, 'void *OrtCastTypeInfoToTensorInfo(void *info, void *out)'),
  getTensorElementType: entry(60, 'void *OrtGetTensorElementType(void *info, void *out)'),
  getDimensionsCount: entry(61, 'void *OrtGetDimensionsCount(void *info, void *out)'),
  getDimensions: entry(62, 'void *OrtGetDimensions(void *info, void *out, size_t count)'),
  getTensorTypeAndShape: entry(65, 'void *OrtGetTensorTypeAndShape(void *value, void *out)'),
  createCpuMemoryInfo: entry(69, 'void *OrtCreateCpuMemoryInfo(int allocator, int memory, void *out)'),
  allocatorFree: entry(76, 'void *OrtAllocatorFree(void *allocator, void *pointer)'),
  getAllocatorWithDefaultOptions: entry(78, 'void *OrtGetAllocatorWithDefaultOptions(void *out)'),
  releaseStatus: entry(93, 'void OrtReleaseStatus(void *status)'),
  releaseSession: entry(95, 'void OrtReleaseSession(void *session)'),
  releaseValue: entry(96, 'void OrtReleaseValue(void *value)'),
  releaseTypeInfo: entry(98, 'void OrtReleaseTypeInfo(void *info)'),
  releaseTensorTypeAndShapeInfo: entry(99, 'void OrtReleaseTensorTypeAndShapeInfo(void *info)'),
  releaseSessionOptions: entry(100, 'void OrtReleaseSessionOptions(void *options)'),
  addSessionConfigEntry: entry(
    130,
    'void *OrtAddSessionConfigEntry(void *options, const char *key, const char *value)',
  ),
} as const satisfies Readonly<Record<string, TableEntry>>;

/** Name of a function of the table. */
export type OrtFunctionName = keyof typeof FUNCTIONS;
