import { useEffect, useState } from 'react';
import { View } from 'react-native';
import { usePlatform } from '../../platform/platform.tsx';

/** A tilt below this many degrees counts as level. */
const levelWithin = 1;

/** A line that stays level while the phone is turned. It is green when the phone is level. */
export function Level() {
  const platform = usePlatform();
  const [tilt, setTilt] = useState<number | null>(null);
  useEffect(() => {
    // Rounded to half a degree, because rendering every value would slow down the preview.
    return platform.watchTilt((degrees) => setTilt(degrees === null ? null : Math.round(degrees * 2) / 2));
  }, [platform]);
  if (tilt === null) return null;
  const color = Math.abs(tilt) < levelWithin ? '#7fd8a4' : '#ffcf7a';
  return (
    <View
      aria-hidden
      pointerEvents="none"
      style={{
        position: 'absolute',
        top: '50%',
        left: '35%',
        right: '35%',
        height: 2,
        backgroundColor: color,
        transform: [{ rotate: `${tilt}deg` }],
      }}
      testID="level"
    />
  );
}
