import { useEffect, useState } from 'react';
import { useServices } from '../../features/services.tsx';
import type { Camera, CameraChoice } from '../../platform/camera.ts';
import { usePlatform } from '../../platform/platform.tsx';
import { useTexts } from '../../texts/texts.tsx';
import { Choice } from '../../ui/choice.tsx';

/** Chooses one of several cameras. Shows nothing on a device with one. @param camera the one that runs */
export function ChooseCamera({ camera }: { readonly camera: Camera | null }) {
  const { camera: port } = usePlatform();
  const { settings } = useServices();
  const texts = useTexts();
  const [choices, setChoices] = useState<readonly CameraChoice[]>([]);

  useEffect(() => {
    let left = false;
    // Without a list there is nothing to choose, and the operator can still try again.
    void port.list().then(
      (list) => !left && setChoices(list),
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [port]);

  if (choices.length < 2) return null;
  return (
    <Choice
      label={texts.capture.camera}
      options={choices.map(({ id, label }, k) => ({ value: id, title: label || texts.capture.cameraNumber(k + 1) }))}
      value={camera?.id ?? ''}
      onChange={(cameraId) => settings.change({ cameraId })}
    />
  );
}
