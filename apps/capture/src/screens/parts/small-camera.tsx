import { useState } from 'react';
import { View } from 'react-native';
import type { Camera } from '../../platform/camera.ts';
import { useTexts } from '../../texts/texts.tsx';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { ThemeProvider } from '../../ui/theme.tsx';

/** Smaller photos are enlarged on a large screen. */
const smallestGoodSide = 1600;

interface SmallCameraProps {
  readonly camera: Camera;
  readonly onDismiss?: () => void;
}

/** A warning about a camera with few pixels. Shows nothing for other cameras. */
export function SmallCamera({ camera, onDismiss }: SmallCameraProps) {
  const texts = useTexts();
  if (Math.max(camera.width, camera.height) >= smallestGoodSide) return null;
  const title = texts.capture.smallPicture(camera.width, camera.height);
  return (
    <Notice kind="warning" title={title} detail={texts.capture.smallPictureDetail} testID="small-camera">
      {onDismiss && <Button title={texts.close} onPress={onDismiss} />}
    </Notice>
  );
}

/** The warning over the picture, until the operator closes it. */
export function SmallCameraOnce({ camera }: { readonly camera: Camera }) {
  const [dismissed, setDismissed] = useState(false);
  if (dismissed) return null;
  return (
    <ThemeProvider>
      <View pointerEvents="box-none" style={{ padding: 12, width: '100%', maxWidth: 560, alignSelf: 'center' }}>
        <SmallCamera camera={camera} onDismiss={() => setDismissed(true)} />
      </View>
    </ThemeProvider>
  );
}
