import type { Camera } from '@spinbay/capture/platform/camera.ts';
import { useEffect, useMemo } from 'react';
import { StyleSheet } from 'react-native';
import { callback } from 'react-native-nitro-modules';
import { NativePreviewView, type PreviewView } from 'react-native-vision-camera';
import { VisionCamera } from './vision-camera';

/** What the camera sees. It is there for the eyes: a screen reader has nothing of it. */
export function CameraPreview({ camera }: { readonly camera: Camera }) {
  const own = camera instanceof VisionCamera ? camera : null;
  const ref = useMemo(() => callback((view: PreviewView) => own?.attach(view)), [own]);
  useEffect(() => () => own?.attach(null), [own]);
  if (own === null) return null;
  return (
    <NativePreviewView
      hybridRef={ref}
      previewOutput={own.previewOutput}
      resizeMode="contain"
      style={StyleSheet.absoluteFill}
      accessibilityElementsHidden
      importantForAccessibility="no-hide-descendants"
    />
  );
}
