import { useEffect, useState } from 'react';
import { ActivityIndicator, Text, useWindowDimensions, View } from 'react-native';
import type { Shooting } from '../../features/camera/use-shooting.ts';
import { useSettings } from '../../features/services.tsx';
import { silhouetteOf } from '../../features/stills/silhouettes.ts';
import type { Camera } from '../../platform/camera.ts';
import { usePlatform } from '../../platform/platform.tsx';
import { useTexts } from '../../texts/texts.tsx';
import { Level } from './level.tsx';
import { Picture } from './picture.tsx';

const fill = { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 } as const;

interface ViewfinderProps {
  readonly camera: Camera | null;
  readonly shooting: Shooting;
  readonly isSpin: boolean;
}

/** The picture of the camera with guides for framing. */
export function Viewfinder({ camera, shooting, isSpin }: ViewfinderProps) {
  const { views } = usePlatform();
  const { grid, ghost } = useSettings();
  const texts = useTexts();
  return (
    <View style={fill}>
      {camera === null ? (
        <View style={{ flex: 1, alignItems: 'center', justifyContent: 'center', gap: 16 }}>
          <ActivityIndicator color="#ffffff" size="large" />
          <Text role="status" style={{ color: '#ffffff', fontSize: 18 }}>
            {texts.capture.starting}
          </Text>
        </View>
      ) : (
        <views.CameraPreview camera={camera}>
          {isSpin && ghost && shooting.lastPreview !== null && (
            <View pointerEvents="none" style={{ ...fill, opacity: 0.28 }} testID="ghost">
              <Picture picture={shooting.lastPreview} alt="" style={fill} />
            </View>
          )}
          {grid && <Grid />}
          {grid && <Level />}
        </views.CameraPreview>
      )}
      {!isSpin && shooting.current?.shotName != null && <Outline shotName={shooting.current.shotName} />}
      <Flash presses={shooting.presses} />
    </View>
  );
}

function Grid() {
  const line = { position: 'absolute', backgroundColor: 'rgba(255, 255, 255, 0.35)' } as const;
  const thirds = ['33.33%', '66.66%'] as const;
  return (
    <View aria-hidden pointerEvents="none" style={fill} testID="grid">
      {thirds.map((at) => (
        <View key={`x${at}`} style={{ ...line, left: at, top: 0, bottom: 0, width: 1 }} />
      ))}
      {thirds.map((at) => (
        <View key={`y${at}`} style={{ ...line, top: at, left: 0, right: 0, height: 1 }} />
      ))}
    </View>
  );
}

function Outline({ shotName }: { readonly shotName: string }) {
  const { Drawing } = usePlatform().views;
  const { width, height } = useWindowDimensions();
  const silhouette = silhouetteOf(shotName);
  const side = Math.min(width, height) * 0.95;
  if (silhouette === null) return null;
  return (
    <View
      pointerEvents="none"
      style={{ ...fill, alignItems: 'center', justifyContent: 'center', opacity: 0.6 }}
      testID="silhouette"
    >
      <View style={{ transform: [{ scaleX: silhouette.mirrored ? -1 : 1 }] }}>
        <Drawing paths={silhouette.paths} color="#ffffff" width={side} height={side} stroke={0.8} />
      </View>
    </View>
  );
}

/** A short white flash after each press. */
function Flash({ presses }: { readonly presses: number }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (presses === 0) return;
    setShown(true);
    const timer = setTimeout(() => setShown(false), 90);
    return () => clearTimeout(timer);
  }, [presses]);
  return shown ? (
    <View aria-hidden pointerEvents="none" style={{ ...fill, backgroundColor: '#ffffff', opacity: 0.75 }} />
  ) : null;
}
