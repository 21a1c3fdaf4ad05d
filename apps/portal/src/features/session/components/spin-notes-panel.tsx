import { Anchor, Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type SpinQc, spinFindings } from '@spinbay/contracts';
import { IconInfoCircle } from '@tabler/icons-react';
import { Link } from 'react-router';
import { reviewTexts } from '../../../ui/review-texts.ts';
import classes from './spin-notes.module.css';

const atFirst = 3;

/** The findings about the spin, with links to their frames. Empty without findings. */
export function SpinNotesPanel({ qc }: { qc: SpinQc }) {
  const [all, more] = useDisclosure(false);
  const notes = spinFindings(qc);
  if (notes.length === 0) return null;
  const shown = all ? notes : notes.slice(0, atFirst);
  return (
    <section className={classes.panel} aria-labelledby="spin-notes" data-testid="spin-notes">
      <h2 className={classes.title} id="spin-notes">
        <IconInfoCircle size={20} aria-hidden="true" />
        {reviewTexts.spin.title}
      </h2>
      <ul className={classes.notes}>
        {shown.map(({ text, angles }) => (
          <li key={text}>
            {text}{' '}
            {angles.map((angle) => (
              <Anchor
                key={angle}
                component={Link}
                to={`?frame=angle_${angle}`}
                preventScrollReset
                inherit
                className={classes.link}
              >
                {reviewTexts.spin.show(angle)}
              </Anchor>
            ))}
          </li>
        ))}
      </ul>
      {notes.length > shown.length && (
        <Button variant="subtle" size="compact-sm" onClick={more.open}>
          {reviewTexts.spin.more(notes.length - shown.length)}
        </Button>
      )}
    </section>
  );
}
