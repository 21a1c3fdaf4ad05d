import { useEffect, useState } from 'react';
import { Text, View } from 'react-native';
import { useCamera } from '../../features/camera/use-camera.ts';
import { useSettings } from '../../features/services.tsx';
import { type ScanState, useVinScan } from '../../features/session/use-vin-scan.ts';
import type { CodeReader } from '../../platform/code-reader.ts';
import { usePlatform } from '../../platform/platform.tsx';
import { useTexts } from '../../texts/texts.tsx';
import { Button, Buttons } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Notice } from '../../ui/notice.tsx';
import { radius, useTheme } from '../../ui/theme.tsx';
import { ChooseCamera } from './choose-camera.tsx';

interface ScanVinProps {
  /** What the field contains. */
  readonly vin: string;
  readonly onVin: (vin: string) => void;
}

/** Reads the VIN from a barcode of the car. Shows nothing on a device that cannot read barcodes. */
export function ScanVin({ vin, onVin }: ScanVinProps) {
  const platform = usePlatform();
  const { sound } = useSettings();
  const texts = useTexts();
  const theme = useTheme();
  const [reader, setReader] = useState<CodeReader | null>(null);
  const [open, setOpen] = useState(false);
  const [scanned, setScanned] = useState<string | null>(null);

  useEffect(() => {
    let left = false;
    void platform.codes.open().then((opened) => !left && setReader(opened));
    return () => {
      left = true;
    };
  }, [platform]);

  if (reader === null) return null;
  if (open) {
    const found = (text: string) => {
      platform.feedback('done', sound);
      setOpen(false);
      setScanned(text);
      onVin(text);
    };
    return <Scanner reader={reader} onVin={found} onClose={() => setOpen(false)} />;
  }
  return (
    <View style={{ gap: 6 }}>
      <Button
        title={texts.scan.action}
        icon={<Icon name="camera" color={theme.text} />}
        onPress={() => setOpen(true)}
        testID="scan-vin"
      />
      {scanned !== null && scanned === vin && (
        <Text role="status" style={{ color: theme.dim, fontSize: 15 }}>
          {texts.scan.done}
        </Text>
      )}
    </View>
  );
}

interface ScannerProps {
  readonly reader: CodeReader;
  readonly onVin: (vin: string) => void;
  readonly onClose: () => void;
}

function Scanner({ reader, onVin, onClose }: ScannerProps) {
  const { views } = usePlatform();
  const texts = useTexts();
  const theme = useTheme();
  const cameraState = useCamera();
  const camera = cameraState.status === 'running' ? cameraState.camera : null;
  const scan = useVinScan(reader, camera, onVin);
  const typing = <Button title={texts.scan.type} onPress={onClose} testID="scan-close" />;

  if (cameraState.status === 'failed') {
    const { title, detail } = texts.capture.faults[cameraState.fault];
    return (
      <Notice kind="danger" title={title} detail={detail} testID="scan-fault">
        <ChooseCamera camera={null} />
        <Buttons>
          <Button title={texts.retry} onPress={cameraState.restart} />
          {typing}
        </Buttons>
      </Notice>
    );
  }
  if (scan.status === 'unreadable') {
    return (
      <Notice kind="danger" title={texts.scan.unreadable} detail={scan.reason} testID="scan-fault">
        {typing}
      </Notice>
    );
  }
  return (
    <View style={{ gap: 12 }}>
      <View style={{ height: 280, overflow: 'hidden', borderRadius: radius, backgroundColor: '#000000' }}>
        {camera !== null && <views.CameraPreview camera={camera} />}
      </View>
      <Text role="status" testID="scan-status" style={{ color: theme.text, fontSize: 16, lineHeight: 22 }}>
        {camera === null ? texts.capture.starting : words(scan)}
      </Text>
      {typing}
    </View>
  );

  function words(state: ScanState): string {
    if (state.status === 'other') return texts.scan.other(state.text);
    return state.status === 'nothing' ? texts.scan.nothing : texts.scan.looking;
  }
}
