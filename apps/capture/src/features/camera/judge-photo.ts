import { exposureFault, type Qc, type QcThresholds } from '@spinbay/contracts';
import { gradeQuality } from '@spinbay/imaging/kernels';
import type { DeviceQc } from '@spinbay/outbox';
import { driftBetween, isDrifted, type Light } from '../../photo/light.ts';
import type { PhotoMeasures } from '../../platform/camera.ts';

export type QcReason = 'blurry' | 'dark' | 'bright' | 'small' | 'drifted';

/**
 * The device's verdict on a photo, from a copy with a long side of 1600 pixels. The worker gives the final verdict, from
 * the original. The device uses the thresholds of the organization. It uses the profile v3 instead of v1: v1 needs every
 * pixel, and v3 measures edges at this size.
 * @param first the light around the car in the first frame of the session; null for the first frame and for stills
 */
export function judgePhoto(
  measures: PhotoMeasures,
  size: { width: number; height: number },
  thresholds: QcThresholds,
  first: Light | null,
): DeviceQc {
  const nothing = { data: new Uint8Array(), width: 0, height: 0 };
  const profile = thresholds.profile === 'v1' ? 'v3' : thresholds.profile;
  const { qc } = gradeQuality({ ...measures, reduced: nothing }, size, { ...thresholds, profile });
  const exposure = qc.exposure.status === 'pass' ? null : (exposureFault(qc.exposure) ?? clippedMost(qc.exposure));
  const drift = first === null ? null : driftBetween(first, measures.surround);
  const failures: QcReason[] = [];
  if (qc.sharpness.status === 'fail') failures.push('blurry');
  if (exposure !== null) failures.push(exposure === 'too_dark' ? 'dark' : 'bright');
  if (qc.size?.status === 'fail') failures.push('small');
  const reasons: QcReason[] = drift !== null && isDrifted(drift) ? [...failures, 'drifted'] : failures;
  const warned = reasons.length > 0 || qc.sharpness.status === 'warn' || qc.size?.status === 'warn';
  return {
    verdict: failures.length > 0 ? 'fail' : warned ? 'warn' : 'pass',
    reasons,
    measures: {
      ...(measures.edges.width !== null && { edge_width: measures.edges.width }),
      mean_luma: measures.meanLuma,
      surround_red: measures.surround.red,
      surround_green: measures.surround.green,
      surround_blue: measures.surround.blue,
      ...(drift ?? {}),
    },
  };
}

/** Whether the centre has more pure white or more pure black. */
function clippedMost({ centre }: Qc['exposure']): 'too_bright' | 'too_dark' {
  return (centre?.clipped_black ?? 0) > (centre?.clipped_white ?? 0) ? 'too_dark' : 'too_bright';
}

/** The light of a photo that was judged earlier, for use after a restart of the app. */
export function lightOf(qc: DeviceQc | null): Light | null {
  const { surround_red: red, surround_green: green, surround_blue: blue } = qc?.measures ?? {};
  return red === undefined || green === undefined || blue === undefined ? null : { red, green, blue };
}
