import { useCallback, useEffect, useState } from 'react';
import { type Camera, CameraError, type CameraFault } from '../../platform/camera.ts';
import { usePlatform } from '../../platform/platform.tsx';
import { useSettings } from '../services.tsx';

export type CameraState =
  | { readonly status: 'starting' }
  | { readonly status: 'running'; readonly camera: Camera }
  | { readonly status: 'failed'; readonly fault: CameraFault | 'stopped' };

/** Opens the camera, and closes it when the screen is left. */
export function useCamera(): CameraState & { readonly restart: () => void } {
  const { camera: port } = usePlatform();
  const { cameraId } = useSettings();
  const [state, setState] = useState<CameraState>({ status: 'starting' });
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt opens it again
  useEffect(() => {
    let left = false;
    let open: Camera | undefined;
    setState({ status: 'starting' });
    port.open(cameraId).then(
      (camera) => {
        open = camera;
        if (left) camera.close();
        else {
          camera.onStopped(() => {
            camera.close();
            setState({ status: 'failed', fault: 'stopped' });
          });
          setState({ status: 'running', camera });
        }
      },
      (error: unknown) => {
        if (!left) setState({ status: 'failed', fault: error instanceof CameraError ? error.fault : 'busy' });
      },
    );
    return () => {
      left = true;
      open?.close();
    };
  }, [port, cameraId, attempt]);

  const restart = useCallback(() => setAttempt((n) => n + 1), []);
  return { ...state, restart };
}
