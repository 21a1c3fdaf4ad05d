import { useEffect, useState } from 'react';
import { Image, type ImageStyle, type StyleProp } from 'react-native';
import type { Picture as StoredPicture } from '../../platform/picture.ts';
import { usePlatform } from '../../platform/platform.tsx';

interface PictureProps {
  readonly picture: StoredPicture;
  readonly alt: string;
  readonly resizeMode?: 'cover' | 'contain';
  readonly style: StyleProp<ImageStyle>;
}

/** Shows a picture of this device. Its URL is revoked afterwards. */
export function Picture({ picture, alt, resizeMode = 'contain', style }: PictureProps) {
  const platform = usePlatform();
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const address = platform.pictureUrl(picture);
    setUrl(address.url);
    return address.release;
  }, [picture, platform]);
  return url === null ? null : <Image source={{ uri: url }} alt={alt} resizeMode={resizeMode} style={style} />;
}
