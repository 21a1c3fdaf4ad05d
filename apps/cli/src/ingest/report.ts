import {
  damageWords,
  edgeWidthWords,
  edgeWords,
  exposureFault,
  type Image,
  type Qc,
  scoreWords,
  sizeWords,
  slotKey,
  spinFindings,
  thresholdWords,
} from '@spinbay/contracts';
import { printable } from '../terminal/print.ts';
import { table } from '../terminal/table.ts';
import { type IngestedFrame, type IngestResult, isDelivered, isGood } from './ingest-folder.ts';

/** 0: all delivered and passed. 1: a photo was not delivered. 2: all delivered, some failed quality control. */
export function exitStatus({ frames, leftOut }: IngestResult): number {
  if (!frames.every(isDelivered) || leftOut.some(({ isPicture }) => isPicture)) return 1;
  return frames.every(isGood) ? 0 : 2;
}

export function asJson({ session, frames, leftOut, notInFolder, spinQc, thresholds, seconds }: IngestResult) {
  return {
    session_id: session.id,
    session_status: session.status,
    images: frames.map((frame) => ({
      id: frame.id,
      ...frame.slot,
      status: frame.status,
      qc: frame.image?.qc ?? null,
      file: frame.file,
      reason: reasonOf(frame),
    })),
    seconds: { uploaded: round(seconds.uploaded), visible: round(seconds.visible) },
    findings: spinQc === null ? [] : spinFindings(spinQc),
    spin_qc: spinQc,
    qc_thresholds: thresholds,
    left_out: leftOut.map(({ file, why }) => ({ file, why })),
    not_in_folder: notInFolder.map(({ id, angle_deg, shot_name, status }) => ({ id, angle_deg, shot_name, status })),
  };
}

export function asText(result: IngestResult): string {
  const { session, frames, leftOut, notInFolder, spinQc, thresholds, seconds } = result;
  const rows = frames.map((frame) => {
    const qc = frame.image?.qc;
    return [
      frame.file,
      slotKey(frame.slot),
      frame.status,
      qc ? `${qc.sharpness.status} ${judgedScore(frame.image)}` : '',
      qc?.exposure.status ?? '',
      reasonOf(frame) ?? '',
    ];
  });
  const findings = spinQc === null ? [] : spinFindings(spinQc).map(({ text }) => `  ${text}`);
  const after = round(seconds.visible - seconds.uploaded);
  return [
    table([['file', 'slot', 'status', 'sharpness', 'exposure', ''], ...rows]),
    ...section(
      'Left out:',
      leftOut.map(({ file, why }) => `  ${printable(file)} ${why}`),
    ),
    ...section(
      'In this session, but not in the folder:',
      notInFolder.map((image) => `  ${slotKey(image)} ${image.status}`),
    ),
    ...section('The spin as a whole:', findings),
    '',
    `${frames.filter(isGood).length} of ${frames.length} frames are good. The delivered frames were visible ${after} s after the last upload. Session ${session.id}, ${session.status}.`,
    ...(thresholds === null ? [] : [`Frames were judged by ${thresholdWords(thresholds)}.`]),
    ...nextSteps(result),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

/** What is wrong, and what to do about it. Empty if everything is good. */
function nextSteps({ session, frames, leftOut }: IngestResult): string[] {
  const missing = frames.filter((frame) => !isDelivered(frame)).length;
  const failed = frames.filter((frame) => isDelivered(frame) && !isGood(frame));
  const omitted = leftOut.filter(({ isPicture }) => isPicture).length;
  const steps = [];
  if (missing > 0)
    steps.push(`${count(missing)} not delivered, for the reasons above. Fix the cause and run the same command again.`);
  if (failed.length > 0)
    steps.push(
      `${count(failed.length)} delivered but failed quality control: ${failed.map(({ slot }) => slotKey(slot)).join(', ')}. Shoot them again, replace the old files with the new ones, and run the same command again.`,
    );
  if (omitted > 0)
    steps.push(`${omitted === 1 ? '1 picture was' : `${omitted} pictures were`} left out, for the reasons above.`);
  if (steps.length > 0 && session.status === 'active') steps.push('The session stays open until then.');
  return steps;
}

function count(frames: number): string {
  return frames === 1 ? '1 frame was' : `${frames} frames were`;
}

/** The reason why a frame is not good, or a remark about a good one. */
function reasonOf({ refused, image, status }: IngestedFrame): string | null {
  if (refused !== null) return refused;
  if (status === 'pending')
    return 'was uploaded and is safe, but is not measured yet. Run "npx spinbay doctor" to check the worker\'s queue.';
  if (image === null) return null;
  if (image.failure !== null) return image.failure.message;
  const faults = image.qc === null ? [] : faultsOf(image.qc, image.qc_version);
  if (faults.length > 0) return `${faults.join(', ')}. Shoot it again.`;
  const doubts = image.qc === null ? [] : [...sizeWords(image.qc), ...damageWords(image.qc)];
  if (doubts.length > 0) return `${doubts.join(', ')}.`;
  return image.superseded ? 'a newer photo has replaced it in its slot.' : null;
}

function faultsOf(qc: Qc, version: number | null): string[] {
  const { sharpness, exposure, size, damage } = qc;
  const faults = [];
  const edges = version === 3 ? sharpness.edges : undefined;
  if (sharpness.status === 'fail') faults.push(edges ? edgeWords(edges) : 'blurry');
  if (exposure.status === 'fail') {
    const bright = version === 3 ? exposureFault(exposure) === 'too_bright' : undefined;
    faults.push((bright ?? exposure.clipped_white > exposure.clipped_black) ? 'overexposed' : 'underexposed');
  }
  if (size?.status === 'fail') faults.push(...sizeWords(qc));
  if (damage?.status === 'fail') faults.push(...damageWords(qc));
  return faults;
}

function judgedScore(image: Pick<Image, 'qc' | 'qc_version'> | null): string {
  const sharpness = image?.qc?.sharpness;
  const width = image?.qc_version === 3 ? sharpness?.edges?.width : undefined;
  if (width !== undefined && width !== null) return `${edgeWidthWords(width)} px`;
  return scoreWords((image?.qc_version === 2 ? sharpness?.score_1000 : undefined) ?? sharpness?.score ?? 0);
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
