import { Button, Checkbox, Text } from '@mantine/core';
import { IconArrowBackUp, IconWorldUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { reviewTexts } from '../../../ui/review-texts.ts';
import type { Unpublished } from '../publishing.ts';
import { Ask } from './ask.tsx';
import classes from './review-bar.module.css';

export interface PublishAllProps {
  readonly unpublished: Unpublished;
  /** The number of published frames. */
  readonly published: number;
  readonly onPublish: (options: { warned: boolean }) => void;
  readonly onUnpublish: () => void;
}

const { publish: words } = reviewTexts;

/**
 * Publishes all frames that passed and, if selected, those with a warning. Unpublishes all after a question. Once all passed
 * frames are published, the button is inactive until the warnings are selected, so that a second click does not publish
 * them.
 */
export function PublishAll({ unpublished, published, onPublish, onUnpublish }: PublishAllProps) {
  const [warnedWanted, setWarnedWanted] = useState(false);
  const [asking, setAsking] = useState(false);
  const { passed, warned } = unpublished;
  const withWarned = warnedWanted && warned > 0;
  const count = passed + (withWarned ? warned : 0);
  if (passed + warned + published === 0) return null;
  return (
    <>
      {published > 0 && (
        <Button
          variant="default"
          leftSection={<IconArrowBackUp size={18} aria-hidden="true" />}
          data-testid="unpublish-all"
          onClick={() => setAsking(true)}
        >
          {words.unpublishAll}
        </Button>
      )}
      <div className={classes.publishAll}>
        <Button
          leftSection={<IconWorldUpload size={18} aria-hidden="true" />}
          data-testid="publish-all"
          // Not `disabled`, because the button would lose the focus.
          aria-disabled={count === 0}
          data-disabled={count === 0 || undefined}
          onClick={() => {
            if (count === 0) return;
            onPublish({ warned: withWarned });
            setWarnedWanted(false);
          }}
        >
          {withWarned ? words.allWithWarned(passed, warned) : passed > 0 ? words.all(passed) : words.allDone(published)}
        </Button>
        {warned > 0 && (
          <Checkbox
            checked={warnedWanted}
            onChange={(event) => setWarnedWanted(event.currentTarget.checked)}
            label={words.andWarned(warned)}
            data-testid="and-warned"
          />
        )}
      </div>
      {asking && (
        <Ask
          title={words.askUnpublishAll.title(published)}
          confirm={words.askUnpublishAll.confirm}
          cancel={words.askUnpublishAll.cancel}
          onConfirm={onUnpublish}
          onClose={() => setAsking(false)}
        >
          <Text size="sm">{words.askUnpublishAll.body}</Text>
        </Ask>
      )}
    </>
  );
}
