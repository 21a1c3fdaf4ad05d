import type { LocalSession } from '@spinbay/outbox';
import { useEffect, useState } from 'react';
import { useWindowDimensions, View } from 'react-native';
import { Navigate, useNavigate, useParams } from 'react-router';
import { type AutoMode, useAutoShutter } from '../features/camera/use-auto-shutter.ts';
import { useCamera } from '../features/camera/use-camera.ts';
import { useShooting } from '../features/camera/use-shooting.ts';
import { useOutboxState, useQcRules, useServices, useSettings } from '../features/services.tsx';
import { useRemoteFrames } from '../features/session/remote-frames.ts';
import { isTaken, slotsOfSession } from '../features/session/session-slots.ts';
import { usePlatform } from '../platform/platform.tsx';
import { useTexts } from '../texts/texts.tsx';
import { overCamera, ThemeProvider } from '../ui/theme.tsx';
import { CameraFailed } from './parts/camera-failed.tsx';
import { CaptureOptions } from './parts/capture-options.tsx';
import { CaptureTopBar } from './parts/capture-top-bar.tsx';
import { ShootingNotices } from './parts/shooting-notices.tsx';
import { SmallCameraOnce } from './parts/small-camera.tsx';
import { SpinControls } from './parts/spin-controls.tsx';
import { StillsControls } from './parts/stills-controls.tsx';
import { Viewfinder } from './parts/viewfinder.tsx';

export function CaptureScreen() {
  const { sessionId } = useParams();
  const { sessions } = useOutboxState();
  const session = sessions.find(({ id }) => id === sessionId);
  if (session === undefined) return <Navigate to="/" replace />;
  return (
    <ThemeProvider theme={overCamera}>
      <Capture key={session.id} session={session} />
    </ThemeProvider>
  );
}

function Capture({ session }: { readonly session: LocalSession }) {
  const { client } = useServices();
  const { hand } = useSettings();
  const platform = usePlatform();
  const texts = useTexts();
  const navigate = useNavigate();
  const { width, height } = useWindowDimensions();
  const remote = useRemoteFrames(client, session.id, session.announced);
  const slots = slotsOfSession(session, remote);
  const cameraState = useCamera();
  const { size_fail: minimum } = useQcRules();
  const opened = cameraState.status === 'running' ? cameraState.camera : null;
  const isTooSmall = opened !== null && Math.max(opened.width, opened.height) < minimum;
  const camera = isTooSmall ? null : opened;
  const shooting = useShooting(session, slots, camera);
  const [auto, setAuto] = useState<AutoMode>('off');
  const [options, setOptions] = useState(false);
  const { press } = shooting;
  const autoState = useAutoShutter(options ? 'off' : auto, camera, shooting.current !== null, press);

  useEffect(() => platform.keepAwake(), [platform]);
  // The options cover the camera, so no key may take a photo.
  useEffect(() => (options ? undefined : platform.onShutterKey(press)), [platform, press, options]);

  const landscape = width > height;
  const isSpin = session.mode === 'studio360';
  const done = () => navigate(`/sessions/${session.id}/review`);
  const canFinish = slots.every((slot) => isTaken(slot) || !slot.required) && shooting.saving.size === 0;
  const controls = { slots, shooting, landscape, hand, canFinish, ready: camera !== null, onDone: done };
  const refused =
    cameraState.status === 'failed'
      ? texts.capture.faults[cameraState.fault]
      : isTooSmall && {
          title: texts.capture.smallPicture(opened.width, opened.height),
          detail: texts.capture.refusedPicture(minimum),
        };
  if (refused) {
    return (
      <View role="main" style={{ flex: 1, backgroundColor: '#000000' }}>
        <CameraFailed {...refused} onRetry={cameraState.restart} onBack={() => navigate('/')} />
      </View>
    );
  }
  return (
    <View
      role="main"
      id="camera-screen"
      style={{
        flex: 1,
        backgroundColor: '#000000',
        overflow: 'hidden',
        flexDirection: !landscape ? 'column' : hand === 'right' ? 'row' : 'row-reverse',
      }}
    >
      <View style={{ flex: 1 }}>
        <Viewfinder camera={camera} shooting={shooting} isSpin={isSpin} />
        <CaptureTopBar
          session={session}
          shooting={shooting}
          autoState={autoState}
          isSpin={isSpin}
          onBack={() => navigate('/')}
          onOptions={() => setOptions(true)}
        />
        <View pointerEvents="box-none" style={{ flex: 1, justifyContent: 'flex-end' }}>
          {camera !== null && shooting.notice === null && <SmallCameraOnce camera={camera} />}
          <ShootingNotices
            shooting={shooting}
            slots={slots}
            onRestartCamera={() => {
              shooting.dismiss();
              cameraState.restart();
            }}
          />
        </View>
      </View>
      {isSpin ? <SpinControls {...controls} /> : <StillsControls {...controls} />}
      {options && (
        <CaptureOptions
          auto={auto}
          onAuto={setAuto}
          camera={camera}
          shooting={shooting}
          isSpin={isSpin}
          onReview={done}
          onClose={() => setOptions(false)}
        />
      )}
    </View>
  );
}
