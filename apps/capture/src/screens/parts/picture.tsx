import { useEffect, useState } from 'react';
import { Image, type StyleProp } from 'react-native';
import { usePlatform } from '../../platform/platform.tsx';

interface PictureProps {
  readonly picture: Blob;
  readonly alt: string;
  readonly resizeMode?: 'cover' | 'contain';
  readonly style: StyleProp;
}

/** A picture in memory. Its URL is valid as long as it is shown. */
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
