/** Tells the service by which calibration this page judges: seven numbers, once; tried again while the network is gone. */

import { Baseline } from '../camera/baseline';
import { call, Problem } from './api';

const AGAIN = 5000; // milliseconds
const MOST = 60; // tries: five minutes

export function calibrated(prefix: string, session: string): (baseline: Baseline) => void {
  const tell = (baseline: Baseline, tries: number): void => {
    const { yaw, pitch, gaze, ear, luma, std, widening } = baseline;
    const body = { yaw, pitch, gaze, ear, luma: luma ?? null, std: std ?? null, widening };
    call(prefix, 'POST', `sessions/${session}/calibration`, body).catch((error: unknown) => {
      if (error instanceof Problem && error.status === 0 && tries < MOST) {
        window.setTimeout(() => tell(baseline, tries + 1), AGAIN);
      }
    });
  };
  return baseline => tell(baseline, 1);
}
