import { useState } from 'react';
import { useReview } from '../review.ts';
import classes from './lightbox.module.css';
import { PictureFailed } from './picture-failed.tsx';

interface LargePictureProps {
  /** The 1200 x 1200 px picture. */
  readonly src: string;
  /** The loaded original. Its middle covers the picture. */
  readonly original: string | undefined;
  readonly label: string;
}

export function LargePicture({ src, original, label }: LargePictureProps) {
  const { renew } = useReview();
  const [failed, setFailed] = useState<string | null>(null);
  const [again, setAgain] = useState(0);
  if (failed === src) {
    return (
      <div className={classes.failed}>
        <PictureFailed
          label={label}
          onRetry={() => {
            setFailed(null);
            setAgain((times) => times + 1);
          }}
        />
      </div>
    );
  }
  return (
    <div className={classes.picture}>
      <img
        key={again}
        src={src}
        alt={label}
        draggable={false}
        onError={() => {
          setFailed(src);
          renew(src);
        }}
      />
      {original !== undefined && <img src={original} alt="" draggable={false} data-testid="original" />}
    </div>
  );
}
