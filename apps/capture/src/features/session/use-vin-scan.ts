import { useEffect, useRef, useState } from 'react';
import type { Camera } from '../../platform/camera.ts';
import type { CodeReader } from '../../platform/code-reader.ts';
import { scanCodes, startScan } from './scanned-vin.ts';

/**
 * - `nothing`: no code for some seconds
 * - `unreadable`: the device cannot read codes, although the system says that it can
 */
export type ScanState =
  | { readonly status: 'looking' | 'nothing' }
  | { readonly status: 'other'; readonly text: string }
  | { readonly status: 'unreadable'; readonly reason: string };

const readEveryMs = 200;
const patienceMs = 8_000;

/** Looks for the VIN in the picture of the camera until it has found one. */
export function useVinScan(reader: CodeReader, camera: Camera | null, onVin: (vin: string) => void): ScanState {
  const [state, setState] = useState<ScanState>({ status: 'looking' });
  const latest = useRef(onVin);
  latest.current = onVin;

  useEffect(() => {
    if (camera === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    let scan = startScan;
    setState({ status: 'looking' });
    const patience = setTimeout(
      () => setState((before) => (before.status === 'looking' ? { status: 'nothing' } : before)),
      patienceMs,
    );
    const look = async () => {
      try {
        const texts = await reader.read(camera);
        if (left) return;
        scan = scanCodes(scan, texts);
        if (scan.vin !== null) return latest.current(scan.vin);
        const { other } = scan;
        if (other !== null) setState({ status: 'other', text: other });
        timer = setTimeout(look, readEveryMs);
      } catch (error) {
        if (!left) setState({ status: 'unreadable', reason: String(error) });
      }
    };
    void look();
    return () => {
      left = true;
      clearTimeout(timer);
      clearTimeout(patience);
    };
  }, [reader, camera]);
  return state;
}
