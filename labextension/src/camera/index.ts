export type { Calibration, Outcome } from './calibration';
export type { Camera, CameraOptions } from './mount';
export { mountCamera } from './mount';
export { Observer } from './observer';
export { MODEL_SHA256 } from './reader';
export { table } from './table';
export type { CameraState } from './words';
export { sentence } from './words';
