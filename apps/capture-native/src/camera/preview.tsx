import type { Camera } from '@spinbay/capture/platform/camera.ts';
import { type ReactNode, useEffect, useMemo } from 'react';
import { StyleSheet } from 'react-native';
import { callback } from 'react-native-nitro-modules';
import { NativePreviewView, type PreviewView } from 'react-native-vision-camera';
import { VisionCamera } from './vision-camera';

interface CameraPreviewProps {
  readonly camera: Camera;
  readonly children?: ReactNode;
}

/** The live picture of the camera with the children over it. Hidden from screen readers. */
export function CameraPreview({ camera, children }: CameraPreviewProps) {
  const own = camera instanceof VisionCamera ? camera : null;
  const ref = useMemo(() => callback((view: PreviewView) => own?.attach(view)), [own]);
  useEffect(() => () => own?.attach(null), [own]);
  if (own === null) return null;
  return (
    <>
      <NativePreviewView
        hybridRef={ref}
        previewOutput={own.previewOutput}
        resizeMode="contain"
        style={StyleSheet.absoluteFill}
        accessibilityElementsHidden
        importantForAccessibility="no-hide-descendants"
      />
      {children}
    </>
  );
}
