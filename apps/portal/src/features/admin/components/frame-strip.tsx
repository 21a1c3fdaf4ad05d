import { Button, Text } from '@mantine/core';
import { type QcFrame, type QcProfile, scoreWords, slotKey, type Verdict } from '@spinbay/contracts';
import { IconPhotoOff } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { figureOf } from '../calibration.ts';
import classes from './quality.module.css';

interface FrameStripProps {
  readonly title: string;
  readonly tone?: Verdict;
  readonly profile: QcProfile;
  readonly frames: readonly QcFrame[];
  /** The verdict of each frame. Default: `tone` for all. */
  readonly verdicts?: readonly Verdict[];
  readonly none: string;
}

const words = adminTexts.quality;
/** The number of pictures shown at first, and added by the button. All 500 would make the page very long. */
const pageSize = 24;

/** Frames with the figure that a profile judges by. Each is a link to its session. */
export function FrameStrip({ title, tone, profile, frames, verdicts, none }: FrameStripProps) {
  const [visible, setVisible] = useState(pageSize);
  return (
    <div className={classes.strip}>
      <Text fw={600} size="sm" component="h3">
        {title}
      </Text>
      {frames.length === 0 && (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      )}
      <ul className={classes.frames} aria-label={title}>
        {frames.slice(0, visible).map((frame, k) => {
          const figure = figureWords(frame, profile);
          const name = slotKey(frame).replaceAll('_', ' ');
          return (
            <li key={frame.image_id} data-testid="qc-frame" data-verdict={verdicts?.[k] ?? tone}>
              <Link
                className={classes.frame}
                // By the id, because the slot may show another frame.
                to={`/sessions/${frame.session_id}?frame=${frame.image_id}`}
                aria-label={words.open(name, figure)}
              >
                {frame.thumb_url === null ? (
                  <span className={classes.noPicture}>
                    <IconPhotoOff size={22} aria-hidden="true" />
                  </span>
                ) : (
                  <img src={frame.thumb_url} alt="" width={150} height={100} loading="lazy" decoding="async" />
                )}
                <span className={classes.figure}>{figure}</span>
              </Link>
            </li>
          );
        })}
      </ul>
      {frames.length > visible && (
        <Button variant="default" size="xs" mt="sm" onClick={() => setVisible(visible + pageSize)}>
          {adminTexts.more} ({adminTexts.shown(visible, frames.length)})
        </Button>
      )}
    </div>
  );
}

function figureWords(frame: QcFrame, profile: QcProfile): string {
  const figure = figureOf(frame, profile);
  if (figure === null) return '–';
  return profile === 'v3' ? words.px(figure) : scoreWords(figure);
}
